"""Who leaves when fewer seats are open than staffed, in which order, and who must wait for another: pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from seats.events import AgentState
from seats.models import AgentSession
from seats.states import IN_CALL

ANNOUNCED = timedelta(minutes=10)
NOTICES = (2, 10)
"""Minutes before the change at which those affected are told, once each."""

RANK: dict[AgentState, int] = {
    # Idle first, and of these whoever takes no calls anyway; then those whom we wait for.
    "signed_out": 0,
    "not_ready": 0,
    "ready": 1,
    "wrap_up": 2,
    "ringing": 3,
    "talking": 3,
}
SERVES: frozenset[AgentState] = IN_CALL | {"ready", "wrap_up"}
LEAVING = "leave"
"""The wish `wanted` of a lease that is being taken back: it no longer counts as one that serves."""


def drain_order(
    rows: Iterable[AgentSession], now: datetime, rostered: frozenset[int] = frozenset()
) -> list[AgentSession]:
    """Return the leases that may be drained, in the order in which they are chosen.

    Whoever has begun to leave goes on leaving, whoever was told that he will is next; those of the accounts
    `rostered`, whose shift it is then, come last; then by state, then the one who has been signed in longest, then
    by seat. Those whom a manager exempted are not in it.
    """

    def place(row: AgentSession) -> tuple[bool, bool, bool, int, datetime, int]:
        begun = row.leaves_at is not None and row.leaves_at <= now
        mine = row.account_id in rostered
        return (
            not begun,
            row.leaves_at is None,
            mine,
            RANK[row.state],
            row.signed_in_at,
            row.seat_id,
        )

    return sorted((row for row in rows if not row.stays), key=place)


def who_leaves(
    rows: Sequence[AgentSession],
    now: datetime,
    open_seats: int,
    lower: tuple[datetime, int] | None,
    rostered: frozenset[int] = frozenset(),
) -> dict[int, datetime]:
    """Return, by session id and in order, from when each surplus lease is to leave.

    `lower` is the next change of the plan and its count; within ten minutes of it those affected are chosen.
    `rostered`: whose shift it is after that change, or now.
    """
    order = drain_order(rows, now, rostered)
    surplus = max(len(rows) - open_seats, 0)
    leaving = {
        row.id: row.leaves_at if row.leaves_at is not None and row.leaves_at <= now else now
        for row in order[:surplus]
    }
    if lower is not None and now < lower[0] <= now + ANNOUNCED:
        at, count = lower
        for row in order[surplus : max(len(rows) - count, 0)]:
            leaving[row.id] = at
    return leaving


def notice_due(leaves_at: datetime, now: datetime) -> int:
    """Return which notice is the present one, in minutes before `leaves_at`; 0 for none."""
    left = leaves_at - now
    if left <= timedelta(0):
        return 0
    return next((minutes for minutes in NOTICES if left <= timedelta(minutes=minutes)), 0)


def serves(row: AgentSession) -> bool:
    """Tell whether a caller can still reach somebody at this seat, now or after the present call."""
    reachable = row.device_lost_at is None
    return row.state in SERVES and reachable and row.wanted not in {LEAVING, "not_ready"}


def may_leave(row: AgentSession, rows: Iterable[AgentSession], open_seats: int) -> bool:
    """Tell whether the floor stays staffed without this lease; with no open seat at all nobody is held."""
    if open_seats == 0 or not serves(row):
        return True
    return any(serves(other) for other in rows if other.id != row.id)
