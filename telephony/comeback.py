"""Callers who come back: whose place is kept, and whom we owe a call (pure)."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

OWED_FOR = timedelta(hours=24)
_SERVED = frozenset(("answered", "referred", "emergency_transferred"))
_OWED = frozenset(("left_empty", "timed_out", "callback_accepted"))


class PastCall(Protocol):
    """What is needed of a CallRow."""

    @property
    def outcome(self) -> str | None: ...
    @property
    def queued_at(self) -> datetime | None: ...
    @property
    def ended_at(self) -> datetime | None: ...


def kept_since(calls: Iterable[PastCall], now: datetime, within: timedelta) -> datetime | None:
    """Return since when the caller waits, counting the calls that he gave up less than `within` ago; None for nobody.

    `calls` are one caller's, newest first. Whatever served him, or sent him away with a message, begins anew.
    """
    since = None
    for call in calls:
        if call.outcome in _SERVED or call.outcome in _OWED:
            break
        if call.outcome == "abandoned_in_queue" and call.ended_at and call.queued_at:
            if call.ended_at <= now - within:
                break
            since = call.queued_at
    return since


def is_owed_a_call(calls: Iterable[PastCall], now: datetime) -> bool:
    """Tell whether the caller found nobody, waited too long or was promised a call, and was not served since."""
    for call in calls:
        if call.outcome in _SERVED:
            return False
        if call.outcome in _OWED:
            return call.ended_at is not None and call.ended_at > now - OWED_FOR
    return False


def place_among(others: Sequence[tuple[int, datetime]], since: datetime) -> int:
    """Return the place (from 1) of one who waits `since`; `others` are (priority, waits since) of the line."""
    return 1 + sum(priority > 0 or other < since for priority, other in others)
