"""Why an agent is not ready: codes, texts, and which of them an agent may choose."""

from dataclasses import dataclass
from typing import get_args

from seats.events import PauseReason


@dataclass(frozen=True)
class Label:
    code: PauseReason
    zh: str
    en: str
    choosable: bool


PAUSE_REASONS: tuple[Label, ...] = (
    Label("sign_in", "刚签入", "Just signed in", choosable=False),
    Label("rest", "小休", "Rest", choosable=True),
    Label("meal", "用餐", "Meal", choosable=True),
    Label("training", "培训", "Training", choosable=True),
    Label("meeting", "会议", "Meeting", choosable=True),
    Label("system", "系统或设备故障", "System or device fault", choosable=True),
    Label("missed_call", "漏接来电", "Missed call", choosable=False),
)
CHOOSABLE = frozenset(label.code for label in PAUSE_REASONS if label.choosable)
KNOWN: frozenset[str] = frozenset(get_args(PauseReason))

WRAP_UP = "wrap_up"
"""What Asterisk is told as the reason of the pause that covers talk and after-call work."""


def from_switch(reason: str) -> PauseReason:
    """Return the pause reason that Asterisk reports, `system` for one that is not ours."""
    for label in PAUSE_REASONS:
        if label.code == reason:
            return label.code
    return "system"
