"""Reconciliation finds what the ledger cannot explain, and the catch-up makes up for it."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, update
from support.bridges import ledger
from support.scenes import CALLER, NOON, SEAT, Story, recorded_facts

from core.clock import FixedClock
from core.db import Database
from telephony import facts as f
from telephony import queries
from telephony.directory import derived_id
from telephony.log_keeper import LogKeeper
from telephony.models import CallRow, QueueLogRow
from telephony.reconcile import Report, reconcile
from telephony.recorder import Recorder

EPOCH = int(NOON.timestamp())


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = await ledger(tmp_path)
    yield opened
    await opened.close()


def later() -> datetime:
    return NOON + timedelta(hours=1)


class Books:
    """A ledger, the log beside it, and what keeps them together."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database, self.log = database, folder / "queue_log"
        self.clock = FixedClock(later())
        self.recorder = Recorder(database, self.clock, "hotline", folder / "spool")
        self.keeper = LogKeeper(database, self.clock, self.recorder, self.log)

    async def open(self) -> "Books":
        assert await self.recorder.come_back()
        return self

    async def write(self, *lines: str) -> None:
        """Append lines `seconds|uniqueid|agent|event|data…` and store them."""
        with self.log.open("a") as file:
            for line in lines:
                seconds, uniqueid, agent, event, *data = line.split("|")
                at = EPOCH + int(seconds)
                file.write("|".join([str(at), uniqueid, "hotline", agent, event, *data]) + "\n")
        await self.keeper.tail()

    async def record(self, facts: Sequence[f.Fact]) -> None:
        """Fold the facts and store them."""
        await self.recorder.take(facts)
        await self.recorder.flush()

    async def catch_up(self, *alive: str) -> int:
        return await self.keeper.catch_up(await self.keeper.newest(), alive)

    async def report(self) -> Report:
        return await reconcile(self.database, self.clock)

    async def call(self, uniqueid: str) -> CallRow:
        async with self.database.reading() as session:
            row = await queries.call(session, derived_id(uniqueid))
            session.expunge_all()
        return row


@pytest.fixture
async def books(database: Database, tmp_path: Path) -> Books:
    return await Books(database, tmp_path).open()


def answered() -> Story:
    story = Story()
    story.arrive()
    story.queue()
    story.talk()
    story.leave(CALLER)
    story.gone(SEAT)
    story.gone(CALLER)
    return story


async def test_every_line_of_a_call_that_we_followed_is_explained(books: Books) -> None:
    await books.record(answered().facts)
    await books.write(
        "0|NONE|NONE|QUEUESTART|",
        "0|MANAGER|PJSIP/seat03|ADDMEMBER|",
        f"1|{CALLER}|NONE|ENTERQUEUE||13900000001|1",
        f"5|{CALLER}|PJSIP/seat03|CONNECT|4|{SEAT}|4",
        f"9|{CALLER}|PJSIP/seat03|COMPLETECALLER|4|4|1",
    )
    report = await books.report()
    assert report.whole
    assert (report.lines, report.explained, report.pending) == (5, 5, 0)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("1|9999.9|NONE|ENTERQUEUE||13900000009|1", "no such call"),
        (f"5|{CALLER}|PJSIP/seat03|CONNECT|4|1000.99|4", "no offer of this leg was accepted"),
        (f"9|{CALLER}|PJSIP/seat07|COMPLETEAGENT|4|4|1", "no talk of this seat has ended"),
        (f"9|{CALLER}|PJSIP/seat03|RINGNOANSWER|5000", "no missed offer of this seat"),
        (f"9|{CALLER}|NONE|ABANDON|1|1|9", "no evidence of abandoned"),
        (f"9|{CALLER}|NONE|EXITWITHTIMEOUT|1|1|9", "no evidence of timed_out"),
        (f"9|{CALLER}|NONE|SOMETHINGNEW|1", "an event that nobody knows"),
    ],
)
async def test_a_line_without_its_counterpart_is_listed_with_what_is_missing(
    books: Books, line: str, why: str
) -> None:
    await books.record(answered().facts)
    await books.write(line)
    report = await books.report()
    assert [lost.why for lost in report.unexplained] == [why]
    assert not report.whole


