"""One account's numbered events, kept for a while after the socket is gone so that it can resume."""

import asyncio
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from core.ids import new_id
from core.security import Principal, Role
from web.live_state import event_frame

SIGNED_OUT = 4001
SLOW_CONSUMER = 4008
OTHER_TAB = 4009
SCREEN = frozenset({Role.SCREEN})


@dataclass(eq=False)
class Connection:
    """One socket of a stream: how far it has read, and whether it must close."""

    principal: Principal
    token: str
    cursor: int = 0
    close_code: int = 0
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    closing: asyncio.Event = field(default_factory=asyncio.Event)

    def close(self, code: int) -> None:
        """Ask for the socket to be closed with `code`; the first reason wins."""
        self.close_code = self.close_code or code
        self.closing.set()


class Stream:
    """Events numbered from 1 without gaps; the newest `keep` are held.

    A connection more than `max_lag` events behind is closed as a slow consumer: nothing waits for it.
    """

    def __init__(self, keep: int, max_lag: int) -> None:
        self.id = new_id()
        self.seq = 0
        self.roles: frozenset[Role] = frozenset()
        self.idle_since: datetime | None = None
        self.connections: set[Connection] = set()
        self._bodies: deque[str] = deque(maxlen=keep)
        self._max_lag = max_lag

    @property
    def is_screen(self) -> bool:
        """It ends on a wall, where names are not for everybody who passes by."""
        return self.roles == SCREEN

    def append(self, body: str) -> None:
        """Number one event and wake the sockets."""
        self.seq += 1
        self._bodies.append(body)
        for connection in self.connections:
            if self.seq - connection.cursor > self._max_lag:
                connection.close(SLOW_CONSUMER)
            connection.woken.set()

    def holds(self, stream_id: str, after: int) -> bool:
        """Whether a client that has seen `after` of `stream_id` can go on without a snapshot."""
        return stream_id == self.id and self.seq - len(self._bodies) <= after <= self.seq

    def after(self, cursor: int) -> Iterator[str]:
        """Return the frames numbered above `cursor`, which `holds` must have confirmed."""
        missing = self.seq - cursor
        newest = list(islice(reversed(self._bodies), missing))
        return map(event_frame, range(cursor + 1, self.seq + 1), reversed(newest))
