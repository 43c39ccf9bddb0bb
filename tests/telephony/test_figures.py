"""The figures S01 to S07 against their definitions (tickets spec 5.7, 5.8; D-21, D-22, X77, X78, X82)."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event
from support.bridges import ledger
from support.ledger_rows import Values, past_call, store
from support.scenes import CALLER, SEAT, Story, folded, recorded_facts

from core.clock import SHANGHAI
from core.db import Database
from core.events import LocalBus
from telephony import facts as f
from telephony.events import Outcome
from telephony.figures import OUTCOMES, Tally, mean_seconds, percent, total, worst_window
from telephony.tallies import excluded_calls, tally, tally_between, tally_by_half_hour
from telephony.volumes import callers_by_half_hour

MIDNIGHT = datetime(2026, 9, 1, tzinfo=SHANGHAI)
DAY, HOUR, SECOND = timedelta(days=1), timedelta(hours=1), timedelta(seconds=1)
TICK = timedelta(microseconds=1)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = await ledger(tmp_path)
    yield opened
    await opened.close()


async def add(database: Database, *calls: Values) -> None:
    async with database.unit_of_work() as uow:
        await store(uow.session, calls)


async def counted(
    database: Database, start: datetime, end: datetime, tests: frozenset[str] = frozenset()
) -> Tally:
    async with database.reading() as session:
        return await tally(session, start, end, tests)


def thousand() -> list[Values]:
    """Return the calls of 5.8: 40 IVR hang-ups, 10 blacklisted, 950 queued."""
    stories: list[tuple[int, Outcome, float | None]] = [
        (40, "abandoned_in_ivr", None), (10, "rejected", None), (799, "answered", 8.0),
        (1, "answered", 15.0), (99, "answered", 40.0), (1, "answered", 15.001),
        (5, "abandoned_in_queue", 5.0), (40, "abandoned_in_queue", 5.001), (5, "timed_out", 600.0),
    ]  # fmt: skip
    return [
        past_call(MIDNIGHT + timedelta(minutes=40 * number % 43200), outcome, waited=waited)
        for number, (outcome, waited) in enumerate(
            (outcome, waited) for many, outcome, waited in stories for _ in range(many)
        )
    ]


async def test_the_thousand_calls_of_the_fixture_give_the_stated_rates(database: Database) -> None:
    await add(database, *thousand())
    found = await counted(database, MIDNIGHT, MIDNIGHT + 30 * DAY)
    assert (found.offered, found.ivr_hang_ups, found.blacklisted) == (1000, 40, 10)
    assert (found.queued, found.answered, found.answered_in_15) == (950, 900, 800)
    assert (found.abandoned, found.abandoned_in_5, found.outcomes["timed_out"]) == (45, 5, 5)
    assert found.connect_percent == 94.74
    assert found.total_connect_percent == 90.91
    assert found.in_15_percent == 84.21
    assert found.in_15_of_answered_percent == 88.89
    assert found.abandoned_percent == 4.74
    assert found.mean_wait_seconds == round((799 * 8 + 15 + 99 * 40 + 15.001) / 900, 1)
    assert found.mean_talk_seconds == 60.0


@pytest.mark.postgresql
async def test_postgresql_counts_the_same(postgresql_url: str, database: Database) -> None:
    server = Database(postgresql_url, LocalBus())
    try:
        await server.create_all()
        calls = thousand()
        for each in (database, server):
            await add(each, *calls)
        found = []
        for each in (database, server):
            async with each.reading() as session:
                period = (MIDNIGHT, MIDNIGHT + 30 * DAY)
                found.append(
                    (await tally(session, *period), await tally_by_half_hour(session, *period))
                )
        assert found[0] == found[1]
        assert len(found[0][1]) > 100
    finally:
        await server.close()


async def test_a_period_without_calls_has_no_rates(database: Database) -> None:
    """X78: a dash, neither 0 nor 100, and nothing is divided by nothing."""
    found = await counted(database, MIDNIGHT, MIDNIGHT + DAY)
    assert found == Tally()
    rates = (
        found.connect_percent, found.total_connect_percent, found.in_15_percent,
        found.in_15_of_answered_percent, found.abandoned_percent, found.mean_wait_seconds,
        found.mean_talk_seconds, found.patience_seconds,
    )  # fmt: skip
    assert rates == (None,) * 8
    assert worst_window({}, MIDNIGHT, MIDNIGHT + 3 * DAY) is None


async def test_a_call_at_the_start_belongs_to_the_period_and_one_at_its_end_does_not(
    database: Database,
) -> None:
    """X82: [S, E), to the microsecond."""
    end = MIDNIGHT + DAY
    moments = (MIDNIGHT - TICK, MIDNIGHT, end - TICK, end)
    await add(database, *(past_call(at, waited=1.0) for at in moments))
    assert (await counted(database, MIDNIGHT, end)).offered == 2
    assert (await counted(database, end, end + DAY)).offered == 1
    async with database.reading() as session:
        halves = await tally_by_half_hour(session, MIDNIGHT, end)
    assert list(halves) == [MIDNIGHT, end - timedelta(minutes=30)]


async def test_test_calls_stand_in_no_figure(database: Database) -> None:
    """X77."""
    tests = frozenset({"13800000000"})
    await add(
        database,
        past_call(MIDNIGHT, waited=1.0),
        past_call(MIDNIGHT, waited=1.0, caller="13800000000"),
        past_call(MIDNIGHT, "abandoned_in_ivr", caller="13800000000"),
    )
    found = await counted(database, MIDNIGHT, MIDNIGHT + DAY, tests)
    assert (found.offered, found.queued, found.ivr_hang_ups) == (1, 1, 0)
    async with database.reading() as session:
        assert await excluded_calls(session, MIDNIGHT, MIDNIGHT + DAY, tests) == 2


async def test_a_caller_who_still_waits_is_in_no_rate_yet(database: Database) -> None:
    await add(
        database,
        past_call(MIDNIGHT, waited=1.0),
        past_call(MIDNIGHT, None, waited=0.0),
        past_call(MIDNIGHT, None),
        past_call(MIDNIGHT, None, waited=2.0, served=True),
    )
    found = await counted(database, MIDNIGHT, MIDNIGHT + DAY)
    assert (found.offered, found.queued, found.answered, found.waiting) == (4, 3, 2, 1)
    assert (found.in_system, found.undecided) == (3, 2)
    assert (found.connect_percent, found.total_connect_percent) == (100.0, 100.0)
    assert (found.talked, found.mean_talk_seconds) == (1, 60.0)


async def test_who_met_no_staffed_seat_had_asked_for_a_person(database: Database) -> None:
    """S02: overflow and busy inside the exchange are in the denominator."""
    await add(database, past_call(MIDNIGHT, "left_empty"), past_call(MIDNIGHT, waited=1.0))
    found = await counted(database, MIDNIGHT, MIDNIGHT + DAY)
    assert (found.queued, found.connect_percent) == (2, 50.0)


async def test_the_identity_and_every_split_hold_for_any_calls(database: Database) -> None:
    """Offered = sum of outcomes + still in system; a period's parts add up to it, also across midnight."""
    dice = Random(7)
    calls = [
        past_call(
            MIDNIGHT + timedelta(seconds=dice.uniform(0, 3 * 86400)),
            outcome := dice.choice((*OUTCOMES, None)),
            waited=dice.choice((None, dice.uniform(0, 90))),
            served=dice.random() < 0.5 if outcome in (None, "failed") else None,
            talked=dice.uniform(0, 300),
        )
        for _ in range(600)
    ]
    await add(database, *calls)
    whole = await counted(database, MIDNIGHT, MIDNIGHT + 3 * DAY)
    assert whole.offered == 600 == sum(whole.outcomes.values()) + whole.in_system
    assert whole.answered <= whole.queued - whole.waiting
    for _ in range(20):
        cuts = sorted(MIDNIGHT + timedelta(seconds=dice.uniform(0, 3 * 86400)) for _ in range(3))
        edges = [MIDNIGHT, *cuts, MIDNIGHT + 3 * DAY]
        async with database.reading() as session:
            parts = await tally_between(session, edges)
            halves = await tally_by_half_hour(session, edges[1], edges[2])
        assert total(parts) == whole
        assert parts[1] == total(halves.values())