async def test_a_line_that_is_none_is_unexplained(books: Books) -> None:
    books.log.write_text("what is this\n")
    await books.keeper.tail()
    assert [lost.why for lost in (await books.report()).unexplained] == ["not a line of queue_log"]


async def test_two_missed_rings_need_two_missed_offers(books: Books) -> None:
    story = Story()
    story.arrive()
    story.queue()
    story.offer()
    at = int((story.at - NOON).total_seconds())
    story.gone(SEAT, 19)
    await books.record(story.facts)
    missed = f"{at}|{CALLER}|PJSIP/seat03|RINGNOANSWER|3000"
    await books.write(missed, missed)
    assert len((await books.report()).unexplained) == 1


async def test_a_young_line_is_pending_not_unexplained(books: Books) -> None:
    await books.write("3595|9999.9|NONE|ENTERQUEUE||13900000009|1")
    report = await books.report()
    assert (report.unexplained, report.pending) == ([], 1)
    books.clock.advance(seconds=10)
    assert len((await books.report()).unexplained) == 1


async def test_explained_lines_are_not_looked_at_again(books: Books) -> None:
    await books.record(answered().facts)
    await books.write(f"1|{CALLER}|NONE|ENTERQUEUE||13900000001|1")
    assert (await books.report()).explained == 1
    async with books.database.unit_of_work() as uow:
        await uow.session.execute(update(CallRow).values(queued_at=None))
    assert (await books.report()).whole


async def test_a_segment_that_its_call_does_not_know_is_noticed(books: Books) -> None:
    await books.record(answered().facts)
    assert (await books.report()).segments_add_up
    async with books.database.unit_of_work() as uow:
        await uow.session.execute(update(CallRow).values(segment_count=2))
    report = await books.report()
    assert (report.segments_of_agents, report.segments_of_calls) == (1, 2)
    assert not report.whole


# -- calls of our downtime


async def test_an_answered_call_of_our_downtime_is_made_up_from_the_log(books: Books) -> None:
    await books.write(
        "0|7.1|NONE|ENTERQUEUE||0417-2900001|1",
        "9|7.1|PJSIP/seat02|RINGNOANSWER|8000",
        "12|7.1|PJSIP/seat03|CONNECT|12|7.3|2",
        "72|7.1|PJSIP/seat03|COMPLETEAGENT|12|60|1",
    )
    assert await books.catch_up() > 0
    call = await books.call("7.1")
    assert (call.outcome, call.caller) == ("answered", "04172900001")
    assert (call.waited_seconds, call.talk_seconds) == (12.0, 60.0)
    assert [(o.endpoint, o.state) for o in call.offers] == [
        ("seat02", "no_answer"),
        ("seat03", "answered"),
    ]
    assert [(s.endpoint, s.reason) for s in call.segments] == [("seat03", "agent")]
    assert (await books.report()).whole
    assert await books.catch_up() == 0


@pytest.mark.parametrize(
    ("line", "outcome"),
    [
        ("30|7.1|NONE|ABANDON|1|1|30", "abandoned_in_queue"),
        ("30|7.1|NONE|EXITWITHTIMEOUT|1|1|30", "timed_out"),
        ("30|7.1|NONE|EXITEMPTY|1|1|30", "left_empty"),
    ],
)
async def test_an_unserved_call_of_our_downtime_gets_its_outcome(
    books: Books, line: str, outcome: str
) -> None:
    await books.write("0|7.1|NONE|ENTERQUEUE||13900000001|1", line, "35|7.1|NONE|CALLGONE|")
    await books.catch_up()
    call = await books.call("7.1")
    assert (call.outcome, call.waited_seconds) == (outcome, 30.0)
    assert (await books.report()).whole


async def test_the_dialplans_own_line_gives_the_call_its_id_caller_and_number(books: Books) -> None:
    story = Story()
    await books.write(
        f"0|7.1|NONE|CALLARRIVED|{story.call_id}|+8613900000001|2881111",
        f"4|7.1|NONE|CALLGONE|{story.call_id}",
    )
    await books.catch_up()
    async with books.database.reading() as session:
        call = await queries.call(session, story.call_id)
        assert (call.outcome, call.caller, call.dnid) == (
            "abandoned_in_ivr",
            "13900000001",
            "2881111",
        )
    assert (await books.report()).whole


