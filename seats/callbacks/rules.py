"""When a citizen may be called back: pure decisions over one entry and the clock."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Protocol

from core.clock import SHANGHAI
from core.config import Settings
from seats.callbacks.states import Trigger
from telephony.events import Outcome

LOST: frozenset[Outcome] = frozenset({"abandoned_in_queue", "timed_out", "left_empty"})


class Tried(Protocol):
    """What is needed of an entry."""

    @property
    def attempts(self) -> int: ...

    @property
    def not_before(self) -> datetime | None: ...


@dataclass(frozen=True)
class Rules:
    """The installation's parameters; times of day are Yingkou's, `begin` before `end`."""

    least_wait: float  # seconds; who hung up sooner did not want us
    most_attempts: int
    retry_after: timedelta
    claim_for: timedelta
    overdue_after: timedelta
    begin: time
    end: time

    @classmethod
    def of(cls, settings: Settings) -> "Rules":
        return cls(
            least_wait=settings.callback_least_wait_seconds,
            most_attempts=settings.callback_attempts,
            retry_after=timedelta(minutes=settings.callback_retry_minutes),
            claim_for=timedelta(minutes=settings.callback_claim_minutes),
            overdue_after=timedelta(minutes=settings.callback_overdue_minutes),
            begin=settings.callback_from,
            end=settings.callback_until,
        )

    def wants_entry(self, outcome: Outcome, waited_seconds: float) -> bool:
        """Whether a call that ended so is owed a call back."""
        if outcome == "callback_accepted":
            return True
        if outcome == "abandoned_in_queue":
            return waited_seconds > self.least_wait
        return outcome in LOST

    def by_day(self, now: datetime) -> bool:
        """Whether citizens may be rung at this hour."""
        return self.begin <= now.astimezone(SHANGHAI).time() < self.end

    def too_soon(self, entry: Tried, now: datetime) -> bool:
        return entry.not_before is not None and now < entry.not_before

    def after_failure(self, entry: Tried) -> Trigger:
        """Return what an attempt that did not reach the citizen means; `attempts` counts it already."""
        return "used_up" if entry.attempts >= self.most_attempts else "unreached"
