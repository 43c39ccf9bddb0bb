"""Alarms as they are looked for, stored and noted (telephony spec 9 and 10), without and with a database."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from core.clock import FixedClock
from core.db import Database
from core.errors import NotFound
from core.events import LocalBus
from core.security import Principal, Role
from seats.events import OfferMissed
from telephony.calls import Call, Segment
from telephony.events import CallEnded
from web.alarms import watch as watching
from web.alarms.book import AlarmBook, AlarmsChanged, AlarmView
from web.alarms.rules import Cleared, Code, Raised
from web.alarms.watch import AlarmWatch
from web.live_board import Board
from web.live_state import Plan, Seat, SeatState

START = datetime(2026, 11, 23, 1, tzinfo=UTC)
LEADER = Principal(1, "shift01", "何班长", frozenset({Role.SHIFT_LEADER}))
DIRECTOR = Principal(2, "director01", "孔主任", frozenset({Role.OFFICE_DIRECTOR}))
AWAY = OperationalError("SELECT 1", {}, Exception("gone"))


@dataclass
class Room:
    """A hotline that the test plays, and the alarms that come of it."""

    database: Database
    clock: FixedClock
    folder: Path
    board: Board = field(default_factory=Board)
    connected: bool = True
    backlog: int = 0
    calls: dict[str, Call] = field(default_factory=dict)
    asked: dict[Code, float | None] = field(default_factory=dict)
    away: bool = False
    shown: int = 0
    told: list[AlarmsChanged] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.board.plan = Plan(open_seats=0, physical_seats=12)
        self.book = AlarmBook(self.database, self.clock)
        self.watch = self.new_watch()
        self.database.bus.watch(AlarmsChanged, self._hear)

    def new_watch(self) -> AlarmWatch:
        return AlarmWatch(
            self.book, self.board, self, self._ask, self.folder, self.clock, self._show
        )

    async def pass_time(self, seconds: float) -> None:
        """Let time go by, looking every two seconds."""
        for _ in range(int(seconds / 2)):
            self.clock.advance(seconds=2)
            await self.watch.look()

    async def standing(self) -> list[str]:
        return [f"{row.code} {row.level}" for row in await self.book.standing()]

    def seat(self, state: SeatState) -> None:
        number = f"{len(self.board.seats) + 1:02d}"
        seat = Seat(
            number=number, state=state, agent_name="", reason="", since=None, reachable=True
        )
        self.board.seats[number] = seat

    def waits(self, call_id: str = "c1", *, emergency: bool = False) -> Call:
        now = self.clock()
        call = Call(
            id=call_id, started_at=now, phase_since=now, last_at=now, in_queue=True,
            joined_at=now, queued_at=now, emergency=emergency,
        )  # fmt: skip
        self.calls[call_id] = call
        return call

    async def _ask(self, _now: datetime) -> Mapping[Code, float | None]:
        if self.away:
            raise AWAY
        return self.asked

    def _show(self) -> None:
        self.shown += 1

    async def _hear(self, event: AlarmsChanged) -> None:
        self.told.append(event)


@pytest.fixture
async def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Room]:
    monkeypatch.setattr(watching, "_percent_used", lambda _folder: 50.0)
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/alarms.db", LocalBus())
    await database.create_all()
    yield Room(database, FixedClock(START), tmp_path)
    await database.close()


async def test_a_caller_who_waits_with_nobody_there_raises_an_alarm_that_clears_afterwards(
    room: Room,
) -> None:
    room.waits()
    await room.pass_time(6)
    assert await room.standing() == ["NOBODY_STAFFED alarm"]
    room.calls.clear()
    await room.pass_time(14)
    assert await room.standing() == []
    assert len(room.told) == 2


async def test_a_caller_who_found_no_seat_at_all_is_an_alarm_for_five_minutes(room: Room) -> None:
    """Spec 6: nobody staffed, or all seats stuck: the manager is alarmed, whatever the board says."""
    room.seat("ready")
    ended = CallEnded(
        at=room.clock(), call_id="c1", outcome="left_empty", caller="", waited_seconds=0,
        talk_seconds=0,
    )  # fmt: skip
    await room.watch.on_call_ended(replace(ended, outcome="answered"))
    await room.watch.look()
    assert await room.standing() == []
    await room.watch.on_call_ended(ended)
    await room.watch.look()
    assert await room.standing() == ["NOBODY_STAFFED alarm"]
    await room.pass_time(300)
    assert await room.standing() == ["NOBODY_STAFFED alarm"]
    await room.pass_time(14)
    assert await room.standing() == []


async def test_when_all_talk_the_waiting_is_a_warning_first(room: Room) -> None:
    room.seat("talking")
    room.waits()
    await room.pass_time(20)
    assert await room.standing() == ["NOBODY_READY warning"]
    await room.pass_time(44)
    assert set(await room.standing()) == {"NOBODY_READY warning", "LONGEST_WAIT warning"}
    await room.pass_time(120)
    assert set(await room.standing()) == {"LONGEST_WAIT alarm", "NOBODY_READY warning"}


async def test_an_emergency_call_is_heard_at_once_and_until_somebody_talks(room: Room) -> None:
    room.seat("ready")
    call = room.waits(emergency=True)
    await room.watch.look()
    assert await room.standing() == ["EMERGENCY_CALL alarm"]
    room.waits("c2", emergency=True)
    await room.watch.look()
    (again,) = [row for row in await room.book.standing() if row.code == "EMERGENCY_CALL"]
    assert again.zh == "紧急来电 2 个等待接听"
    segment = Segment(number=1, endpoint="seat01", uniqueid="1", attempt=1, started_at=START)
    room.calls = {"c1": replace(call, segments=(segment,), in_queue=False)}
    await room.pass_time(6)
    assert await room.standing() == []


async def test_missed_offers_count_for_ten_minutes(room: Room) -> None:
    for number in range(3):
        await room.watch.on_offer_missed(
            OfferMissed(
                at=room.clock(), account_id=1, seat="01", call_id=str(number), kept_ready=False
            )
        )
    await room.watch.look()
    assert await room.standing() == ["MISSED_OFFERS warning"]
    room.clock.advance(minutes=9)
    await room.pass_time(56)
    assert await room.standing() == ["MISSED_OFFERS warning"]
    await room.pass_time(70)
    assert await room.standing() == []


async def test_fewer_people_than_open_seats_is_a_warning_after_five_minutes(room: Room) -> None:
    room.board.plan = Plan(open_seats=2, physical_seats=12)
    room.seat("ready")
    await room.pass_time(298)
    assert await room.standing() == []
    await room.pass_time(6)
    assert await room.standing() == ["UNDERSTAFFED warning"]


async def test_what_only_the_database_knows_raises_alarms_too(room: Room) -> None:
    room.asked = {"CONNECT_RATE": 88.5, "CALLBACK_OVERDUE": 2}
    await room.pass_time(70)
    assert set(await room.standing()) == {"CONNECT_RATE alarm", "CALLBACK_OVERDUE warning"}
    (rate,) = [row for row in await room.book.standing() if row.code == "CONNECT_RATE"]
    assert rate.zh == "近 24 小时接通率 88.5%"


async def test_a_switch_that_blinks_is_no_alarm_and_one_that_stays_away_is(room: Room) -> None:
    room.connected = False
    await room.pass_time(4)
    room.connected = True
    await room.pass_time(2)
    room.connected = False
    await room.pass_time(4)
    assert await room.standing() == []
    await room.pass_time(4)
    assert await room.standing() == ["SWITCH_DOWN alarm"]


async def test_a_disk_is_told_of_before_it_is_full(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """X: disk full of recordings, alarm before."""
    monkeypatch.setattr(watching, "_percent_used", lambda _folder: 86.0)
    await room.watch.look()
    monkeypatch.setattr(watching, "_percent_used", lambda _folder: 95.2)
    await room.watch.look()
    assert await room.standing() == ["DISK_FILLING alarm"]
    assert [row.worsened for row in await room.book.history(None, 10)] == [False, True]


def test_the_disk_is_measured_as_df_does(tmp_path: Path) -> None:
    percent = watching._percent_used(tmp_path)
    assert percent is not None
    assert 0 < percent <= 100
    assert watching._percent_used(tmp_path / "not there") is None


async def test_a_database_that_is_away_is_shown_at_once_and_written_when_it_is_back(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    await room.watch.look()
    write = room.book.write
    room.away = True

    async def away(*_: object) -> None:
        raise AWAY

    monkeypatch.setattr(room.book, "write", away)
    await room.pass_time(16)
    assert room.watch.unwritten
    assert room.shown > 0
    (shown,) = room.watch.overlay([])
    assert (shown.id, shown.code, shown.level) == (0, "DATABASE_AWAY", "warning")
    room.away = False
    monkeypatch.setattr(room.book, "write", write)
    await room.pass_time(20)
    assert not room.watch.unwritten
    (kept,) = await room.book.history(None, 10)
    assert kept.code == "DATABASE_AWAY"
    assert kept.cleared_at is not None
    assert kept.raised_at < kept.cleared_at


async def test_a_restart_goes_on_with_what_stands_and_raises_nothing_twice(room: Room) -> None:
    room.asked = {"CALLBACK_OVERDUE": 2}
    await room.pass_time(4)
    room.watch = room.new_watch()
    await room.pass_time(10)
    assert len(await room.book.history(None, 10)) == 1
    room.asked = {"CALLBACK_OVERDUE": 0}
    await room.pass_time(24)
    assert await room.standing() == []


async def test_two_processes_that_see_the_same_raise_one_alarm(room: Room) -> None:
    raised = Raised(code="BACKLOG", level="warning", value=600)
    await asyncio.gather(*(room.book.write([raised], room.clock()) for _ in range(4)))
    assert await room.standing() == ["BACKLOG warning"]
    await room.book.write([Cleared(code="BACKLOG")], room.clock())
    await room.book.write([Cleared(code="BACKLOG")], room.clock())
    (row,) = await room.book.history(None, 10)
    assert row.cleared_at == room.clock()


async def test_the_first_who_notes_an_alarm_is_remembered_and_a_worse_one_asks_again(
    room: Room,
) -> None:
    await room.book.write([Raised(code="BACKLOG", level="warning", value=600)], room.clock())
    (row,) = await room.book.standing()
    noted = await room.book.acknowledge(row.id, LEADER)
    room.clock.advance(minutes=1)
    again = await room.book.acknowledge(row.id, DIRECTOR)
    assert noted.acknowledged_name == again.acknowledged_name == "何班长"
    assert again.acknowledged_at == noted.acknowledged_at
    worse = Raised(code="BACKLOG", level="alarm", value=6000, again=True)
    await room.book.write([worse], room.clock())
    (now,) = await room.book.standing()
    assert (now.level, now.acknowledged_at) == ("alarm", None)
    with pytest.raises(NotFound):
        await room.book.acknowledge(9_999, LEADER)


async def test_the_loud_ones_come_first_then_the_newest(room: Room) -> None:
    for code, level in (
        ("BACKLOG", "warning"),
        ("SWITCH_DOWN", "alarm"),
        ("DISK_FILLING", "warning"),
    ):
        room.clock.advance(seconds=1)
        await room.book.write([Raised(code=code, level=level, value=1)], room.clock())  # type: ignore[arg-type]
    codes = [row.code for row in await room.book.standing()]
    assert codes == ["SWITCH_DOWN", "DISK_FILLING", "BACKLOG"]
    pages: list[AlarmView] = await room.book.history(None, 2)
    pages += await room.book.history(pages[-1].id, 2)
    assert [row.code for row in pages] == ["DISK_FILLING", "SWITCH_DOWN", "BACKLOG"]
