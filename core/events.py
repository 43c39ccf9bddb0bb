"""Facts that rooms publish after their transaction is committed, and the bus that carries them."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Protocol, TypeVar

import structlog
from pydantic import TypeAdapter

from core.ids import new_id

log = structlog.get_logger(__name__)


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
    """The bus of a single process: listeners, then watchers, awaited in order."""

    def __init__(self) -> None:
        self._listeners: dict[type[Event], list[Listener]] = defaultdict(list)
        self._watchers: dict[type[Event], list[Listener]] = defaultdict(list)

    def listen(self, kind: type[Event], listener: Listener) -> None:
        self._listeners[kind].append(listener)

    def watch(self, kind: type[Event], watcher: Listener) -> None:
        self._watchers[kind].append(watcher)

    async def publish(self, events: Iterable[Event]) -> None:
        for event in events:
            await self.deliver(self._watchers, event)
            await self.deliver(self._listeners, event)

    @staticmethod
    async def deliver(table: dict[type[Event], list[Listener]], event: Event) -> None:
        """Await every entry of `table` for the event's class and its base classes."""
        for kind in type(event).__mro__:
            for call in table.get(kind, ()):
                try:
                    await call(event)
                except asyncio.CancelledError:
                    raise
                except Exception:
                    log.exception("listener failed", event_kind=type(event).__name__)

    async def start(self) -> None:
        return None

    async def close(self) -> None:
        return None
