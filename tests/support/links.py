"""Links for tests: connected to a fake or real Asterisk within a limit, closed at the end."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import fields, replace
from typing import Any, TypeVar

from asterisk_ami_mock import MockAsterisk

from telephony.ami import AmiEvent, AmiLink, LinkDown, LinkLimits, LinkUp

M = TypeVar("M", LinkUp, LinkDown)

QUICK = LinkLimits(retry_first=0.02, retry_most=0.1, retry_refused=0.2)


def link_to(mock: MockAsterisk, **options: Any) -> AmiLink:
    """Return a link, not yet started, that comes back quickly; options are of the link or its limits."""
    user, secret = mock.account
    return quick_link(
        **{"host": mock.host, "port": mock.port, "user": user, "secret": secret, **options}
    )


def quick_link(**options: Any) -> AmiLink:
    """Return a link with quick limits, changed by those options that name one."""
    known = {field.name for field in fields(LinkLimits)}
    changed = {name: options.pop(name) for name in known & options.keys()}
    return AmiLink(**options, limits=replace(QUICK, **changed))


@asynccontextmanager
async def linked(mock: MockAsterisk, **options: Any) -> AsyncIterator[AmiLink]:
    """Yield a link that is up, its LinkUp already taken."""
    link = link_to(mock, **options)
    await link.start()
    try:
        await link.wait_connected(5)
        await next_mark(link, LinkUp)
        yield link
    finally:
        await link.close()


async def until(condition: Callable[[], object], limit: float = 5.0) -> None:
    """Return once the condition holds; AssertionError after `limit` seconds."""
    try:
        async with asyncio.timeout(limit):
            while not condition():
                await asyncio.sleep(0.005)
    except TimeoutError:
        raise AssertionError("the condition never held") from None


async def next_event(link: AmiLink, name: str, limit: float = 5.0) -> AmiEvent:
    """Read the intake up to the next event of that name."""
    async with asyncio.timeout(limit):
        while True:
            item = await link.intake()
            if isinstance(item, AmiEvent) and item.name == name:
                return item


async def next_mark(link: AmiLink, kind: type[M], limit: float = 5.0) -> M:
    """Read the intake up to the next LinkUp or LinkDown."""
    async with asyncio.timeout(limit):
        while True:
            item = await link.intake()
            if isinstance(item, kind):
                return item
