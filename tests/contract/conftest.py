"""The same promises, kept by the fake and by a real Asterisk: `peer` is each of them in turn."""

from collections.abc import AsyncIterator

import pytest
from asterisk_ami_mock import MockAsterisk
from support.asterisk import clear
from support.peer import Peer
from support.wire import Wire

from telephony.ami import AmiLink
from telephony.own_asterisk import OwnAsterisk
from telephony.provision import ami_secret


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
            yield Peer(mock.host, mock.port, *mock.account, "hotline", mock.restart)
        return
    settings = real.settings
    account = (settings.ami_user, ami_secret(settings))
    yield Peer(settings.ami_host, settings.ami_port, *account, settings.queue, real.restart)
    await clear(real)


@pytest.fixture
async def wire(peer: Peer) -> AsyncIterator[Wire]:
    """A wire to the peer that the test may hold and cut."""
    async with Wire(peer.host, peer.port) as between:
        yield between


@pytest.fixture
async def link(peer: Peer) -> AsyncIterator[AmiLink]:
    async with peer.linked() as up:
        yield up
