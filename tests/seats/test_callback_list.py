"""The callback list (telephony spec 8, last bullet): fed by facts, one entry a number, claimed, closed by evidence."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass, field

import pytest
from seat_world import World

from core.errors import Forbidden, HotlineError, NotFound
from core.security import Principal, Role
from seats.callbacks.errors import (
    CallbackClosed,
    CallbackHeld,
    CallbackNeedsPause,
    CallbackNotAllowedNow,
    CallbackNotYours,
    CallbackQuietHours,
    CallbackTooSoon,
)
from seats.callbacks.events import CallbackChanged
from seats.callbacks.service import CallbackService
from seats.callbacks.views import EntryView
from telephony.events import CallAnswered, CallEnded, OutboundEnded, Outcome
from telephony.models import CallRow

CITIZEN = "13900000001"


@dataclass
class Line:
    """Plays the switch: the seat picks up or not; what happens beyond is told as OutboundEnded by the test."""

    picks_up: bool = True
    fails: HotlineError | None = None
    up: set[str] = field(default_factory=set)
    dialled: list[tuple[str, str, str]] = field(default_factory=list)

    async def dial_out(self, endpoint: str, number: str, channel_id: str) -> bool:
        self.dialled.append((endpoint, number, channel_id))
        if self.fails:
            raise self.fails
        if self.picks_up:
            self.up.add(channel_id)
        return self.picks_up

    async def is_up(self, channel_id: str) -> bool:
        return channel_id in self.up


@dataclass
class Work:
    """A callback list in a call centre, with words for what happens."""

    world: World
    line: Line
    service: CallbackService
    calls: int = 0

    async def lost(
        self, number: str = CITIZEN, outcome: Outcome = "abandoned_in_queue", waited: float = 20
    ) -> CallEnded:
        event = CallEnded(
            at=self.world.clock(),
            call_id=await self.call_of(number),
            outcome=outcome,
            caller=number,
            waited_seconds=waited,
            talk_seconds=0,
        )
        await self.service.on_call_ended(event)
        return event

    async def answered(self, number: str = CITIZEN) -> None:
        await self.service.on_call_answered(
            CallAnswered(
                at=self.world.clock(), call_id=await self.call_of(number), endpoint="seat01",
                attempt=1, segment=1, waited_seconds=3,
            )
        )  # fmt: skip

    async def call_of(self, number: str, outcome: Outcome | None = None) -> str:
        self.calls += 1
        call_id, now = f"call-{self.calls}", self.world.clock()
        async with self.world.database.unit_of_work() as uow:
            uow.session.add(
                CallRow(
                    id=call_id, linkedid="", phase="queued", caller=number, caller_name="", dnid="",
                    menu="", emergency=False, queue="", started_at=now, queued_at=now,
                    answered_at=None, ended_at=now if outcome else None, outcome=outcome,
                    evidence=[], waited_seconds=20, talk_seconds=0, segment_count=0, recording="",
                    facts=0, divergences=0,
                )
            )  # fmt: skip
        return call_id

    async def only(self, who: str = "王") -> EntryView:
        (entry,) = (await self.service.entries(self.person(who).account_id)).entries
        return entry

    def person(self, name: str) -> Principal:
        return self.world.people[name]

    async def triggers(self, entry_id: int = 1) -> list[str]:
        return [step.trigger for step in await self.service.steps(entry_id)]

    async def calling(self, who: str = "王") -> str:
        """Let `who`, who has claimed the only entry, call back; return the channel."""
        await self.service.call((await self.only()).id, self.person(who))
        await self.rung()
        return self.line.dialled[-1][2]

    async def rung(self) -> None:
        async with asyncio.timeout(2):
            while self.service._calls._ringing:
                await asyncio.sleep(0)

    async def over(self, channel: str, status: str, seconds: float = 0) -> None:
        self.line.up.discard(channel)
        await self.service.on_outbound_ended(
            OutboundEnded(
                at=self.world.clock(), channel_id=channel, status=status, talk_seconds=seconds
            )
        )


@pytest.fixture
async def work(world: World) -> AsyncIterator[Work]:
    await world.hire("班长", roles=(Role.SHIFT_LEADER,))
    line = Line()
    service = CallbackService(
        world.database, world.clock, world.settings, world.service.session_of, line
    )
    yield Work(world, line, service)
    await service.close()


@pytest.fixture
async def claimed(work: Work) -> Work:
    """王 sits at seat 01, not ready, and has claimed the only entry."""
    work.world.switch.set_device("seat01", True)
    await work.world.service.sign_in(work.person("王"), "01")
    await work.world.settle()
    await work.lost()
    await work.service.claim(1, work.person("王"))
    return work


async def refused(act: Awaitable[object], error: type[HotlineError]) -> None:
    with pytest.raises(error):
        await act


async def test_a_number_that_left_unserved_twice_has_one_entry_with_two_times(work: Work) -> None:
    await work.lost(waited=20)
    first = await work.only()
    work.world.clock.advance(minutes=3)
    await work.lost(waited=60)
    entry = await work.only()
    assert (entry.id, entry.times, entry.longest_wait) == (first.id, 2, 60)
    assert entry.first_at == first.first_at
    assert entry.last_at == first.first_at.replace(minute=first.first_at.minute + 3)
    assert await work.triggers() == ["new", "lost_again"]


async def test_the_same_fact_told_twice_counts_once(work: Work) -> None:
    event = await work.lost()
    await work.service.on_call_ended(event)
    assert (await work.only()).times == 1


async def test_who_hung_up_at_once_is_not_on_the_list(work: Work) -> None:
    await work.lost(waited=5)
    await work.lost(outcome="abandoned_in_ivr")
    assert (await work.service.entries()).open == 0


async def test_a_promise_and_a_caller_whom_nobody_could_serve_are_on_the_list(work: Work) -> None:
    await work.lost("13900000002", "callback_accepted", 0)
    await work.lost("13900000003", "left_empty", 0)
    entries = (await work.service.entries()).entries
    assert [entry.promised for entry in entries] == [True, False]


async def test_withheld_numbers_have_no_entry_and_are_counted(work: Work) -> None:
    await work.lost("")
    await work.call_of("", "abandoned_in_queue")
    await work.call_of("", "answered")
    found = await work.service.entries()
    assert (found.open, found.withheld) == (0, 1)


async def test_two_losses_at_once_make_one_entry(work: Work) -> None:
    await asyncio.gather(*(work.lost() for _ in range(5)))
    assert (await work.only()).times == 5


async def test_of_two_who_claim_at_once_one_wins_and_the_other_is_told_who(work: Work) -> None:
    await work.lost()
    results = await asyncio.gather(
        *(work.service.claim(1, work.person(name)) for name in ("王", "赵", "李")),
        return_exceptions=True,
    )
    winners = [one for one in results if isinstance(one, EntryView)]
    losers = [one for one in results if isinstance(one, CallbackHeld)]
    assert (len(winners), len(losers)) == (1, 2)
    assert {one.details["name"] for one in losers} == {winners[0].claimed_name}
    assert await work.triggers() == ["new", "claim"]


async def test_the_number_is_masked_for_all_but_the_one_who_claimed_it(claimed: Work) -> None:
    assert (await claimed.only("王")).number == CITIZEN
    for other in ("赵", "班长"):
        entry = await claimed.only(other)
        assert (entry.number, entry.number_masked) == ("", "139****0001")


async def test_a_claim_is_given_back_by_its_holder_or_a_manager_and_lapses_by_itself(
    claimed: Work,
) -> None:
    await refused(claimed.service.release(1, claimed.person("赵")), CallbackHeld)
    await claimed.service.release(1, claimed.person("王"))
    await claimed.service.claim(1, claimed.person("赵"))
    await claimed.service.release(1, claimed.person("班长"))
    await claimed.service.claim(1, claimed.person("李"))
    claimed.world.clock.advance(minutes=9)
    await claimed.service.sweep()
    assert (await claimed.only()).claimed_name == "李"
    claimed.world.clock.advance(minutes=2)
    await claimed.service.sweep()
    assert (await claimed.only()).state == "open"
    assert await claimed.triggers() == [
        "new", "claim", "release", "claim", "release", "claim", "lapse",
    ]  # fmt: skip


async def test_a_call_back_that_was_answered_closes_the_entry_with_its_call(claimed: Work) -> None:
    channel = await claimed.calling()
    assert claimed.line.dialled == [("seat01", CITIZEN, channel)]
    assert (await claimed.only()).state == "calling"
    await claimed.over(channel, "ANSWER", 42.4)
    assert (await claimed.service.entries()).open == 0
    entry = await claimed.service.one(1, claimed.person("王"))
    assert (entry.state, entry.close_reason) == ("reached", "ANSWER 42 s")
    assert await claimed.triggers() == ["new", "claim", "call", "connected"]


async def test_an_attempt_that_reached_nobody_leaves_the_entry_to_all_after_a_rest(
    claimed: Work,
) -> None:
    await claimed.over(await claimed.calling(), "BUSY")
    entry = await claimed.only()
    assert (entry.state, entry.attempts, entry.claimed_by) == ("open", 1, None)
    await refused(claimed.service.claim(1, claimed.person("赵")), CallbackTooSoon)
    assert (await claimed.only()).state == "open"  # the refused claim has left no trace
    claimed.world.clock.advance(minutes=15)
    assert (await claimed.service.claim(1, claimed.person("赵"))).claimed_name == "赵"


async def test_after_the_last_attempt_a_manager_decides_and_a_new_call_begins_anew(
    claimed: Work,
) -> None:
    for _ in range(3):
        if (await claimed.only()).state == "open":
            claimed.world.clock.advance(minutes=16)
            await claimed.service.claim(1, claimed.person("王"))
        await claimed.over(await claimed.calling(), "NOANSWER")
    assert (await claimed.only()).state == "spent"
    await refused(claimed.service.claim(1, claimed.person("王")), CallbackNotAllowedNow)
    await claimed.lost()
    entry = await claimed.only()
    assert (entry.state, entry.attempts, entry.not_before) == ("open", 0, None)


async def test_a_seat_that_does_not_pick_up_costs_no_attempt(claimed: Work) -> None:
    claimed.line.picks_up = False
    await claimed.calling()
    entry = await claimed.only()
    assert (entry.state, entry.attempts, entry.claimed_name) == ("claimed", 0, "王")


async def test_a_call_whose_end_nobody_told_is_found_out_by_asking(claimed: Work) -> None:
    """Our process was down while the call ended: no state may last for ever."""
    channel = await claimed.calling()
    claimed.world.clock.advance(minutes=5)
    await claimed.service.sweep()
    assert (await claimed.only()).state == "calling"
    claimed.line.up.clear()
    await claimed.service.sweep()
    assert (await claimed.only()).state == "open"
    assert (await claimed.service.steps(1))[-1].note == "LOST"
    await claimed.over(channel, "ANSWER", 5)  # too late
    assert (await claimed.only()).state == "open"


async def test_a_redial_that_was_answered_closes_the_entry_even_during_a_call_back(
    claimed: Work,
) -> None:
    channel = await claimed.calling()
    await claimed.answered("13900000009")
    assert (await claimed.only()).state == "calling"
    await claimed.answered()
    assert (await claimed.service.entries()).open == 0
    await claimed.over(channel, "BUSY")
    entry = await claimed.service.one(1, claimed.person("王"))
    assert entry.state == "answered"
    assert (await claimed.service.steps(1))[-1].call_id == f"call-{claimed.calls}"


async def test_only_a_manager_closes_without_a_talk_and_must_say_why(claimed: Work) -> None:
    await refused(claimed.service.dismiss(1, "空号", claimed.person("王")), Forbidden)
    entry = await claimed.service.dismiss(1, "空号", claimed.person("班长"))
    assert (entry.state, entry.close_reason) == ("dismissed", "空号")
    await refused(claimed.service.claim(1, claimed.person("王")), CallbackClosed)
    await refused(claimed.service.dismiss(1, "再关", claimed.person("班长")), CallbackClosed)
    await claimed.lost()
    assert (await claimed.only()).id == 2


async def test_nobody_is_called_without_claim_without_seat_or_at_night(claimed: Work) -> None:
    await refused(claimed.service.call(1, claimed.person("赵")), CallbackNotYours)
    await refused(claimed.service.call(7, claimed.person("王")), NotFound)
    claimed.world.clock.advance(hours=14)  # 22:02 in Yingkou
    await refused(claimed.service.call(1, claimed.person("王")), CallbackQuietHours)
    assert claimed.line.dialled == []


async def test_a_ready_seat_does_not_call_out(claimed: Work) -> None:
    """The next caller must not meet a seat that is dialling."""
    await claimed.world.service.set_ready(claimed.person("王"))
    await claimed.world.settle()
    await refused(claimed.service.call(1, claimed.person("王")), CallbackNeedsPause)


async def test_every_step_is_told_without_the_number(claimed: Work) -> None:
    await claimed.over(await claimed.calling(), "ANSWER", 9)
    told = [event for event in claimed.world.events if isinstance(event, CallbackChanged)]
    assert [event.trigger for event in told] == [None, "claim", "call", "connected"]
    assert CITIZEN not in str([event.to_json() for event in told])