async def test_every_question_runs_on_the_index_of_the_start(database: Database) -> None:
    """Its cost must not grow with the archive: each statement as it was sent, with the plan that SQLite makes."""
    sent: list[tuple[str, tuple[object, ...]]] = []

    def note(
        _c: object, _cursor: object, text: str, values: tuple[object, ...], *_: object
    ) -> None:
        sent.append((text, values))

    async with database.reading() as session:
        await session.connection()  # the beginning of the transaction is no question
        event.listen(database.engine.sync_engine, "before_cursor_execute", note)
        await tally(session, MIDNIGHT, MIDNIGHT + DAY, {"13800000000"})
        await tally_by_half_hour(session, MIDNIGHT, MIDNIGHT + DAY)
        await excluded_calls(session, MIDNIGHT, MIDNIGHT + DAY, {"13800000000"})
        await callers_by_half_hour(session, MIDNIGHT, MIDNIGHT + DAY)
        event.remove(database.engine.sync_engine, "before_cursor_execute", note)
        connection = await session.connection()
        plans = [
            str((await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)).all())
            for text, values in sent
        ]
    assert len(plans) == 4
    for plan in plans:
        assert "SEARCH call USING" in plan
        assert "ix_call_started" in plan or "ix_call_caller" in plan


@given(st.integers(0, 10**7), st.integers(1, 10**7))
def test_percentages_are_rounded_half_up_from_integers(part: int, whole: int) -> None:
    found = percent(part, whole)
    assert found is not None
    hundredths = round(found * 100)
    assert 2 * hundredths * whole <= 20_000 * part + whole < 2 * (hundredths + 1) * whole


