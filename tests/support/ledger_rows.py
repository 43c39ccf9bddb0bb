"""Calls in the ledger as a test says they were, without a switch."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from telephony.events import Outcome
from telephony.models import CallRow

_numbers = count(1)
Values = dict[str, Any]


def past_call(
    at: datetime,
    outcome: Outcome | None = "answered",
    *,
    waited: float | None = None,
    served: bool | None = None,
    talked: float = 60.0,
    caller: str = "13900000001",
) -> Values:
    """Return the row of one call that began `at`; `waited` is None for a call that never queued.

    `served` defaults to what the outcome says. An outcome of None is a call that is still in the system.
    """
    served = outcome == "answered" if served is None else served
    wait = waited or 0.0
    queued_at = None if waited is None else at
    return {
        "id": f"past-{next(_numbers)}",
        "linkedid": "",
        "phase": "ended" if outcome else "talking" if served else "queued",
        "caller": caller,
        "caller_name": "",
        "dnid": "12345",
        "menu": "",
        "emergency": False,
        "queue": "hotline",
        "started_at": at,
        "queued_at": queued_at,
        "answered_at": at + timedelta(seconds=wait) if served else None,
        "ended_at": at + timedelta(seconds=wait + talked) if outcome else None,
        "outcome": outcome,
        "evidence": [],
        "waited_seconds": wait,
        "served_after": wait if served else None,
        "talk_seconds": talked if served and outcome else 0.0,
        "segment_count": int(served),
        "recording": "",
        "facts": 0,
        "divergences": 0,
    }


async def store(session: AsyncSession, calls: Iterable[Values]) -> None:
    await session.execute(insert(CallRow), list(calls))
