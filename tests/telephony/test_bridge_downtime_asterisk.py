"""While we are away the real Asterisk goes on; when we come back the ledger is as if we had been there."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.asterisk import running_asterisk
from support.bridges import bridged
from support.links import until
from support.phones import citizen, seat_phone

from core.clock import utc_now
from telephony import queries
from telephony.events import CallAnswered, CallEnded, CallQueued, MemberRemoved, SwitchUp
from telephony.own_asterisk import OwnAsterisk

pytestmark = pytest.mark.asterisk


@pytest.fixture
async def own(tmp_path: Path) -> AsyncIterator[OwnAsterisk]:
    async with running_asterisk(tmp_path / "switch", plain_seats=True) as asterisk:
        yield asterisk


async def log_says(asterisk: OwnAsterisk, text: str, count: int = 1) -> None:
    log = asterisk.paths.queue_log
    await until(lambda: log.exists() and log.read_text().count(text) >= count, 15)


async def test_calls_of_our_downtime_are_in_the_ledger_and_live_calls_keep_their_ids(
    own: OwnAsterisk, tmp_path: Path
) -> None:
    """Section 10: our process killed during calls; states and ledger right within 5 s, nothing lost."""
    async with (
        citizen(own, "13900000001") as before,
        citizen(own, "13900000002") as across,
        citizen(own, "13900000003") as missed,
        seat_phone(own, "seat01", "answer"),
        seat_phone(own, "seat02", "answer"),
    ):
        async with bridged(own, tmp_path) as first:
            await first.in_step()
            await first.switch.add_member("seat01", paused=False)
            await first.switch.add_member("seat02", paused=True)
            one = await before.dial("12345")
            ended_away = (await first.next(CallAnswered)).call_id
            await first.switch.pause_member("seat02", False)
            two = await across.dial("12345")
            still_there = (await first.next(CallAnswered, 2)).call_id
        three = await missed.dial("12345")
        await log_says(own, "|ENTERQUEUE|", 3)
        await three.hang_up()
        await log_says(own, "|ABANDON|")
        in_greeting = await missed.dial("12345", caller="13900000004")
        await log_says(own, "|CALLARRIVED|", 4)
        await in_greeting.hang_up()
        await one.hang_up()
        await log_says(own, "|CALLGONE|", 3)
        started = utc_now()
        async with bridged(own, tmp_path) as second:
            await second.in_step(5)
            assert (utc_now() - started).total_seconds() < 5
            outcomes = {event.call_id: event.outcome for event in second.of(CallEnded)}
            assert outcomes[ended_away] == "answered"
            away = ["abandoned_in_ivr", "abandoned_in_queue", "answered"]
            assert sorted(outcomes.values()) == away
            live = second.bridge.calls[still_there]
            assert live.phase == "talking"
            assert [segment.endpoint for segment in live.segments] == ["seat02"]
            await two.hang_up()
            await second.next(CallEnded, 4)
            lines = len(own.paths.queue_log.read_bytes().splitlines())
            report = await second.reconciled(lines - first.bridge.metrics.log_lines)
            assert report.unexplained == []
            assert report.whole
            assert report.outcomes == {
                "answered": 2,
                "abandoned_in_queue": 1,
                "abandoned_in_ivr": 1,
            }
            async with second.database.reading() as session:
                (unseen,) = await queries.call_lines(session, caller="13900000003")
                assert (unseen.outcome, unseen.dnid) == ("abandoned_in_queue", "12345")
                assert unseen.queued_at is not None  # the log has whole seconds: the wait may be 0


async def test_a_restarted_asterisk_leaves_failed_calls_and_no_members(
    own: OwnAsterisk, tmp_path: Path
) -> None:
    """Section 10: calls in progress are closed as failed, and the rooms are told that it restarted."""
    async with (
        bridged(own, tmp_path) as on,
        citizen(own) as caller,
        seat_phone(own, "seat01", "answer"),
    ):
        await on.in_step()
        await on.switch.add_member("seat01", paused=False)
        await caller.dial("12345")
        answered = await on.next(CallAnswered)
        await own.kill()
        await until(lambda: not on.bridge.in_step, 15)
        await own.restart()
        up = await on.next(SwitchUp, 2, limit=30)
        assert up.restarted
        ended = await on.next(CallEnded)
        assert (ended.call_id, ended.outcome) == (answered.call_id, "failed")
        assert on.of(MemberRemoved)[-1].endpoint == "seat01"
        report = await on.reconciled()
    assert report.unexplained == []
    assert report.whole


async def test_a_restart_of_both_is_seen_although_this_process_never_met_the_old_asterisk(
    own: OwnAsterisk, tmp_path: Path
) -> None:
    async with citizen(own) as caller:
        async with bridged(own, tmp_path) as first:
            await first.in_step()
            await first.switch.add_member("seat01", paused=True)
            await caller.dial("12345")
            await first.next(CallQueued)
        await own.kill()
        await own.restart()
        async with bridged(own, tmp_path) as second:
            assert (await second.next(SwitchUp)).restarted
            assert (await second.next(CallEnded)).outcome == "failed"
