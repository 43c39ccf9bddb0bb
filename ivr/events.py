"""What happened before a person answered, as the rooms above hear it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from core.events import Event

Sound = Literal["making", "ready", "failed"]


@dataclass(frozen=True, kw_only=True)
class SurgeChanged(Event):
    """The surge banner as it is now; `ended` when no caller hears it any more."""

    surge_id: int
    text: str
    areas: str
    offers_inform: bool
    sound: Sound
    started_by: str
    starts_at: datetime
    ends_at: datetime
    ended: bool = False
    asked: int = 0  # callers who want to be informed so far


@dataclass(frozen=True, kw_only=True)
class CallerAskedToBeInformed(Event):
    """A caller heard the banner, pressed 1 and hung up content: somebody owes him word."""

    call_id: str
    caller: str
    surge_id: int
    about: str
