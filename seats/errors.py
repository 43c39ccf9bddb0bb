"""Why a wish about seats is refused.

ALREADY_WITHDRAWN, BAD_PAUSE_REASON, BAD_RULE_HOURS, CALL_IN_PROGRESS, DEVICE_NOT_REGISTERED, NO_SUCH_PLAN_ENTRY,
NO_SUCH_SEAT, NOBODY_AT_SEAT, NOT_AT_A_SEAT, NOTHING_TO_UNDO, OPEN_SEATS_TOO_FEW, OPEN_SEATS_TOO_MANY, SEAT_CLOSED,
SEAT_TAKEN, SEATS_FULL, SIGNED_IN_ELSEWHERE, SIGN_IN_UNFINISHED, SWITCH_UNAVAILABLE, WINDOW_BACKWARDS, WINDOW_PAST,
WINDOW_TOO_LONG, WRAP_UP_ALREADY_EXTENDED, WRAP_UP_NOT_RUNNING. Queue rules: NOT_AN_OPERATOR, NUMBER_LISTED,
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
    zh = "至少要开放 {least} 个坐席;确需全部关闭,请明确确认(将记入审计)"
    en = "At least {least} seat must stay open; closing all needs an explicit, audited confirmation"


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


class NoSuchPlanEntry(HotlineError):
    code, status = "NO_SUCH_PLAN_ENTRY", 404
    zh, en = "席位计划中没有这一条", "The seat plan has no such entry"


class AlreadyWithdrawn(HotlineError):
    code, status = "ALREADY_WITHDRAWN", 409
    zh, en = "这一条已经撤销", "This entry has been withdrawn already"


class NothingToUndo(HotlineError):
    code, status = "NOTHING_TO_UNDO", 409
    zh, en = "没有仍在起作用的调整可以撤销", "No change is left that still has an effect"


class WindowBackwards(HotlineError):
    code, status = "WINDOW_BACKWARDS", 422
    zh, en = "结束时间必须晚于开始时间", "The end must be later than the beginning"


class WindowPast(HotlineError):
    code, status = "WINDOW_PAST", 422
    zh, en = "该时段已经过去", "This span of time is over already"


class WindowTooLong(HotlineError):
    code, status = "WINDOW_TOO_LONG", 422
    zh = "时段最长 {days} 天,更长的请改常设规则"
    en = "A span lasts {days} days at most; for longer change a standing rule"


class BadRuleHours(HotlineError):
    code, status = "BAD_RULE_HOURS", 422
    zh = "常设规则的时段须在同一天内(00:00–24:00),跨夜请分成两条"
    en = "A standing rule lies within one day (00:00–24:00); make two for hours over midnight"


class NobodyAtSeat(HotlineError):
    code, status = "NOBODY_AT_SEAT", 404
    zh, en = "{seat} 号坐席现在没有人", "Nobody is at seat {seat} now"
