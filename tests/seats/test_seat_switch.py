"""The seats on a real Asterisk, through the real link and bridge, with telephones that ring."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from seat_world import LISTENERS
from sqlalchemy import select
from support.asterisk import running_asterisk
from support.phones import citizen, seat_phone

from core.clock import utc_now
from core.db import Database
from core.errors import HotlineError
from core.events import Event, LocalBus
from core.security import Account, Principal, Role, principal
from seats.errors import DeviceNotRegistered
from seats.events import AgentState, OfferMissed
from seats.service import SeatService
from telephony.ami import AmiLink
from telephony.bridge import Bridge
from telephony.own_asterisk import OwnAsterisk
from telephony.provision import ami_secret
from telephony.switch import Member, Switch

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(180)]

NAMES = ("王", "赵", "李")


@dataclass
class Floor:
    """A call centre at work: three operators, the seats, one Asterisk."""

    service: SeatService
    switch: Switch
    people: dict[str, Principal]
    events: list[Event]

    async def until(self, condition: Callable[[], Awaitable[bool]], within: float = 15) -> None:
        """Wait for a condition, sweeping as the running hotline does."""
        async with asyncio.timeout(within):
            while not await condition():
                await self.service.sweep()
                await asyncio.sleep(0.05)

    async def until_state(self, name: str, state: AgentState, reason: str = "") -> None:
        async def reached() -> bool:
            session = await self.service.session_of(self.people[name].account_id)
            return session is not None and (session.state, session.reason) == (state, reason)

        await self.until(reached)

    async def ready(self, name: str, seat: str) -> None:
        await self.service.sign_in(self.people[name], seat)
        await self.until_state(name, "not_ready", "sign_in")
        await self.service.set_ready(self.people[name])
        await self.until_state(name, "ready")

    async def member(self, seat: str) -> Member:
        return next(m for m in await self.switch.members() if m.endpoint == f"seat{seat}")


@asynccontextmanager
async def floor_on(
    asterisk: OwnAsterisk, folder: Path, lease_grace_seconds: int = 30
) -> AsyncIterator[Floor]:
    """Run link, bridge and seats over `asterisk`, wired as the application wires them."""
    changes = {"wrap_up_seconds": 2, "lease_grace_seconds": lease_grace_seconds}
    settings = asterisk.settings.model_copy(update=changes)
    bus, events = LocalBus(), []
    database = Database(f"sqlite+aiosqlite:///{folder}/seats.db", bus)
    link = AmiLink(
        host=settings.ami_host,
        port=settings.ami_port,
        user=settings.ami_user,
        secret=ami_secret(settings),
    )
    switch = Switch(link, queue=settings.queue)
    service = SeatService(database, switch, utc_now, settings)
    for kind, listener in LISTENERS.items():
        bus.listen(kind, listener(service))

    async def remember(event: Event) -> None:
        events.append(event)

    bus.watch(Event, remember)
    bridge = Bridge(link, switch, database, utc_now, folder / "recordings", state_dir=folder)
    await database.create_all()
    async with AsyncExitStack() as stack:
        stack.push_async_callback(database.close)
        stack.push_async_callback(service.close)
        stack.push_async_callback(bridge.close)
        stack.push_async_callback(link.close)
        await service.start()
        await bridge.start()
        await link.start()
        await link.wait_connected(timeout=10)
        yield Floor(service, switch, await hire(database), events)


async def hire(database: Database) -> dict[str, Principal]:
    """Return the operators, made when the database is new."""
    async with database.unit_of_work() as uow:
        known = {a.display_name: a for a in await uow.session.scalars(select(Account))}
        for number, name in enumerate(NAMES):
            if name not in known:
                known[name] = Account(
                    username=f"user{number}",
                    display_name=name,
                    password_hash="-",
                    roles=[Role.OPERATOR.value],
                    created_at=utc_now(),
                )
                uow.session.add(known[name])
        await uow.session.flush()
        return {name: principal(account) for name, account in known.items()}


@pytest.fixture
async def floor(asterisk: OwnAsterisk, tmp_path: Path) -> AsyncIterator[Floor]:
    async with floor_on(asterisk, tmp_path) as floor:
        yield floor


async def test_a_call_rings_is_answered_and_wrapped_up(floor: Floor, asterisk: OwnAsterisk) -> None:
    async with seat_phone(asterisk, "seat03") as seat, citizen(asterisk) as caller:
        seat.manner = "ring"
        await floor.ready("王", "03")
        call = await caller.dial("12345")
        offered = await seat.next_call()
        await floor.until_state("王", "ringing")
        await offered.answer()
        await call.until_answered(within=10)
        await floor.until_state("王", "talking")

        async def paused() -> bool:
            member = await floor.member("03")
            return (member.paused, member.reason) == (True, "wrap_up")

        await floor.until(paused)
        await call.hang_up()
        await floor.until_state("王", "wrap_up")
        assert (await floor.member("03")).paused
        await floor.until_state("王", "ready")
        assert not (await floor.member("03")).paused


async def test_the_reason_of_a_pause_changes_in_asterisk_too(
    floor: Floor, asterisk: OwnAsterisk
) -> None:
    async with seat_phone(asterisk, "seat03"):
        await floor.ready("王", "03")
        for reason in ("rest", "rest", "meal"):
            await floor.service.set_not_ready(floor.people["王"], reason)
            assert (await floor.member("03")).reason == reason
        await floor.until_state("王", "not_ready", "meal")


async def test_a_missed_call_goes_to_the_next_agent_and_the_last_ready_seat_stays(
    tmp_path: Path,
) -> None:
    async with (
        running_asterisk(tmp_path / "switch", ring_seconds=5) as asterisk,
        floor_on(asterisk, tmp_path) as floor,
        seat_phone(asterisk, "seat03", "ring"),
        seat_phone(asterisk, "seat04", "ring"),
        citizen(asterisk) as caller,
    ):
        await floor.ready("王", "03")
        await floor.ready("赵", "04")
        call = await caller.dial("12345")

        async def both_missed() -> bool:
            return sum(isinstance(event, OfferMissed) for event in floor.events) >= 2

        await floor.until(both_missed, within=30)
        missed = [event for event in floor.events if isinstance(event, OfferMissed)]
        assert [event.kept_ready for event in missed] == [False, True]
        assert {event.seat for event in missed} == {"03", "04"}
        await call.hang_up()


async def test_a_rejected_call_goes_on_and_the_agent_stays_ready(
    floor: Floor, asterisk: OwnAsterisk
) -> None:
    async with (
        seat_phone(asterisk, "seat03", "reject") as rejecting,
        seat_phone(asterisk, "seat04") as answering,
        citizen(asterisk) as caller,
    ):
        await floor.ready("王", "03")
        await floor.ready("赵", "04")
        call = await caller.dial("12345")
        await call.until_answered(within=20)
        await floor.until_state("赵", "talking")
        await floor.until_state("王", "ready")
        assert answering.incoming.qsize() == 1
        assert rejecting.incoming.qsize() <= 1
        await call.hang_up()
        await floor.until_state("赵", "wrap_up")


async def test_a_seat_whose_telephone_is_not_registered_cannot_be_ready(floor: Floor) -> None:
    session = await floor.service.sign_in(floor.people["王"], "05")
    assert not session.device_reachable
    with pytest.raises(DeviceNotRegistered):
        await floor.service.set_ready(floor.people["王"])


async def test_a_seat_without_browser_and_telephone_leaves_no_ghost(
    asterisk: OwnAsterisk, tmp_path: Path
) -> None:
    async with floor_on(asterisk, tmp_path, lease_grace_seconds=2) as floor:
        async with seat_phone(asterisk, "seat03") as seat:
            await floor.ready("王", "03")
            await seat.register(expires=0)

        async def gone() -> bool:
            return not await floor.switch.members()

        await floor.until(gone, within=20)
        assert await floor.service.session_at("seat03") is None


async def test_after_a_restart_of_asterisk_the_members_are_there_again(tmp_path: Path) -> None:
    async with (
        running_asterisk(tmp_path / "switch") as asterisk,
        floor_on(asterisk, tmp_path) as floor,
        seat_phone(asterisk, "seat03"),
    ):
        await floor.ready("王", "03")
        await floor.service.sign_in(floor.people["赵"], "04")
        await asterisk.restart()

        async def rebuilt() -> bool:
            try:
                members = {m.endpoint: m.paused for m in await floor.switch.members()}
            except HotlineError:
                return False
            return members == {"seat03": False, "seat04": True}

        await floor.until(rebuilt, within=30)


async def test_our_own_restart_during_a_call_keeps_the_agent_talking(
    asterisk: OwnAsterisk, tmp_path: Path
) -> None:
    async with seat_phone(asterisk, "seat03") as seat, citizen(asterisk) as caller:
        async with floor_on(asterisk, tmp_path) as first:
            await first.ready("王", "03")
            call = await caller.dial("12345")
            await (await seat.next_call()).until_answered()
            await first.until_state("王", "talking")
        async with floor_on(asterisk, tmp_path) as second:
            session = await second.service.session_at("seat03")
            assert session is not None
            assert session.state == "talking"
            await call.hang_up()

            async def wrapped_up() -> bool:
                now = await second.service.session_at("seat03")
                return now is not None and now.state == "wrap_up"

            await second.until(wrapped_up)
