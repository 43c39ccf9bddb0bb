"""Thirty days of invented calls and shifts, so that figures and staffing advice have something to tell."""

import random
from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.calendar import shipped_calendar
from core.clock import SHANGHAI
from seats.models import AgentSession, Seat
from telephony.models import CallRow, SegmentRow

PREFIX = "demo-call-"
"""Of the ids of invented calls, which have no recorded facts."""
DAYS = 30
SEED = 12345
STORM = 9
"""So many days ago a water main burst in the evening."""
SHIFTS = ((time(8), timedelta(hours=9.5), 9), (time(17, 30), timedelta(hours=14.5), 2))
Values = dict[str, Any]

# Calls of a working day by hour of the clock; a day off has fewer, and none of the morning's rush.
_WORKED = (2, 1, 1, 1, 1, 2, 5, 12, 34, 46, 44, 32, 17, 25, 38, 36, 29, 20, 14, 12, 10, 7, 5, 3)
_OFF = (2, 1, 1, 1, 1, 2, 4, 6, 10, 13, 13, 11, 8, 9, 11, 11, 10, 9, 8, 7, 6, 5, 4, 3)


async def seed_calls(session: AsyncSession, operators: Sequence[int], now: datetime) -> int:
    """Insert ended calls with their segments, and past sign-ins; return how many calls."""
    dice = random.Random(SEED)
    calls: list[Values] = []
    segments: list[Values] = []
    for at in _moments(dice, now):
        calls.append(_call(dice, len(calls), at))
        if calls[-1]["segment_count"]:
            segments.append(_segment(dice, calls[-1]))
    await session.execute(insert(CallRow), calls)
    await session.execute(insert(SegmentRow), segments)
    seats = list(await session.scalars(select(Seat).order_by(Seat.id)))
    if shifts := list(_shifts(dice, seats, operators, now)):
        await session.execute(insert(AgentSession), shifts)
    return len(calls)


def _moments(dice: random.Random, now: datetime) -> Iterator[datetime]:
    """Yield when calls began, until a quarter of an hour ago, so that all of them are over."""
    today = now.astimezone(SHANGHAI).date()
    last = now - timedelta(minutes=15)
    for back in range(DAYS, -1, -1):
        day = today - timedelta(days=back)
        hours = _WORKED if shipped_calendar().is_workday(day) else _OFF
        for hour, usual in enumerate(hours):
            stormy = back == STORM and 18 <= hour < 21
            many = round(usual * dice.uniform(0.8, 1.2) * (4 if stormy else 1))
            begin = datetime.combine(day, time(hour), SHANGHAI)
            for second in sorted(dice.uniform(0, 3600) for _ in range(many)):
                if (at := begin + timedelta(seconds=second)) < last:
                    yield at


def _call(dice: random.Random, number: int, at: datetime) -> Values:
    outcome = dice.choices(
        ("answered", "abandoned_in_ivr", "abandoned_in_queue", "timed_out", "rejected"),
        (925, 35, 33, 3, 4),
    )[0]
    queued = outcome in ("answered", "abandoned_in_queue", "timed_out")
    answered = outcome == "answered"
    waited = _waited(dice, outcome) if queued else 0.0
    talk = min(900.0, 20 + dice.expovariate(1 / 150)) if answered else 0.0
    queued_at = at + timedelta(seconds=8) if queued else None
    left = (queued_at or at) + timedelta(seconds=waited)
    return {
        "id": f"{PREFIX}{number:06d}",
        "linkedid": f"demo.{number}",
        "phase": "ended",
        "caller": f"139000{dice.randrange(50_000, 100_000)}",
        "caller_name": "",
        "dnid": dice.choices(("12345", "2881111", "8890"), (8, 1, 1))[0],
        "menu": dice.choice(("complaint", "consultation", "none")) if queued else "",
        "emergency": False,
        "queue": "hotline" if queued else "",
        "started_at": at,
        "queued_at": queued_at,
        "answered_at": left if answered else None,
        "ended_at": left + timedelta(seconds=talk or 2),
        "outcome": outcome,
        "evidence": ["arrived", *(["queued"] if queued else []), *(["talked"] if answered else [])],
        "waited_seconds": waited,
        "served_after": waited if answered else None,
        "talk_seconds": talk,
        "segment_count": int(answered),
        "recording": "",
        "facts": 0,
        "divergences": 0,
    }


def _waited(dice: random.Random, outcome: str) -> float:
    if outcome == "timed_out":
        return 600.0
    if outcome == "abandoned_in_queue":
        return round(2 + dice.expovariate(1 / 50), 3)
    usual = dice.random() < 0.9
    return round(dice.uniform(3, 14) if usual else 15 + dice.expovariate(1 / 25), 3)


def _segment(dice: random.Random, call: Values) -> Values:
    return {
        "call_id": call["id"],
        "number": 1,
        "endpoint": f"seat{dice.randint(1, 10):02d}",
        "uniqueid": f"{call['linkedid']}.1",
        "attempt": 1,
        "started_at": call["answered_at"],
        "ended_at": call["ended_at"],
        "reason": "caller",
        "talk_seconds": call["talk_seconds"],
    }


def _shifts(
    dice: random.Random, seats: Sequence[Seat], operators: Sequence[int], now: datetime
) -> Iterator[Values]:
    """Yield who sat where in shifts that are over: nine by day on working days, two at other times."""
    today = now.astimezone(SHANGHAI).date()
    for back in range(DAYS, -1, -1):
        day = today - timedelta(days=back)
        for begin, length, many in SHIFTS:
            if length < timedelta(hours=12) and not shipped_calendar().is_workday(day):
                many = 2
            start = datetime.combine(day, begin, SHANGHAI)
            people = dice.sample(operators, many)
            if start + length + timedelta(minutes=10) < now:
                for seat, account_id in zip(seats, people, strict=False):
                    yield _session(dice, seat, account_id, start, length)


def _session(
    dice: random.Random, seat: Seat, account_id: int, start: datetime, length: timedelta
) -> Values:
    begun = start + timedelta(minutes=dice.uniform(-8, 4))
    ended = start + length + timedelta(minutes=dice.uniform(0, 6))
    return {
        "seat_id": seat.id,
        "seat_number": seat.number,
        "endpoint": seat.endpoint,
        "account_id": account_id,
        "agent_name": "",
        "signed_in_at": begun,
        "ended_at": ended,
        "end_reason": "signed_out",
        "state": "signed_out",
        "since": ended,
        "browser_seen_at": ended,
    }