def test_a_half_is_rounded_up_and_nothing_is_no_number() -> None:
    assert percent(1, 20_000) == 0.01
    assert percent(2, 3) == 66.67
    assert percent(0, 3) == 0.0
    assert percent(0, 0) is None
    assert mean_seconds(50, 1) == 0.1
    assert mean_seconds(49, 1) == 0.0
    assert mean_seconds(0, 0) is None


hours = st.lists(
    st.tuples(st.integers(0, 20), st.integers(0, 20)).map(lambda t: (min(t), max(t))),
    min_size=0,
    max_size=60,
)


@given(hours, st.integers(0, 47), st.integers(0, 70))
def test_the_worst_day_is_the_least_of_all_windows(
    rows: list[tuple[int, int]], skew: int, length: int
) -> None:
    """S06, windows across midnight included; the period need not begin at a whole hour."""
    start = MIDNIGHT + timedelta(minutes=30 * skew)
    counts = {
        MIDNIGHT + number * HOUR: Tally(answered=answered, queued=queued)
        for number, (answered, queued) in enumerate(rows)
    }
    end = start + length * HOUR
    first = start if skew % 2 == 0 else start + HOUR / 2
    windows = []
    while first + DAY <= end:
        inside = total(counts.get(first + hour * HOUR, Tally()) for hour in range(24))
        if inside.connect_percent is not None:
            windows.append(inside.connect_percent)
        first += HOUR
    worst = worst_window(counts, start, end)
    assert (worst.percent if worst else None) == min(windows, default=None)


def test_the_alarm_stands_below_ninety_five() -> None:
    for answered, below in ((94, True), (95, False)):
        counts = {MIDNIGHT + 5 * HOUR: Tally(answered=answered, queued=100)}
        worst = worst_window(counts, MIDNIGHT, MIDNIGHT + DAY)
        assert worst is not None
        assert worst.below_target == below


def test_an_answered_session_of_asterisk_is_served_after_its_wait() -> None:
    calls, _ = folded(recorded_facts("answered"))
    call = next(iter(calls.values()))
    assert call.served_after == call.waited_seconds > 0


def test_a_pick_up_of_less_than_a_second_is_no_answer() -> None:
    """S03: the agent's leg is up for a second at least; the next one who stays is the answer."""
    story = Story()
    story.arrive()
    story.queue()
    story.offer()
    up = story.at
    story.tell(f.ChannelStateSeen(at=up, **story.about(SEAT), state=6))
    story.tell(*(f.BridgeEntered(at=up, **story.about(leg), bridge="b1") for leg in (CALLER, SEAT)))
    assert story.call is not None
    assert story.call.served_after == 3.0  # it goes on, as far as anybody knows
    story.tell(f.ChannelGone(at=up + 0.999 * SECOND, **story.about(SEAT), cause=16))
    assert story.call.segments
    assert story.call.served_after is None
    held = replace(story.call.legs[SEAT], ended_at=up + SECOND)
    assert replace(story.call, legs={**story.call.legs, SEAT: held}).served_after == 3.0


def test_a_session_that_nobody_answered_is_not_served() -> None:
    calls, _ = folded(recorded_facts("abandoned_in_queue"))
    assert [call.served_after for call in calls.values()] == [None]
