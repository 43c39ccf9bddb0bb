"""The bridge on the real Asterisk: after every story the ledger is right and explains all of queue_log."""

from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path

import pytest
from support.bridges import Bridged, bridged
from support.links import until
from support.phones import citizen, seat_phone

from telephony import queries
from telephony.events import (
    CallAnswered,
    CallOffered,
    CallQueued,
    CallStarted,
    DeviceChanged,
    MemberChanged,
    MemberRemoved,
    OfferEnded,
    QueueChanged,
    RecordingStarted,
    SegmentEnded,
    SwitchUp,
)
from telephony.own_asterisk import OwnAsterisk
from telephony.reconcile import Report

pytestmark = pytest.mark.asterisk


@pytest.fixture
async def on(asterisk: OwnAsterisk, tmp_path: Path) -> AsyncIterator[Bridged]:
    # The instance is shared by the tests: only what is written from now on is this ledger's to explain.
    asterisk.paths.queue_log.write_bytes(b"")
    async with bridged(asterisk, tmp_path) as parts:
        await parts.in_step()
        yield parts


async def settled(on: Bridged, log: Path) -> Report:
    """Wait until the calls are over and all of queue_log is stored, then reconcile."""
    await until(lambda: not any(call.live_legs for call in on.bridge.calls.values()), 15)
    return await on.reconciled(lines_of(log))


def lines_of(log: Path) -> int:
    return len(log.read_bytes().splitlines())


async def test_an_answered_call_is_in_the_ledger_from_ring_to_recording(
    on: Bridged, asterisk: OwnAsterisk
) -> None:
    async with (
        seat_phone(asterisk, "seat01", "answer"),
        citizen(asterisk, "13900000001", name="王小明") as caller,
    ):
        await on.switch.add_member("seat01", paused=False)
        call = await caller.dial("12345")
        answered = await on.next(CallAnswered)
        await call.hang_up()
        ended = await on.ended()
    started = on.of(CallStarted)[0]
    assert (started.caller, started.caller_name, started.dnid) == ("13900000001", "王小明", "12345")
    assert [len(on.of(k)) for k in (CallQueued, CallOffered, CallAnswered, SegmentEnded)] == [1] * 4
    assert on.of(OfferEnded)[0].result == "answered"
    assert on.of(SegmentEnded)[0].reason == "caller"
    assert (ended.outcome, ended.call_id) == ("answered", answered.call_id)
    assert ended.talk_seconds > 0
    assert on.of(RecordingStarted)[0].path.endswith(f"/{ended.call_id}.wav")
    report = await settled(on, asterisk.paths.queue_log)
    assert report.unexplained == []
    assert report.whole
    assert (report.offered, report.outcomes, report.in_system) == (1, {"answered": 1}, 0)
    async with on.database.reading() as session:
        row = await queries.call(session, ended.call_id)
        facts = await queries.timeline(session, ended.call_id)
        assert [leg.role for leg in row.legs] == ["caller", "agent"]
        assert [segment.endpoint for segment in row.segments] == ["seat01"]
        assert [fact.seq for fact in facts] == list(range(1, row.facts + 1))


async def test_a_caller_who_gives_up_in_the_queue_is_abandoned(
    on: Bridged, asterisk: OwnAsterisk
) -> None:
    async with citizen(asterisk) as caller, seat_phone(asterisk, "seat01", "ring"):
        await on.switch.add_member("seat01", paused=True, reason="meal")
        call = await caller.dial("12345")
        queued = await on.next(CallQueued)
        line = await on.next(QueueChanged)
        assert [entry.call_id for entry in line.waiting] == [queued.call_id]
        await call.hang_up()
        assert (await on.ended()).outcome == "abandoned_in_queue"
        await until(lambda: on.of(QueueChanged)[-1].waiting == [])
    report = await settled(on, asterisk.paths.queue_log)
    assert report.unexplained == []
    assert report.outcomes == {"abandoned_in_queue": 1}


async def test_a_caller_who_gives_up_while_a_seat_rings_is_abandoned(
    on: Bridged, asterisk: OwnAsterisk
) -> None:
    async with citizen(asterisk) as caller, seat_phone(asterisk, "seat01", "ring"):
        await on.switch.add_member("seat01", paused=False)
        call = await caller.dial("12345")
        await on.next(CallOffered)
        await call.hang_up()
        assert (await on.next(OfferEnded)).result == "caller_gone"
        assert (await on.ended()).outcome == "abandoned_in_queue"
    report = await settled(on, asterisk.paths.queue_log)
    assert report.unexplained == []


async def test_a_seat_that_lets_it_ring_is_a_missed_offer_and_the_next_one_answers(
    on: Bridged, asterisk: OwnAsterisk
) -> None:
    async with (
        citizen(asterisk) as caller,
        seat_phone(asterisk, "seat01", "ring"),
        seat_phone(asterisk, "seat02", "answer"),
    ):
        await on.switch.add_member("seat01", paused=False)
        await on.switch.add_member("seat02", paused=True)
        await asterisk.console("queue set ringinuse no on PJSIP/seat01 in hotline")
        call = await caller.dial("12345")
        await on.next(CallOffered)
        await on.switch.pause_member("seat02", False)
        missed = await on.next(OfferEnded, limit=30)
        assert (missed.endpoint, missed.result) == ("seat01", "no_answer")
        await on.switch.pause_member("seat01", True, "missed_call")
        answered = await on.next(CallAnswered, limit=30)
        assert answered.endpoint == "seat02"
        await call.hang_up()
        await on.ended()
    report = await settled(on, asterisk.paths.queue_log)
    assert report.unexplained == []
    assert report.outcomes == {"answered": 1}


