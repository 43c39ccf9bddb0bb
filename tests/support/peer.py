"""An Asterisk, real or fake, that contract tests talk to in the same words."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from support.links import next_mark, quick_link
from support.wire import Wire
from telephony.ami import AmiLink, LinkUp


@dataclass(frozen=True)
class Peer:
    """An Asterisk to talk to; `restart` ends and starts it again on the same port."""

    host: str
    port: int
    user: str
    secret: str
    queue: str
    restart: Callable[[], Awaitable[None]]
    caller: Callable[[], AbstractAsyncContextManager[None]]
    """Within it, one caller with a registered seat01 that is paused: the caller waits in the queue."""

    def link(self, wire: Wire | None = None, **options: Any) -> AmiLink:
        """Return a link, not yet started, straight or over a wire."""
        where = {"host": self.host, "port": wire.port if wire else self.port}
        account = {"user": self.user, "secret": self.secret}
        return quick_link(**{**where, **account, **options})

    @asynccontextmanager
    async def linked(self, wire: Wire | None = None, **options: Any) -> AsyncIterator[AmiLink]:
        """Yield a link that is up, its LinkUp already taken."""
        link = self.link(wire, **options)
        await link.start()
        try:
            await link.wait_connected(10)
            await next_mark(link, LinkUp)
            yield link
        finally:
            await link.close()
