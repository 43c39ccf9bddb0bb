"""Random shifts: whatever people, Asterisk and crashes do in whatever order, seats and switch agree again."""

import asyncio
import tempfile
from collections import Counter
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from seat_world import World
from sqlalchemy import select

from core.errors import HotlineError
from core.events import Event
from seats.models import AgentSession
from telephony.events import CallAnswered, CallOffered, OfferEnded, OfferResult, SegmentEnded

NAMES = ("王", "赵", "李", "钱")
people = st.sampled_from(NAMES)
numbers = st.sampled_from(("01", "02", "03"))
results = st.sampled_from(("no_answer", "rejected", "caller_gone", "withdrawn", "failed"))


class Shift(RuleBasedStateMachine):
    """Three seats, two open at first, four operators, an Asterisk that may lose, delay and invent facts."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory(prefix="shift-")
        self.calls = 0
        self.talking: set[str] = set()  # calls whose leg is answered

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> None:
        self.runner.run(coroutine)

    @initialize()
    def begin(self) -> None:
        async def make() -> World:
            world = World(Path(self.folder.name), physical_seats=3, open_seats=2)
            return await world.open(*NAMES)

        self.world: World = self.runner.run(make())
        self.switch = self.world.switch

    # People

    @rule(name=people, seat=numbers, device=st.booleans())
    def sign_in(self, name: str, seat: str, device: bool) -> None:
        if device:
            self.switch.set_device(f"seat{seat}", reachable=True)
        self._wish(self.world.service.sign_in(self.world.people[name], seat))

    @rule(name=people)
    def sign_out(self, name: str) -> None:
        self._wish(self.world.service.sign_out(self.world.people[name]))

    @rule(name=people)
    def wish_ready(self, name: str) -> None:
        self._wish(self.world.service.set_ready(self.world.people[name]))

    @rule(name=people, reason=st.sampled_from(("rest", "meal")))
    def wish_pause(self, name: str, reason: str) -> None:
        self._wish(self.world.service.set_not_ready(self.world.people[name], reason))

    @rule(name=people)
    def extend(self, name: str) -> None:
        self._wish(self.world.service.extend_wrap_up(self.world.people[name]))

    @rule(name=people)
    def beat(self, name: str) -> None:
        self.run(self.world.service.touch(self.world.people[name].account_id))

    # Asterisk

    @rule(seat=numbers, rogue=st.booleans())
    def offer(self, seat: str, rogue: bool) -> None:
        """Ring a free member; a rogue offer comes although the member is paused, busy or not there."""
        member = self.switch.queue.get(f"seat{seat}")
        if not rogue and (member is None or member.paused or self._legs(seat)):
            return
        self.calls += 1
        call = f"call-{self.calls}"
        self.switch.channels[call].append(f"PJSIP/seat{seat}-{call}")
        self._tell(
            CallOffered(
                at=self.world.clock(), call_id=call, endpoint=f"seat{seat}", attempt=1, caller=""
            )
        )

    @rule(seat=numbers, result=results)
    def end_ring(self, seat: str, result: OfferResult) -> None:
        for call in self._legs(seat):
            if call not in self.talking:
                self.world.hang_up(seat, call)
                self._tell(
                    OfferEnded(
                        at=self.world.clock(), call_id=call, endpoint=f"seat{seat}", attempt=1,
                        result=result,
                    )
                )  # fmt: skip

    @rule(seat=numbers)
    def answer(self, seat: str) -> None:
        for call in self._legs(seat)[:1]:
            self.talking.add(call)
            where = {"at": self.world.clock(), "call_id": call, "endpoint": f"seat{seat}"}
            self._tell(OfferEnded(**where, attempt=1, result="answered"))
            self._tell(CallAnswered(**where, attempt=1, segment=1, waited_seconds=1))

    @rule(seat=numbers, silently=st.booleans())
    def end_talk(self, seat: str, silently: bool) -> None:
        for call in set(self._legs(seat)) & self.talking:
            self.world.hang_up(seat, call)
            if not silently:
                self._tell(
                    SegmentEnded(
                        at=self.world.clock(), call_id=call, endpoint=f"seat{seat}", segment=1,
                        reason="caller", talk_seconds=1,
                    )
                )  # fmt: skip

    @rule(seat=numbers, reachable=st.booleans())
    def device(self, seat: str, reachable: bool) -> None:
        self.switch.set_device(f"seat{seat}", reachable=reachable)

    @rule(seat=numbers, paused=st.booleans())
    def console(self, seat: str, paused: bool) -> None:
        if f"seat{seat}" in self.switch.queue:
            self.switch.pause_from_console(f"seat{seat}", paused=paused, reason="by hand")

    @rule(seat=numbers)
    def member_vanishes(self, seat: str) -> None:
        self.switch.queue.pop(f"seat{seat}", None)

    @rule(up=st.booleans())
    def link(self, up: bool) -> None:
        self.switch.up = up

    @rule()
    def asterisk_restarts(self) -> None:
        self.talking.clear()
        self.switch.restart()

    @precondition(lambda self: self.switch.facts)
    @rule()
    def a_fact_gets_lost(self) -> None:
        self.switch.facts.pop(0)

    # Time and ourselves

    @rule(count=st.integers(1, 4))
    def deliver(self, count: int) -> None:
        self.run(self.world.deliver(count))

    @rule()
    def settle(self) -> None:
        self.run(self.world.settle())

    @rule(seconds=st.sampled_from((1, 5, 20, 31, 125)))
    def time_passes(self, seconds: int) -> None:
        self.world.clock.advance(seconds=seconds)
        self.run(self.world.service.sweep())

    @rule()
    def we_restart(self) -> None:
        self.run(self.world.restart_us())

    # What always holds

    @invariant()
    def one_agent_a_seat_and_one_seat_an_agent(self) -> None:
        rows = self._rows()
        assert max(Counter(row.seat_id for row in rows).values(), default=0) <= 1
        assert max(Counter(row.account_id for row in rows).values(), default=0) <= 1
        assert len(rows) <= 2

    @invariant()
    def everything_transient_has_a_time_when_it_is_checked(self) -> None:
        for row in self._rows():
            transient = row.state in {"signed_out", "ringing", "talking", "wrap_up"}
            if transient or row.wanted == "ready":
                assert row.check_at is not None, (row.state, row.wanted)
            if row.state in {"ringing", "wrap_up"}:
                assert row.deadline is not None

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.switch.up = True
            self.run(self._converge())
            self._agree()
            for names in self.switch.channels.values():
                names.clear()
            self.run(self._wait(12))
            self._agree()
            states = {row.state for row in self._rows()}
            assert states <= {"ready", "not_ready"}, states
            self.run(self.world.close())
        self.runner.close()
        self.folder.cleanup()

    async def _converge(self) -> None:
        await self.world.settle()
        await self._wait(3)

    async def _wait(self, turns: int) -> None:
        """Let time pass in steps that browsers and telephones survive."""
        for _ in range(turns):
            for name in NAMES:
                await self.world.service.touch(self.world.people[name].account_id)
            await self.world.after(seconds=30)

    def _agree(self) -> None:
        """Seats and Asterisk say the same of every member and every call."""
        rows = {row.endpoint: row for row in self._rows()}
        assert set(rows) == set(self.switch.queue)
        for endpoint, row in rows.items():
            paused = self.switch.queue[endpoint].paused
            legs = self._legs(row.seat_number)
            match row.state:
                case "ready":
                    assert not paused
                case "not_ready" | "wrap_up":
                    assert paused, row.state
                case "talking":
                    assert paused
                    assert row.call_id in legs
                case "ringing":
                    assert row.call_id in legs
                case _:
                    raise AssertionError(row.state)

    def _legs(self, seat: str) -> list[str]:
        prefix = f"PJSIP/seat{seat}-"
        return [
            call
            for call, names in self.switch.channels.items()
            if any(name.startswith(prefix) for name in names)
        ]

    def _tell(self, fact: Event) -> None:
        self.switch.facts.append(fact)

    def _wish(self, wish: Coroutine[Any, Any, Any]) -> None:
        async def dare() -> None:
            try:
                await wish
            except HotlineError:
                return

        self.run(dare())

    def _rows(self) -> list[AgentSession]:
        async def read() -> list[AgentSession]:
            async with self.world.database.reading() as session:
                query = select(AgentSession).where(AgentSession.ended_at.is_(None))
                rows = list(await session.scalars(query))
                session.expunge_all()
                return rows

        return self.runner.run(read())


TestShift = Shift.TestCase
TestShift.settings = settings(
    max_examples=15,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
