"""What happened to the callback list, as screens and alarms hear it."""

from dataclasses import dataclass

from core.events import Event
from seats.callbacks.states import State, Trigger


@dataclass(frozen=True, kw_only=True)
class CallbackChanged(Event):
    """One step of one entry; the number itself is not told."""

    entry_id: int
    trigger: Trigger | None  # None: the entry is new
    state: State
    call_id: str | None = None
