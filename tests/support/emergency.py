"""Emergency desks for tests: telephones at the ends of the three ways, which treat calls as a test wants."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from support.asterisk import clear, settings_for
from support.bridges import Bridged, bridged
from support.phones import Manner, SeatPhone
from support.ports import free_ports
from telephony.events import EmergencyEnded
from telephony.own_asterisk import OwnAsterisk
from telephony.sip_call import SipCall

WAYS = {"trunk-a": "127.0.0.3", "trunk-b": "127.0.0.4", "duty-desk": "127.0.0.5"}
DESK_HERTZ = 880


def ways() -> dict[str, str]:
    """Return the settings of three ways to desks on the loopback, at a port that is free."""
    (port,) = free_ports(1, socket.SOCK_DGRAM)
    names = ("emergency_trunk_a", "emergency_trunk_b", "emergency_duty_desk")
    return {name: f"{host}:{port}" for name, host in zip(names, WAYS.values(), strict=True)}


@pytest.fixture(scope="session")
def session_emergency_switch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnAsterisk]:
    """An Asterisk with three ways to the emergency desks; whether anybody is there each test decides."""
    folder = tmp_path_factory.mktemp("emergency")
    settings = settings_for(folder, **ways(), emergency_ring_seconds=5)
    instance = OwnAsterisk(settings, plain_seats=True)
    asyncio.run(instance.start())
    yield instance
    asyncio.run(instance.stop())


@pytest.fixture
async def switch(session_emergency_switch: OwnAsterisk) -> AsyncIterator[OwnAsterisk]:
    """The session's Asterisk with emergency ways, left as it was found.

    Where a test has no desk, a telephone says nothing. Asterisk repeats an INVITE that nobody answers for half a
    minute: at the end of the test these are refused, or the next test's desk would take them for its own call.
    """
    try:
        for way in WAYS:
            _silent[way] = _telephone(session_emergency_switch, way)
            _silent[way].manner = "ignore"
            await _silent[way].__aenter__()
        yield session_emergency_switch
        await clear(session_emergency_switch)
    finally:
        while _silent:
            await _silent.popitem()[1].close()


@pytest.fixture
async def on(switch: OwnAsterisk, tmp_path: Path) -> AsyncIterator[Bridged]:
    """A bridge over that Asterisk, with a ledger of its own."""
    # The instance is shared by the tests: only what is written from now on is this ledger's to explain.
    switch.paths.queue_log.write_bytes(b"")
    async with bridged(switch, tmp_path) as parts:
        await parts.in_step()
        yield parts


class Desk(SeatPhone):
    """An emergency desk at the end of one way; `congested` refuses with 503."""

    congested = False

    def _treat(self, call: SipCall) -> None:
        if self.congested:
            self.incoming.put_nowait(call)
            self.spawn(call.reject(503, "Service Unavailable"))
        else:
            super()._treat(call)


_silent: dict[str, Desk] = {}


@asynccontextmanager
async def desk(
    switch: OwnAsterisk, way: str, manner: Manner | str = "answer", hertz: float = DESK_HERTZ
) -> AsyncIterator[Desk]:
    if nobody := _silent.pop(way, None):
        await nobody.close()
        await asyncio.sleep(0)  # a transport lets go of its port in the next turn of the loop
    phone = _telephone(switch, way)
    phone.congested = manner == "congested"
    phone.manner = "answer" if phone.congested else manner  # type: ignore[assignment]
    phone.hertz = hertz
    async with phone:
        yield phone


def _telephone(switch: OwnAsterisk, way: str) -> Desk:
    settings = switch.settings
    host, port = settings.emergency_routes[way].split(":")
    server = (settings.sip_host, settings.sip_port)
    return Desk("desk", server=server, local_host=host, local_port=int(port))


def results(on: Bridged) -> list[tuple[str, str, str]]:
    """Return (number, route, result) of each attempt that is over."""
    return [(each.number, each.route, each.result) for each in on.of(EmergencyEnded)]


async def whole(on: Bridged) -> None:
    """Assert that nothing in Asterisk's own log is unexplained."""
    report = await on.reconciled()
    assert report.unexplained == []
    assert report.calls_add_up
    assert report.segments_add_up
