"""What others see of the callback list: frozen values; the number is for the one who has claimed it."""

from dataclasses import dataclass
from datetime import datetime

from core.log import mask_number
from seats.callbacks.models import CallbackEntry, CallbackStep
from seats.callbacks.rules import Rules
from seats.callbacks.states import State


@dataclass(frozen=True, kw_only=True)
class EntryView:
    """`number` is '' unless the reader has claimed the entry; `waits` since `first_at`, due at `overdue_at`."""

    id: int
    state: State
    number: str
    number_masked: str
    promised: bool
    times: int
    first_at: datetime
    last_at: datetime
    longest_wait: float
    claimed_by: int | None
    claimed_name: str
    claimed_at: datetime | None
    attempts: int
    most_attempts: int
    last_attempt_at: datetime | None
    not_before: datetime | None
    overdue_at: datetime
    closed_at: datetime | None
    close_reason: str


@dataclass(frozen=True, kw_only=True)
class ListView:
    """The list, which is short; the counts are of all.

    `withheld`: callers of the last 24 h who left unserved and hid their number.
    """

    entries: tuple[EntryView, ...]
    open: int
    overdue: int
    withheld: int


@dataclass(frozen=True, kw_only=True)
class StepView:
    at: datetime
    by: str
    trigger: str
    old: str
    new: str
    call_id: str
    note: str


def entry_view(row: CallbackEntry, account_id: int | None, rules: Rules) -> EntryView:
    """Return an entry as `account_id` may see it."""
    mine = account_id is not None and row.claimed_by == account_id
    return EntryView(
        id=row.id,
        state=row.state,
        number=row.number if mine else "",
        number_masked=mask_number(row.number),
        promised=row.promised,
        times=row.times,
        first_at=row.first_at,
        last_at=row.last_at,
        longest_wait=row.longest_wait,
        claimed_by=row.claimed_by,
        claimed_name=row.claimed_name,
        claimed_at=row.claimed_at,
        attempts=row.attempts,
        most_attempts=rules.most_attempts,
        last_attempt_at=row.last_attempt_at,
        not_before=row.not_before,
        overdue_at=row.first_at + rules.overdue_after,
        closed_at=row.closed_at,
        close_reason=row.close_reason,
    )


def step_view(row: CallbackStep) -> StepView:
    return StepView(
        at=row.at,
        by=row.by,
        trigger=row.trigger,
        old=row.old,
        new=row.new,
        call_id=row.call_id,
        note=row.note,
    )
