"""panoramisk as it comes, so that a test can show what our link is for, and notice when it is mended."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from asterisk_ami_mock import MockAsterisk
from panoramisk import Manager

from support.links import until


def bare_manager(mock: MockAsterisk, **config: Any) -> Manager:
    """Return an unconnected panoramisk Manager for the fake."""
    username, secret = mock.account
    account = {"host": mock.host, "port": mock.port, "username": username, "secret": secret}
    return Manager(**{**account, "reconnect_timeout": 0, **config})


@asynccontextmanager
async def bare(mock: MockAsterisk, **config: Any) -> AsyncIterator[Manager]:
    """Yield a signed-in panoramisk Manager that reconnects at once; it is silenced at the end."""
    manager = bare_manager(mock, **config)
    manager.connect()
    try:
        await until(lambda: manager.authenticated)
        yield manager
    finally:
        await silence(manager, mock)


async def silence(manager: Manager, mock: MockAsterisk) -> None:
    """End what panoramisk itself does not end: its reconnecting and its pings."""
    manager.connect = lambda: None
    manager.close()
    if manager.protocol is not None:
        manager.protocol.transport.abort()
    await until(lambda: mock.misbehaviour.silent or not mock.connections)


async def never_done(future: "asyncio.Future[Any]", within: float = 0.3) -> bool:
    """Return whether a future is still open after `within` seconds: a caller would hang."""
    await asyncio.wait([future], timeout=within)
    return not future.done()
