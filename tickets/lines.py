"""What the ticket room must know of calls; the outermost ring gives it a `Lines` at wiring."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class CallFacts:
    """A call as a ticket needs it; `agents` are the accounts that it was offered to or that talked."""

    call_id: str
    caller: str
    started_at: datetime
    dnid: str = ""
    menu: str = ""
    recording: bool = False
    agents: frozenset[int] = frozenset()


class Lines(Protocol):
    """Questions about calls, past and present."""

    async def call(self, call_id: str) -> CallFacts | None:
        """Return the call, None for an unknown id."""

    async def live_caller(self, account_id: int) -> str:
        """Return the number that rings or talks at this account's seat now, '' for none."""
