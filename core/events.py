"""Facts that rooms publish after their transaction is committed, and the bus that carries them."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Protocol, TypeVar

import structlog
from pydantic import TypeAdapter

from core.ids import new_id
from core.outage import OUTAGE

log = structlog.get_logger(__name__)
RETRY_SECONDS = 1.0
TRIES = 120
"""Two minutes: a database that is away longer is re-synced with anyway, and no event may block for ever."""
MOST_OWED = 10_000


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened: when (`at`, aware UTC), by whom, and through which earlier fact (`cause`)."""

    kinds: ClassVar[dict[str, type["Event"]]] = {}

    at: datetime
    by: str = "system"
    cause: str | None = None
    id: str = field(default_factory=new_id)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        Event.kinds[cls.__name__] = cls

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values, with the class name under `kind`."""
        body: dict[str, Any] = _adapter(type(self)).dump_python(self, mode="json")
        return {"kind": type(self).__name__, **body}

    @staticmethod
    def from_json(body: dict[str, Any]) -> "Event":
        """Read back what `to_json` wrote; KeyError for a kind that this process does not know."""
        fields = dict(body)
        kind = Event.kinds[fields.pop("kind")]
        event: Event = _adapter(kind).validate_python(fields)
        return event


_adapters: dict[type, TypeAdapter[Any]] = {}


def _adapter(kind: type) -> TypeAdapter[Any]:
    if kind not in _adapters:
        _adapters[kind] = TypeAdapter(kind)
    return _adapters[kind]


E = TypeVar("E", bound=Event)
Listener = Callable[[Any], Awaitable[None]]


class Bus(Protocol):
    """Carries events from the room that published them to those that listen."""

    def listen(self, kind: type[Event], listener: Listener) -> None:
        """Call `listener` once per event, in the process that published it."""

    def watch(self, kind: type[Event], watcher: Listener) -> None:
        """Call `watcher` in every process that runs the hotline; `Event` watches all kinds."""

    async def publish(self, events: Iterable[Event]) -> None:
        """Deliver in order; a listener that fails is logged and does not stop the others."""

    async def start(self) -> None: ...

    async def close(self) -> None: ...


class LocalBus:
    """The bus of a single process: watchers, then listeners, awaited in order.

    A listener that meets a database that is away hears the event again until it is back. What comes meanwhile
    waits behind it, so that nobody hears anything out of order.
    """

    def __init__(self) -> None:
        self._listeners: dict[type[Event], list[Listener]] = defaultdict(list)
        self._watchers: dict[type[Event], list[Listener]] = defaultdict(list)
        self._owed: deque[tuple[Listener, Event]] = deque()
        self._paying: asyncio.Task[None] | None = None

    def listen(self, kind: type[Event], listener: Listener) -> None:
        self._listeners[kind].append(listener)

    def watch(self, kind: type[Event], watcher: Listener) -> None:
        self._watchers[kind].append(watcher)

    async def publish(self, events: Iterable[Event]) -> None:
        for event in events:
            for watcher in _entries(self._watchers, event):
                await _told(watcher, event)
            for listener in _entries(self._listeners, event):
                if self._owed or not await _told(listener, event):
                    self._owe(listener, event)

    async def start(self) -> None:
        return None

    async def close(self) -> None:
        if self._paying is not None:
            self._paying.cancel()
            await asyncio.gather(self._paying, return_exceptions=True)

    def _owe(self, listener: Listener, event: Event) -> None:
        if len(self._owed) >= MOST_OWED:
            log.error("too many events wait for the database; one is lost", event_kind=_name(event))
            return
        self._owed.append((listener, event))
        if self._paying is None or self._paying.done():
            self._paying = asyncio.create_task(self._pay(), name="events owed")

    async def _pay(self) -> None:
        while self._owed:
            listener, event = self._owed[0]
            if not await _told_at_last(listener, event):
                log.error("event given up, the database is away", event_kind=_name(event))
            self._owed.popleft()


def _entries(table: dict[type[Event], list[Listener]], event: Event) -> Iterator[Listener]:
    """Yield who hears of the event's class or of one of its base classes."""
    for kind in type(event).__mro__:
        yield from table.get(kind, ())


async def _told(hearer: Listener, event: Event) -> bool:
    """Tell one hearer; False if the database was away. Any other failure is logged and stops nobody."""
    try:
        await hearer(event)
    except OUTAGE as error:
        log.error("event not heard", event_kind=_name(event), error=type(error).__name__)
        return False
    except Exception:
        log.exception("listener failed", event_kind=_name(event))
    return True


async def _told_at_last(listener: Listener, event: Event) -> bool:
    for _ in range(TRIES):
        if await _told(listener, event):
            return True
        await asyncio.sleep(RETRY_SECONDS)
    return False


def _name(event: Event) -> str:
    return type(event).__name__
