"""Why a wish about seats is refused.

BAD_PAUSE_REASON, CALL_IN_PROGRESS, DEVICE_NOT_REGISTERED, NO_SUCH_SEAT, NOT_AT_A_SEAT, OPEN_SEATS_TOO_FEW,
OPEN_SEATS_TOO_MANY, SEAT_CLOSED, SEAT_TAKEN, SEATS_FULL, SIGNED_IN_ELSEWHERE, SIGN_IN_UNFINISHED,
SWITCH_UNAVAILABLE, WRAP_UP_ALREADY_EXTENDED, WRAP_UP_NOT_RUNNING. Queue rules: NOT_AN_OPERATOR, NUMBER_LISTED,
NUMBER_MALFORMED, RULES_REFUSED.
"""

from core.errors import HotlineError


class NoSuchSeat(HotlineError):
    code, status = "NO_SUCH_SEAT", 404
    zh, en = "没有 {seat} 号坐席", "There is no seat {seat}"


class SeatClosed(HotlineError):
    code, status = "SEAT_CLOSED", 409
    zh, en = "{seat} 号坐席已停用", "Seat {seat} is out of service"


class SeatTaken(HotlineError):
    code, status = "SEAT_TAKEN", 409
    zh = "{seat} 号坐席自 {since} 起由{agent}使用"
    en = "Seat {seat} has been taken by {agent} since {since}"


class SeatsFull(HotlineError):
    code, status = "SEATS_FULL", 409
    zh = "开放的坐席已满({taken}/{open})"
    en = "All open seats are taken ({taken}/{open})"


class SignedInElsewhere(HotlineError):
    code, status = "SIGNED_IN_ELSEWHERE", 409
    zh, en = "您已在 {seat} 号坐席签入", "You are already signed in at seat {seat}"


class SignInUnfinished(HotlineError):
    code, status = "SIGN_IN_UNFINISHED", 409
    zh, en = "签入尚未完成,请稍候", "The sign-in is still under way"


class NotAtASeat(HotlineError):
    code, status = "NOT_AT_A_SEAT", 404
    zh, en = "您尚未签入坐席", "You are not signed in at a seat"


class SwitchUnavailable(HotlineError):
    code, status = "SWITCH_UNAVAILABLE", 503
    zh = "电话交换机未确认此操作,请稍后重试"
    en = "The telephone switch did not confirm this; try again shortly"


class DeviceNotRegistered(HotlineError):
    code, status = "DEVICE_NOT_REGISTERED", 409
    zh = "{seat} 号坐席的话机未注册,请检查耳机和网络"
    en = "The telephone of seat {seat} is not registered; check headset and network"


class BadPauseReason(HotlineError):
    code, status = "BAD_PAUSE_REASON", 422
    zh, en = "示忙原因无效:{reason}", "Not a reason for a pause: {reason}"


class CallInProgress(HotlineError):
    code, status = "CALL_IN_PROGRESS", 409
    zh, en = "通话中不能签出,请先结束通话", "Finish the call before signing out"


class WrapUpNotRunning(HotlineError):
    code, status = "WRAP_UP_NOT_RUNNING", 409
    zh, en = "当前不在话后整理状态", "There is no wrap-up to extend"


class WrapUpAlreadyExtended(HotlineError):
    code, status = "WRAP_UP_ALREADY_EXTENDED", 409
    zh, en = "话后整理只能延长一次", "A wrap-up can be extended only once"


class OpenSeatsTooMany(HotlineError):
    code, status = "OPEN_SEATS_TOO_MANY", 409
    zh = "坐席总数为 {physical},已开放 {open},最多还能开放 {free} 个"
    en = "There are {physical} seats, {open} are open: only {free} more can be opened"


class OpenSeatsTooFew(HotlineError):
    code, status = "OPEN_SEATS_TOO_FEW", 409
    zh, en = "至少要开放 {least} 个坐席", "At least {least} seat must stay open"


class RulesRefused(HotlineError):
    """`problems`: field, code, zh and en of each."""

    code, status = "RULES_REFUSED", 409
    zh, en = (
        "规则有误,未应用,原规则继续有效",
        "The rules are wrong and were not applied; the old ones hold",
    )


class NotAnOperator(HotlineError):
    code, status = "NOT_AN_OPERATOR", 404
    zh, en = "没有这位话务员", "There is no such operator"


class NumberMalformed(HotlineError):
    code, status = "NUMBER_MALFORMED", 409
    zh, en = "号码无效", "Not a telephone number"


class NumberListed(HotlineError):
    code, status = "NUMBER_LISTED", 409
    zh, en = "该号码已在名单中", "This number is on the list already"
