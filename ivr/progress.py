"""What a caller may hear of a ticket: never its content, only how far it is and until when."""

from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from ivr import speak

Stage = Literal[
    "registered", "accepted", "with_unit", "checking", "answered", "closed", "referred", "ended"
]
STAGES: tuple[Stage, ...] = get_args(Stage)


@dataclass(frozen=True, slots=True)
class TicketProgress:
    """A ticket as a caller hears of it; `due` is the last day of its limit, when there is one."""

    stage: Stage
    due: date | None = None


def spoken(progress: TicketProgress) -> tuple[str, ...]:
    """Return the prompts that say it: 您的工单已转承办单位办理。办理期限是十一月三十日二十四点之前。"""
    said = (f"progress_{progress.stage}",)
    if progress.due is None:
        return said
    return (*said, "progress_due", *speak.day(progress.due), "due_end")
