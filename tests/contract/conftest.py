"""The same promises, kept by the fake and by a real Asterisk: `peer` is each of them in turn."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from asterisk_ami_mock import MockAsterisk
from support.asterisk import clear
from support.peer import Peer
from support.phones import citizen, seat_phone
from support.wire import Wire

from telephony.ami import AmiLink
from telephony.own_asterisk import OwnAsterisk
from telephony.provision import ami_secret

RECORDED_CALLER = (Path(__file__).parents[1] / "recordings" / "abandoned_in_queue.ami").read_bytes()


@pytest.fixture(params=["mock", pytest.param("asterisk", marks=pytest.mark.asterisk)])
def real(request: pytest.FixtureRequest) -> OwnAsterisk | None:
    """The real Asterisk, None when it is the fake's turn."""
    if request.param == "mock":
        return None
    instance: OwnAsterisk = request.getfixturevalue("session_asterisk")
    return instance


@pytest.fixture
async def peer(real: OwnAsterisk | None) -> AsyncIterator[Peer]:
    if real is None:
        async with MockAsterisk() as mock:
            where = (mock.host, mock.port, *mock.account, "hotline", mock.restart)
            yield Peer(*where, lambda: fake_caller(mock))
        return
    settings = real.settings
    account = (settings.ami_user, ami_secret(settings))
    where = (settings.ami_host, settings.ami_port, *account, settings.queue, real.restart)
    yield Peer(*where, lambda: real_caller(real))
    await clear(real)


@asynccontextmanager
async def fake_caller(mock: MockAsterisk) -> AsyncIterator[None]:
    """Play a recorded caller up to where he waits, and his hanging up at the end."""
    session = RECORDED_CALLER.partition(b"Event: HangupRequest")
    await mock.play(session[0])
    yield
    await mock.play(session[1] + session[2])


@asynccontextmanager
async def real_caller(asterisk: OwnAsterisk) -> AsyncIterator[None]:
    """Let a phone on the trunk call and wait; without AGI the dialplan itself leads him into the queue."""
    queue = asterisk.settings.queue
    async with seat_phone(asterisk, "seat01"), citizen(asterisk, name="王小明") as phone:
        await asterisk.console(f"queue add member PJSIP/seat01 to {queue}")
        await asterisk.console(f"queue pause member PJSIP/seat01 queue {queue} reason sign_in")
        call = await phone.dial("12345")
        await call.until_answered(within=20)
        yield
        await call.hang_up()


@pytest.fixture
async def wire(peer: Peer) -> AsyncIterator[Wire]:
    """A wire to the peer that the test may hold and cut."""
    async with Wire(peer.host, peer.port) as between:
        yield between


@pytest.fixture
async def link(peer: Peer) -> AsyncIterator[AmiLink]:
    async with peer.linked() as up:
        yield up
