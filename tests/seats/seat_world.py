"""A small switch in memory and a world around it: facts wait in order until the test delivers them."""

from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.clock import FixedClock
from core.config import Settings
from core.db import Database, UnitOfWork
from core.events import Event, LocalBus
from core.security import Account, Principal, Role, principal
from seats.effects import Effect
from seats.events import AgentStateChanged
from seats.service import SeatService
from seats.views import SeatSession
from telephony.errors import AlreadyMember, AmiDown, NoSuchChannel, NotMember
from telephony.events import (
    CallAnswered,
    CallOffered,
    DeviceChanged,
    MemberChanged,
    MemberRemoved,
    OfferEnded,
    OfferResult,
    SegmentEnded,
    SwitchUp,
)

IN_TRANSACTION: ContextVar[bool] = ContextVar("in_transaction", default=False)

MONDAY = datetime(2026, 11, 23, 0, 2, tzinfo=UTC)  # 08:02 in Yingkou


@dataclass(frozen=True)
class FakeMember:
    endpoint: str
    paused: bool
    reason: str = ""
    reachable: bool = True
    penalty: int = 0


@dataclass
class FakeSwitch:
    """Holds queue members, channels and devices as Asterisk does, and tells of changes as facts."""

    clock: FixedClock
    up: bool = True
    queue: dict[str, FakeMember] = field(default_factory=dict)
    channels: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    devices: set[str] = field(default_factory=set)
    facts: list[Event] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    deaf: bool = False  # commands are done, but their events get lost

    async def add_member(
        self, endpoint: str, *, penalty: int = 0, paused: bool = True, reason: str = ""
    ) -> FakeMember:
        self._say(f"add {endpoint} {'paused' if paused else 'open'} {reason}".strip())
        if endpoint in self.queue:
            raise AlreadyMember(action="QueueAdd", message="Already there")
        return self._put(FakeMember(endpoint, paused, reason, endpoint in self.devices, penalty))

    async def set_penalty(self, endpoint: str, penalty: int) -> None:
        self._say(f"penalty {endpoint} {penalty}")
        self.queue[endpoint] = replace(self._member(endpoint), penalty=penalty)

    async def remove_member(self, endpoint: str) -> FakeMember:
        self._say(f"remove {endpoint}")
        member = self._member(endpoint)
        del self.queue[endpoint]
        self._tell(MemberRemoved(at=self.clock(), endpoint=endpoint))
        return member

    async def pause_member(self, endpoint: str, paused: bool, reason: str = "") -> FakeMember:
        self._say(f"{'pause' if paused else 'resume'} {endpoint} {reason}".strip())
        member = self._member(endpoint)
        return self._put(replace(member, paused=paused, reason=reason if paused else ""))

    async def members(self) -> list[FakeMember]:
        self._check()
        return list(self.queue.values())

    async def reachable_endpoints(self) -> frozenset[str]:
        self._check()
        return frozenset(self.devices)

    async def call_channels(self, call_id: str) -> list[str]:
        self._check()
        return list(self.channels.get(call_id, ()))

    async def hangup(self, channel: str, cause: int = 16) -> None:
        self._say(f"hangup {channel} {cause}")
        for names in self.channels.values():
            if channel in names:
                names.remove(channel)
                return
        raise NoSuchChannel(action="Hangup", message="No such channel")

    def restart(self) -> None:
        """Asterisk dies and comes back: no members, no calls, devices must register again."""
        self.queue.clear()
        self.channels.clear()
        self.devices.clear()
        self.facts.append(SwitchUp(at=self.clock(), restarted=True, corrections=0))

    def set_device(self, endpoint: str, reachable: bool) -> None:
        (self.devices.add if reachable else self.devices.discard)(endpoint)
        self._tell(DeviceChanged(at=self.clock(), endpoint=endpoint, reachable=reachable))

    def pause_from_console(self, endpoint: str, paused: bool, reason: str = "") -> None:
        self._put(replace(self.queue[endpoint], paused=paused, reason=reason))

    def _put(self, member: FakeMember) -> FakeMember:
        before = self.queue.get(member.endpoint)
        self.queue[member.endpoint] = member
        if before != member:
            self._tell(
                MemberChanged(
                    at=self.clock(),
                    endpoint=member.endpoint,
                    paused=member.paused,
                    reason=member.reason,
                    reachable=member.endpoint in self.devices,
                )
            )
        return member

    def _member(self, endpoint: str) -> FakeMember:
        if endpoint not in self.queue:
            raise NotMember(action="Queue", message="Not there")
        return self.queue[endpoint]

    def _tell(self, fact: Event) -> None:
        if not self.deaf:
            self.facts.append(fact)

    def _say(self, what: str) -> None:
        self._check()
        self.said.append(what)

    def _check(self) -> None:
        if not self.up:
            raise AmiDown(reason="test")


LISTENERS: dict[type[Event], Callable[[SeatService], Callable[[Any], Awaitable[None]]]] = {
    CallOffered: lambda service: service.on_call_offered,
    OfferEnded: lambda service: service.on_offer_ended,
    CallAnswered: lambda service: service.on_call_answered,
    SegmentEnded: lambda service: service.on_segment_ended,
    MemberChanged: lambda service: service.on_member_changed,
    MemberRemoved: lambda service: service.on_member_removed,
    DeviceChanged: lambda service: service.on_device_changed,
    SwitchUp: lambda service: service.on_switch_up,
}


