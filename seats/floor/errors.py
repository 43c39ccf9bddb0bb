"""Why a shift leader's wish is refused.

AGENT_IN_CALL, ALREADY_TAKEN_OVER, LAST_READY_SEAT, LAST_STAFFED_SEAT, MONITOR_FROM_NOT_READY, NO_MANAGER_PHONE,
NO_MONITOR, NOTHING_TO_HEAR, OWN_CALL, SEAT_NOT_STAFFED.
"""

from core.errors import HotlineError


class SeatNotStaffed(HotlineError):
    code, status = "SEAT_NOT_STAFFED", 409
    zh, en = "{seat} 号坐席无人签入", "Nobody is signed in at seat {seat}"


class NothingToHear(HotlineError):
    code, status = "NOTHING_TO_HEAR", 409
    zh, en = "{seat} 号坐席当前没有通话", "Nobody talks at seat {seat} now"


class OwnCall(HotlineError):
    code, status = "OWN_CALL", 409
    zh, en = "不能监听自己的通话", "This is your own call"


class MonitorFromNotReady(HotlineError):
    code, status = "MONITOR_FROM_NOT_READY", 409
    zh = "您在 {seat} 号坐席,请先示忙再监听"
    en = "You work at seat {seat}: set yourself not ready first"


class NoManagerPhone(HotlineError):
    code, status = "NO_MANAGER_PHONE", 409
    zh = "班长话机({count} 部)都在使用中"
    en = "All {count} telephones for shift leaders are in use"


class NoMonitor(HotlineError):
    code, status = "NO_MONITOR", 404
    zh, en = "监听已结束", "This monitor session is over"


class AlreadyTakenOver(HotlineError):
    code, status = "ALREADY_TAKEN_OVER", 409
    zh, en = "通话已由您接管", "You have taken this call over already"


class AgentInCall(HotlineError):
    """`choices`: after_call lets call and wrap-up end, at_once skips the wrap-up; neither cuts the call."""

    code, status = "AGENT_IN_CALL", 409
    zh = "{seat} 号坐席正在通话:请选择通话和整理后签出,或通话一结束立即签出"
    en = "Seat {seat} is in a call: sign out after call and wrap-up, or as soon as the call ends"


class LastReadySeat(HotlineError):
    code, status = "LAST_READY_SEAT", 409
    zh = "{seat} 号是最后一个就绪坐席,确需操作请再次确认"
    en = "Seat {seat} is the last one that is ready; confirm to do it all the same"


class LastStaffedSeat(HotlineError):
    code, status = "LAST_STAFFED_SEAT", 409
    zh = "{seat} 号是最后一个有人的坐席,确需签出请再次确认"
    en = "Seat {seat} is the last one that is staffed; confirm to do it all the same"
