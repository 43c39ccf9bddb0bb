"""The bridge over the fake switch: order, groups, a database that goes away, poison, repetitions, restarts."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from asterisk_ami_mock import MockAsterisk
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from support.bridges import Bridged, bridge_over, ledger
from support.links import link_to, until
from support.scenes import RECORDINGS

from core.clock import utc_now
from core.db import Database
from telephony import ledger as books
from telephony import queries
from telephony.ami_frames import AmiEvent
from telephony.events import (
    CallAnswered,
    CallEnded,
    CallOffered,
    CallQueued,
    CallStarted,
    DeviceChanged,
    MemberChanged,
    OfferForeseen,
    SwitchDown,
    SwitchUp,
)
from telephony.fold import replay
from telephony.reconcile import reconcile
from telephony.repeats import Repeats

SESSIONS = ("answered", "rejected", "abandoned_in_queue", "two_callers_one_seat")


@asynccontextmanager
async def on_fake(
    folder: Path, mock: MockAsterisk, database: Database | None = None
) -> AsyncIterator[Bridged]:
    async with bridge_over(link_to(mock), folder, database=database) as parts:
        await parts.in_step()
        yield parts


async def play(mock: MockAsterisk, *names: str) -> None:
    for name in names:
        await mock.play((RECORDINGS / f"{name}.ami").read_bytes())


def ended(on: Bridged) -> list[str]:
    return [event.outcome for event in on.of(CallEnded)]


async def test_recorded_sessions_make_the_ledger_and_its_events(tmp_path: Path) -> None:
    async with MockAsterisk() as mock, on_fake(tmp_path, mock) as on:
        await play(mock, *SESSIONS)
        await until(lambda: len(ended(on)) == 5)
        assert sorted(ended(on)) == ["abandoned_in_queue", *["answered"] * 4]
        report = await reconcile(on.database, utc_now)
        assert report.whole
        assert report.outcomes == {"answered": 4, "abandoned_in_queue": 1}
        assert report.segments_of_agents == report.segments_of_calls == 4
        assert on.bridge.metrics.divergences == 0


async def test_what_the_ledger_recorded_replays_to_the_same_call(tmp_path: Path) -> None:
    async with MockAsterisk() as mock, on_fake(tmp_path, mock) as on:
        await play(mock, *SESSIONS)
        await until(lambda: len(ended(on)) == 5)
        async with on.database.reading() as session:
            for call_id, call in on.bridge.calls.items():
                assert await books.recorded_call(session, call_id) == call
                facts = await queries.timeline(session, call_id)
                assert [fact.seq for fact in facts] == list(range(1, len(facts) + 1))


async def test_events_are_published_after_their_commit(tmp_path: Path) -> None:
    async with MockAsterisk() as mock, on_fake(tmp_path, mock) as on:
        found: list[str | None] = []

        async def look(event: CallEnded) -> None:
            async with on.database.reading() as session:
                found.append((await queries.call(session, event.call_id)).outcome)

        on.database.bus.listen(CallEnded, look)
        await play(mock, "answered", "abandoned_in_queue")
        await until(lambda: len(found) == 2)
        assert sorted(map(str, found)) == ["abandoned_in_queue", "answered"]


async def test_an_offer_is_foreseen_while_the_facts_before_it_are_still_being_stored(
    tmp_path: Path,
) -> None:
    async with MockAsterisk() as mock, on_fake(tmp_path, mock) as on:
        go_on = asyncio.Event()

        async def dawdle(_event: CallQueued) -> None:
            await go_on.wait()

        on.database.bus.listen(CallQueued, dawdle)
        await play(mock, "answered")
        foreseen = (await on.next(OfferForeseen)).offer
        assert on.of(CallOffered) == []
        go_on.set()
        assert replace(await on.next(CallOffered), id=foreseen.id) == foreseen


async def test_every_offer_is_foreseen_as_it_is_told_afterwards(tmp_path: Path) -> None:
    async with MockAsterisk() as mock, on_fake(tmp_path, mock) as on:
        for name in ("ring_no_answer", "rejected", "two_callers_one_seat"):
            await mock.play((RECORDINGS / f"{name}.ami").read_bytes(), speed=20)
        await until(lambda: len(ended(on)) == 4)
        told = [replace(each, id="") for each in on.of(CallOffered)]
        assert [replace(each.offer, id="") for each in on.of(OfferForeseen)] == told
        assert {each.attempt for each in told} > {1}


async def test_a_listener_that_fails_does_not_stop_the_bridge(tmp_path: Path) -> None:
    async with MockAsterisk() as mock, on_fake(tmp_path, mock) as on:

        async def fail(_event: CallStarted) -> None:
            raise RuntimeError("the listener's own affair")

        on.database.bus.listen(CallStarted, fail)
        await play(mock, "answered")
        await until(lambda: ended(on) == ["answered"])


async def test_events_told_twice_change_nothing(tmp_path: Path) -> None:
    async with MockAsterisk() as mock, on_fake(tmp_path, mock) as on:
        await play(mock, "answered", "answered")
        await until(lambda: on.bridge.metrics.repeated >= 20 and ended(on) != [])
        assert [len(on.of(kind)) for kind in (CallStarted, CallOffered, CallAnswered)] == [1, 1, 1]
        assert ended(on) == ["answered"]


def test_only_the_same_bytes_with_a_time_stamp_are_a_repetition() -> None:
    repeats = Repeats(span=2)

    def event(stamp: str) -> AmiEvent:
        return AmiEvent(f"Event: Hangup{stamp}\r\nUniqueid: 1".encode(), "Hangup")

    assert [repeats.has(event("")) for _ in range(2)] == [False, False]
    assert [repeats.has(event("\r\nTimestamp: 1.5")) for _ in range(2)] == [False, True]
    for later in ("\r\nTimestamp: 2.5", "\r\nTimestamp: 3.5"):
        assert not repeats.has(event(later))
    assert not repeats.has(event("\r\nTimestamp: 1.5")), "memory is bounded"


async def test_garbage_among_the_events_is_counted_and_passed_over(tmp_path: Path) -> None:
    async with MockAsterisk() as mock, on_fake(tmp_path, mock) as on:
        mock.say("Hangup", Channel="PJSIP/trunk-1")
        mock.say("Newstate", Uniqueid="1", ChannelState="eleven")
        mock.say("UserEvent", UserEvent="CallInbound", Uniqueid="1", CallID="../../etc/passwd")
        await play(mock, "answered")
        await until(lambda: ended(on) == ["answered"])
        assert on.bridge.metrics.malformed == 3


async def test_a_recording_outside_its_folder_is_refused(tmp_path: Path) -> None:
    async with MockAsterisk() as mock, on_fake(tmp_path, mock) as on:
        told = {"Uniqueid": "9.1", "CallID": "6f1d1f1e-0c1a-4a53-9d7e-3f1a0f123450"}
        mock.say("UserEvent", UserEvent="CallInbound", **told)
        mock.say("UserEvent", UserEvent="CallRecording", Path="../../../etc/shadow", **told)
        await until(lambda: on.bridge.metrics.malformed == 1)
        assert [call.recording for call in on.bridge.calls.values()] == [""]


async def test_members_and_devices_are_told_only_when_they_differ(tmp_path: Path) -> None:
    async with MockAsterisk() as mock, on_fake(tmp_path, mock) as on:
        member = {"Queue": "hotline", "Interface": "PJSIP/seat03", "Status": "1", "Paused": "1"}
        for status in ("1", "1", "6", "2", "5", "5", "1"):
            mock.say("QueueMemberStatus", **{**member, "Status": status})
        mock.say("QueueMemberStatus", **{**member, "Queue": "another", "Paused": "0"})
        for state in ("NOT_INUSE", "INUSE", "UNAVAILABLE", "UNAVAILABLE"):
            mock.say("DeviceStateChange", Device="PJSIP/seat03", State=state)
        await until(lambda: len(on.of(DeviceChanged)) == 2)
        assert [event.reachable for event in on.of(MemberChanged)] == [True, False, True]
        assert [event.reachable for event in on.of(DeviceChanged)] == [True, False]


# -- the database goes away


@asynccontextmanager
async def breakable(folder: Path) -> AsyncIterator[tuple[Database, list[str]]]:
    """A ledger that fails every statement while the list is not empty."""
    database = await ledger(folder)
    broken: list[str] = []

    @sqlalchemy_event.listens_for(database.engine.sync_engine, "before_cursor_execute")
    def _fail(*_: object) -> None:
        if broken:
            raise OperationalError("any", None, Exception(broken[0]))

    yield database, broken
    broken.clear()
    await database.close()


async def test_while_the_database_is_gone_facts_wait_on_disk_and_are_written_in_order(
    tmp_path: Path,
) -> None:
    """Section 10: calls keep flowing; facts buffered on disk, written afterwards, in order."""
    async with (
        breakable(tmp_path) as (database, broken),
        MockAsterisk() as mock,
        on_fake(tmp_path, mock, database) as on,
    ):
        await play(mock, "answered")
        await until(lambda: ended(on) == ["answered"])
        broken.append("gone")
        await play(mock, "rejected", "abandoned_in_queue")
        await until(lambda: on.bridge.metrics.spooled > 30)
        assert ended(on) == ["answered"], "nothing is told that is not written"
        assert list((tmp_path / "spool").iterdir())
        broken.clear()
        await until(lambda: len(ended(on)) == 3)
        assert ended(on) == ["answered", "answered", "abandoned_in_queue"]
        await until(lambda: not list((tmp_path / "spool").iterdir()))
        await until(lambda: len(on.of(SwitchUp)) == 2)
        assert (await reconcile(database, utc_now)).whole
        await play(mock, "two_callers_one_seat")
        await until(lambda: len(ended(on)) == 5)


async def test_facts_on_disk_survive_our_own_death_and_are_written_once(tmp_path: Path) -> None:
    async with breakable(tmp_path) as (database, broken), MockAsterisk() as mock:
        async with on_fake(tmp_path, mock, database) as first:
            broken.append("gone")
            await play(mock, "answered")
            await until(lambda: first.bridge.metrics.spooled > 15)
        broken.clear()
        async with on_fake(tmp_path, mock, database) as second:
            await until(lambda: ended(second) == ["answered"])
        async with on_fake(tmp_path, mock, database) as third:
            assert ended(third) == []
        report = await reconcile(database, utc_now)
        assert (report.offered, report.outcomes) == (1, {"answered": 1})


async def test_a_bridge_that_starts_without_a_database_waits_for_it(tmp_path: Path) -> None:
    async with breakable(tmp_path) as (database, broken), MockAsterisk() as mock:
        broken.append("gone")
        async with bridge_over(link_to(mock), tmp_path, database=database) as on:
            await until(lambda: on.link.connected)
            await play(mock, "answered")
            await until(lambda: on.bridge.metrics.spooled > 15)
            broken.clear()
            await on.in_step()
            await until(lambda: ended(on) == ["answered"])


async def test_a_fact_that_the_database_refuses_does_not_hold_up_the_others(tmp_path: Path) -> None:
    async with MockAsterisk() as mock, on_fake(tmp_path, mock) as on:
        async with on.database.unit_of_work() as uow:
            await uow.session.execute(
                text(
                    "CREATE TRIGGER poison BEFORE INSERT ON call_fact WHEN NEW.kind = 'MenuChosen' "
                    "BEGIN SELECT RAISE(ABORT, 'poison'); END"
                )
            )
        await play(mock, "answered", "abandoned_in_queue")
        await until(lambda: len(ended(on)) == 2)
        assert on.bridge.metrics.refused == 2
        assert on.bridge.metrics.spooled == 0
        assert (await reconcile(on.database, utc_now)).calls_add_up


async def test_a_late_fact_of_a_call_from_before_our_time_does_not_begin_it_anew(
    tmp_path: Path,
) -> None:
    async with MockAsterisk() as mock:
        async with on_fake(tmp_path, mock) as first:
            await play(mock, "answered")
            await until(lambda: ended(first) == ["answered"])
            (call_id,) = first.bridge.calls
        async with on_fake(tmp_path, mock) as second:
            assert second.bridge.calls == {}
            await play(mock, "answered")  # all of it again, to a process that never saw it
            await until(lambda: second.bridge.metrics.facts >= 20)
            await play(mock, "abandoned_in_queue")
            await until(lambda: ended(second) == ["abandoned_in_queue"])
            async with second.database.reading() as session:
                again = await books.recorded_call(session, call_id)
            assert again is not None
            assert again.outcome == "answered"


# -- the link and ourselves come and go


async def test_a_call_that_went_while_the_link_was_down_is_found_out(tmp_path: Path) -> None:
    recording = (RECORDINGS / "answered.ami").read_bytes()
    start, _, _ = recording.partition(b"Event: AgentComplete")
    async with MockAsterisk() as mock, on_fake(tmp_path, mock) as on:
        await mock.play(start)
        await until(lambda: len(on.of(CallAnswered)) == 1)
        mock.world.channels.clear()
        on.link._protocol.drop("cut by the test")  # type: ignore[union-attr]
        await until(lambda: on.of(SwitchDown) != [])
        await until(lambda: len(on.of(SwitchUp)) == 2)
        assert ended(on) == ["answered"]
        assert on.of(SwitchUp)[1].corrections >= 2
        assert not on.of(SwitchUp)[1].restarted


async def test_our_restart_during_a_call_keeps_its_id_and_its_parts(tmp_path: Path) -> None:
    recording = (RECORDINGS / "answered.ami").read_bytes()
    start, mark, rest = recording.partition(b"Event: AgentComplete")
    async with MockAsterisk() as mock:
        async with on_fake(tmp_path, mock) as first:
            await mock.play(start)
            await until(lambda: len(first.of(CallAnswered)) == 1)
            (before,) = first.bridge.calls.values()
        async with on_fake(tmp_path, mock) as second:
            (after,) = second.bridge.calls.values()
            assert (after.id, after.phase, after.segments) == (
                before.id,
                "talking",
                before.segments,
            )
            assert second.of(SwitchUp)[0].corrections == 0
            await mock.play(mark + rest)
            await until(lambda: ended(second) == ["answered"])


async def test_a_stuck_call_is_verified_and_ended(tmp_path: Path) -> None:
    """No state can last for ever on the word of an event that never came."""
    recording = (RECORDINGS / "answered.ami").read_bytes()
    start, _, _ = recording.partition(b"Event: BridgeEnter")
    later = [timedelta()]
    async with MockAsterisk() as mock, on_fake(tmp_path, mock) as on:
        on.bridge._clock = lambda: utc_now() + later[0]
        await mock.play(start)
        await until(lambda: any(call.phase == "connecting" for call in on.bridge.calls.values()))
        mock.world.channels.clear()  # both hung up, and we were never told
        later[0] = timedelta(seconds=6)
        await until(lambda: ended(on) == ["abandoned_in_queue"])
        assert on.bridge.metrics.corrections >= 2


async def test_calls_that_are_over_leave_the_live_table(tmp_path: Path) -> None:
    async with MockAsterisk() as mock, on_fake(tmp_path, mock) as on:
        await play(mock, "answered", "abandoned_in_queue")
        await until(lambda: len(ended(on)) == 2)
        on.bridge._recorder._clock = lambda: utc_now() + timedelta(minutes=3)
        await until(lambda: not on.bridge.calls)
        mock.say("Hangup", Uniqueid="1", Cause="16")  # nobody's
        await play(mock, "rejected")
        await until(lambda: len(ended(on)) == 3)


@pytest.mark.parametrize("name", SESSIONS)
async def test_the_ledger_on_postgresql_is_the_same(
    name: str, tmp_path: Path, postgresql_url: str
) -> None:
    from core.events import LocalBus

    database = Database(postgresql_url, LocalBus())
    await database.create_all()
    try:
        async with MockAsterisk() as mock, on_fake(tmp_path, mock, database) as on:
            await play(mock, name)
            count = 2 if name == "two_callers_one_seat" else 1
            await until(lambda: len(ended(on)) == count)
            assert (await reconcile(database, utc_now)).whole
            async with database.reading() as session:
                for call in on.bridge.calls.values():
                    facts = [books.fact_in(row) for row in await queries.timeline(session, call.id)]
                    assert replay(facts) == call
    finally:
        await database.close()