async def test_a_seat_that_refuses_is_a_rejected_offer(on: Bridged, asterisk: OwnAsterisk) -> None:
    async with citizen(asterisk) as caller, seat_phone(asterisk, "seat01", "reject"):
        await on.switch.add_member("seat01", paused=False)
        call = await caller.dial("12345")
        refused = await on.next(OfferEnded)
        assert (refused.endpoint, refused.attempt, refused.result) == ("seat01", 1, "rejected")
        await on.switch.pause_member("seat01", True, "rest")
        await call.hang_up()
        assert (await on.ended()).outcome == "abandoned_in_queue"
    report = await settled(on, asterisk.paths.queue_log)
    assert report.unexplained == []


async def test_of_two_callers_one_seat_serves_first_the_one_then_the_other(
    on: Bridged, asterisk: OwnAsterisk
) -> None:
    async with (
        citizen(asterisk, "13900000001") as first,
        citizen(asterisk, "13900000002") as second,
        seat_phone(asterisk, "seat01", "answer"),
    ):
        await on.switch.add_member("seat01", paused=False)
        one = await first.dial("12345")
        await on.next(CallAnswered)
        two = await second.dial("12345")
        await on.next(CallQueued, 2)
        assert len(on.of(CallOffered)) == 1
        await one.hang_up()
        await on.ended(1)
        await on.next(CallAnswered, 2)
        await two.hang_up()
        await on.ended(2)
    report = await settled(on, asterisk.paths.queue_log)
    assert report.unexplained == []
    assert (report.outcomes, report.segments_of_agents) == ({"answered": 2}, 2)


async def test_a_hang_up_around_the_pick_up_is_explained_whichever_side_was_quicker(
    on: Bridged, asterisk: OwnAsterisk
) -> None:
    async with citizen(asterisk) as caller, seat_phone(asterisk, "seat01", "ring") as seat:
        await on.switch.add_member("seat01", paused=False)
        for round_ in range(1, 4):
            call = await caller.dial("12345")
            offered = await seat.next_call(within=15)
            await on.next(CallOffered, round_)
            answering = offered.answer()
            await call.hang_up()
            await answering
            ended = await on.ended(round_)
            assert ended.outcome in ("answered", "abandoned_in_queue")
    report = await settled(on, asterisk.paths.queue_log)
    assert report.unexplained == []
    assert report.calls_add_up
    assert report.segments_add_up


async def test_nobody_staffed_is_left_empty(on: Bridged, asterisk: OwnAsterisk) -> None:
    async with citizen(asterisk) as caller:
        call = await caller.dial("12345")
        await on.next(CallStarted)
        await until(lambda: any("left_empty" in c.evidence for c in on.bridge.calls.values()), 15)
        await call.hang_up()
        assert (await on.ended()).outcome == "left_empty"
    report = await settled(on, asterisk.paths.queue_log)
    assert report.unexplained == []


async def test_members_and_devices_are_told_only_when_they_differ(
    on: Bridged, asterisk: OwnAsterisk
) -> None:
    async with seat_phone(asterisk, "seat02"):
        await until(lambda: [d for d in on.of(DeviceChanged) if d.reachable])
        assert on.of(DeviceChanged)[-1].endpoint == "seat02"
        await on.switch.add_member("seat02", paused=True, reason="sign_in")
        await on.next(MemberChanged)
        await on.switch.pause_member("seat02", False)
        await until(lambda: not on.of(MemberChanged)[-1].paused)
        await on.switch.remove_member("seat02")
        await on.next(MemberRemoved)
    told = [(m.paused, m.reason, m.reachable) for m in on.of(MemberChanged)]
    assert all(a != b for a, b in pairwise(told))


async def test_a_link_that_was_cut_during_a_call_is_back_in_step_with_nothing_lost(
    on: Bridged, asterisk: OwnAsterisk
) -> None:
    async with citizen(asterisk) as caller, seat_phone(asterisk, "seat01", "answer"):
        await on.switch.add_member("seat01", paused=False)
        call = await caller.dial("12345")
        answered = await on.next(CallAnswered)
        await asterisk.console(
            "manager reload"
        )  # our session is kept or cut: either must be survived
        on.link._protocol.drop("cut by the test")  # type: ignore[union-attr]
        await until(lambda: not on.bridge.in_step)
        await call.hang_up()
        assert (await on.ended()).call_id == answered.call_id
        up = await on.next(SwitchUp, 2)
        assert not up.restarted
    report = await settled(on, asterisk.paths.queue_log)
    assert report.unexplained == []
    assert report.outcomes == {"answered": 1}