async def test_the_end_of_a_known_call_is_found_in_the_log(books: Books) -> None:
    story = Story()
    story.arrive()
    story.queue()
    story.talk()
    await books.record(story.facts)
    await books.write(f"100|{CALLER}|PJSIP/seat03|COMPLETEAGENT|4|90|1")
    await books.catch_up()
    call = books.recorder.calls[story.call_id]
    assert (call.outcome, call.segments[0].reason) == ("answered", "agent")
    assert call.ended_at == NOON + timedelta(seconds=100)


async def test_a_caller_who_is_still_there_is_not_hung_up_by_the_log(books: Books) -> None:
    await books.write(
        "0|7.1|NONE|ENTERQUEUE||13900000001|1",
        "9|7.1|PJSIP/seat02|RINGNOANSWER|8000",
        "12|7.1|PJSIP/seat03|CONNECT|12|7.3|2",
    )
    await books.catch_up("7.1", "7.3")
    call = books.recorder.calls[derived_id("7.1")]
    assert call.outcome is None
    assert [offer.state for offer in call.offers] == ["no_answer"]
    assert call.segments == (), "the talk is Asterisk's own to tell"


async def test_a_call_that_is_over_can_still_be_explained(books: Books) -> None:
    """An event was lost and the call has left the live table: the log adds what is missing."""
    story = Story()
    story.arrive()
    story.queue()
    story.gone(CALLER)
    await books.record(story.facts)
    books.recorder.sweep()
    assert books.recorder.calls == {}
    await books.write(f"3|{CALLER}|NONE|ABANDON|1|1|3")
    assert len((await books.report()).unexplained) == 1
    await books.catch_up()
    assert (await books.report()).whole
    async with books.database.reading() as session:
        assert (await queries.call(session, story.call_id)).outcome == "abandoned_in_queue"


# -- queries


async def test_call_lines_are_newest_first_bounded_and_paged(books: Books) -> None:
    for number in range(5):
        story = Story(call_id=f"6f1d1f1e-0c1a-4a53-9d7e-3f1a0f12345{number}")
        story.at = NOON + timedelta(minutes=number)
        story.arrive("13900000001" if number % 2 else "13900000002")
        story.gone(CALLER)
        await books.record([replace(fact, uniqueid=f"{number}.1") for fact in story.facts])
    async with books.database.reading() as session:
        first = await queries.call_lines(session, limit=2)
        assert [row.id[-1] for row in first] == ["4", "3"]
        rest = await queries.call_lines(session, before=first[-1].started_at)
        assert [row.id[-1] for row in rest] == ["2", "1", "0"]
        mine = await queries.call_lines(session, caller="13900000001")
        assert [row.id[-1] for row in mine] == ["3", "1"]
        assert await queries.call_lines(session, caller="") == [], "unknown is not one person"
        assert await queries.call_lines(session, account_calls=[]) == []
        some = await queries.call_lines(session, account_calls=[first[0].id])
        assert [row.id[-1] for row in some] == ["4"]


async def test_a_seats_calls_are_those_in_which_it_talked(books: Books) -> None:
    await books.record(answered().facts)
    async with books.database.reading() as session:
        assert len(await queries.call_lines(session, endpoint="seat03")) == 1
        assert await queries.call_lines(session, endpoint="seat04") == []


async def test_a_recorded_session_is_whole(books: Books) -> None:
    await books.record(recorded_facts("ring_no_answer"))
    async with books.database.unit_of_work() as uow:
        await uow.session.execute(
            insert(QueueLogRow),
            [
                {
                    "at": datetime(2026, 11, 22, tzinfo=UTC),
                    "uniqueid": "NONE",
                    "queue": "NONE",
                    "agent": "NONE",
                    "event": "QUEUESTART",
                    "data": [],
                    "line": "",
                    "explained": False,
                }
            ],
        )
    assert (await books.report()).whole