class World:
    """A database, a fake switch, a clock and the service, with words for what happens in a shift."""

    def __init__(self, folder: Path, url: str = "", **settings: Any) -> None:
        self.clock = FixedClock(MONDAY)
        self.settings = Settings(
            demo=True, data_dir=folder, database_url=url, _env_file=None, **settings
        )
        self.bus = LocalBus()
        self.events: list[Event] = []
        self.bus.watch(Event, self._remember)
        self.database = Database(self.settings.database, self.bus)
        self.switch = FakeSwitch(self.clock)
        self._watch_transactions()
        self.service = self._new_service()
        self.people: dict[str, Principal] = {}

    async def open(self, *names: str, roles: tuple[Role, ...] = (Role.OPERATOR,)) -> "World":
        """Make tables, seats and the accounts of `names`."""
        await self.database.create_all()
        await self.service.start()
        await self.hire(*names, roles=roles)
        return self

    async def hire(self, *names: str, roles: tuple[Role, ...] = (Role.OPERATOR,)) -> None:
        async with self.database.unit_of_work() as uow:
            for name in names:
                account = Account(
                    username=f"user{len(self.people) + 1}",
                    display_name=name,
                    password_hash="-",
                    roles=[role.value for role in roles],
                    created_at=MONDAY,
                )
                uow.session.add(account)
                await uow.session.flush()
                self.people[name] = principal(account)

    async def close(self) -> None:
        await self.service.close()
        await self.database.close()

    async def restart_us(self) -> None:
        """Our process dies and comes back; Asterisk goes on."""
        await self.service.close()
        self.service = self._new_service()
        await self.service.start()
        self.switch.facts.append(SwitchUp(at=self.clock(), restarted=False, corrections=0))
        await self.settle()

    async def deliver(self, count: int = 1) -> None:
        """Hand the oldest `count` facts to the service."""
        for _ in range(min(count, len(self.switch.facts))):
            fact = self.switch.facts.pop(0)
            await LISTENERS[type(fact)](self.service)(fact)

    async def settle(self) -> None:
        """Deliver facts and wait for what they cause, until nothing is left."""
        while True:
            await self.service.settled()
            if not self.switch.facts:
                return
            await self.deliver()

    async def after(self, **delta: float) -> None:
        """Let time pass, sweeping at its end, twice: what the first finds may be due at once."""
        self.clock.advance(**delta)
        for _ in range(2):
            await self.service.sweep()
            await self.settle()

    async def sign_in(self, name: str, seat: str, *, device: bool = True) -> SeatSession:
        if device:
            self.switch.set_device(f"seat{seat}", reachable=True)
        await self.service.sign_in(self.people[name], seat)
        await self.settle()
        return await self.session(name)

    async def ready(self, name: str, seat: str) -> SeatSession:
        """Sign in and become ready."""
        await self.sign_in(name, seat)
        await self.service.set_ready(self.people[name])
        await self.settle()
        return await self.session(name)

    async def ring(self, seat: str, call: str, attempt: int = 1) -> None:
        self.switch.channels[call].append(f"PJSIP/seat{seat}-{call}")
        self.switch.facts.append(
            CallOffered(
                at=self.clock(),
                call_id=call,
                endpoint=f"seat{seat}",
                attempt=attempt,
                caller="13900000001",
            )
        )
        await self.settle()

    async def stop_ringing(
        self, seat: str, call: str, result: OfferResult, attempt: int = 1
    ) -> None:
        if result != "answered":
            self.hang_up(seat, call)
        self.switch.facts.append(
            OfferEnded(
                at=self.clock(),
                call_id=call,
                endpoint=f"seat{seat}",
                attempt=attempt,
                result=result,
            )
        )
        await self.settle()

    async def answer(self, seat: str, call: str, attempt: int = 1) -> None:
        await self.stop_ringing(seat, call, "answered", attempt)
        self.switch.facts.append(
            CallAnswered(
                at=self.clock(),
                call_id=call,
                endpoint=f"seat{seat}",
                attempt=attempt,
                segment=1,
                waited_seconds=3,
            )
        )
        await self.settle()

    async def end_talk(self, seat: str, call: str) -> None:
        self.hang_up(seat, call)
        self.switch.facts.append(
            SegmentEnded(
                at=self.clock(),
                call_id=call,
                endpoint=f"seat{seat}",
                segment=1,
                reason="caller",
                talk_seconds=30,
            )
        )
        await self.settle()

    def hang_up(self, seat: str, call: str) -> None:
        """End the seat's channel in Asterisk without telling anybody."""
        names = self.switch.channels[call]
        names[:] = [name for name in names if not name.startswith(f"PJSIP/seat{seat}-")]

    async def session(self, name: str) -> SeatSession:
        session = await self.service.session_of(self.people[name].account_id)
        assert session is not None
        return session

    async def state(self, name: str) -> tuple[str, str]:
        session = await self.session(name)
        return session.state, session.reason

    def steps(self, seat: str) -> list[tuple[str, str, str]]:
        """Return old, new, reason of every announced change at a seat."""
        return [
            (event.old, event.new, event.reason)
            for event in self.events
            if isinstance(event, AgentStateChanged) and event.seat == seat
        ]

    def _new_service(self) -> SeatService:
        service = SeatService(self.database, self.switch, self.clock, self.settings)
        effects = service._room.effects
        request = effects.request

        def request_after_commit(effect: Effect) -> None:
            # An effect that begins before the commit reads the old state and does nothing.
            assert not IN_TRANSACTION.get(), f"{effect} inside a transaction"
            request(effect)

        effects.request = request_after_commit  # type: ignore[method-assign]
        return service

    def _watch_transactions(self) -> None:
        begin = self.database.unit_of_work

        @asynccontextmanager
        async def watched() -> AsyncIterator[UnitOfWork]:
            async with begin() as uow:
                IN_TRANSACTION.set(True)
                try:
                    yield uow
                finally:
                    IN_TRANSACTION.set(False)

        self.database.unit_of_work = watched  # type: ignore[method-assign]

    async def _remember(self, event: Event) -> None:
        self.events.append(event)
