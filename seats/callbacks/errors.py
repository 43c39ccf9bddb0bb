"""Why a wish about the callback list is refused.

CALLBACK_CLOSED, CALLBACK_HELD, CALLBACK_NEEDS_PAUSE, CALLBACK_NOT_ALLOWED_NOW, CALLBACK_NOT_YOURS,
CALLBACK_QUIET_HOURS, CALLBACK_TOO_SOON.
"""

from core.errors import HotlineError


class CallbackHeld(HotlineError):
    code, status = "CALLBACK_HELD", 409
    zh, en = "{name}已认领此条", "{name} has claimed this entry"


class CallbackClosed(HotlineError):
    code, status = "CALLBACK_CLOSED", 409
    zh, en = "此条已关闭", "This entry is closed"


class CallbackNotYours(HotlineError):
    code, status = "CALLBACK_NOT_YOURS", 409
    zh, en = "请先认领此条", "Claim this entry first"


class CallbackTooSoon(HotlineError):
    code, status = "CALLBACK_TOO_SOON", 409
    zh, en = "刚回拨过,{at} 之后可再拨", "Tried just now: not again before {at}"


class CallbackQuietHours(HotlineError):
    code, status = "CALLBACK_QUIET_HOURS", 409
    zh = "夜间不回拨({begin} 至 {end} 可拨)"
    en = "No calls at night: between {begin} and {end} only"


class CallbackNotAllowedNow(HotlineError):
    code, status = "CALLBACK_NOT_ALLOWED_NOW", 409
    zh, en = "此条当前状态不允许该操作", "Not possible in the entry's present state"


class CallbackNeedsPause(HotlineError):
    code, status = "CALLBACK_NEEDS_PAUSE", 409
    zh, en = "请先签入坐席并示忙,再回拨", "Sit at a seat and be not ready before calling back"
