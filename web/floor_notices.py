"""What an agent is told when the shift leader steps in: by whom, what, and why."""

from seats.floor.events import AgentOrdered, MonitorUpdated, Order
from seats.reasons import PAUSE_REASONS
from web.live_state import Notice

_ORDERS: dict[Order, tuple[str, str]] = {
    "not_ready": ("将您置为示忙", "set you not ready"),
    "sign_out": ("将您签出坐席", "signed you out"),
    "end_wrap_up": ("结束了您的话后整理", "ended your wrap-up"),
}
_REASONS = {label.code: (label.zh, label.en) for label in PAUSE_REASONS}


def joined(event: MonitorUpdated) -> Notice:
    """The shift leader is heard in the call now, or has it himself."""
    if event.mode == "take_over":
        zh, en = "已接管您的通话", "has taken your call over"
    else:
        zh, en = "已加入您的通话,来电人也能听到", "has joined your call; the caller hears it, too"
    return Notice(
        level="warning",
        code=f"MONITOR_{(event.mode or '').upper()}",
        zh=f"{event.leader}{zh}",
        en=f"{event.leader} {en}",
    )


def ordered(event: AgentOrdered) -> Notice:
    """Stays on the screen until it is put away: nobody may wonder why he gets no calls."""
    zh, en = _ORDERS[event.order]
    reason = _REASONS.get(event.reason)  # type: ignore[call-overload]
    zh_when, en_when = ("(本次通话后)", " (after this call)") if event.later else ("", "")
    zh_reason, en_reason = (f",{reason[0]}", f", {reason[1]}") if reason else ("", "")
    return Notice(
        level="alarm",
        code=f"ORDERED_{event.order.upper()}",
        zh=f"{event.leader}{zh}{zh_when}{zh_reason}:{event.why}",
        en=f"{event.leader} {en}{en_when}{en_reason}: {event.why}",
    )
