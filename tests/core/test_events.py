import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from sqlalchemy.exc import OperationalError

from core import events
from core.events import Event, LocalBus

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class KettleBoiled(Event):
    litres: float
    tags: list[str]


def test_an_event_comes_back_from_json_as_it_went_in() -> None:
    event = KettleBoiled(at=AT, by="cook", litres=1.5, tags=["热"])
    assert Event.from_json(event.to_json()) == event


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(KeyError):
        Event.from_json({"kind": "NobodyKnows"})


async def test_listeners_get_events_in_order_and_a_failing_one_stops_nobody() -> None:
    bus = LocalBus()
    heard: list[float] = []

    async def fails(_event: KettleBoiled) -> None:
        raise RuntimeError("broken listener")

    async def hears(event: KettleBoiled) -> None:
        heard.append(event.litres)

    bus.listen(KettleBoiled, fails)
    bus.listen(KettleBoiled, hears)
    await bus.publish([KettleBoiled(at=AT, litres=n, tags=[]) for n in (1.0, 2.0)])
    assert heard == [1.0, 2.0]


async def test_a_watcher_of_the_base_class_sees_every_kind() -> None:
    bus = LocalBus()
    seen: list[str] = []

    async def sees(event: Event) -> None:
        seen.append(type(event).__name__)

    bus.watch(Event, sees)
    await bus.publish([KettleBoiled(at=AT, litres=1, tags=[])])
    assert seen == ["KettleBoiled"]


async def test_a_listener_that_meets_an_absent_database_hears_the_event_when_it_is_back() -> None:
    """What happens meanwhile waits behind it; the watchers, who need no database, wait for nothing."""
    bus = LocalBus()
    away = True
    heard: list[float] = []
    seen: list[float] = []
    done = asyncio.Event()

    async def writes(event: KettleBoiled) -> None:
        if away:
            raise OperationalError("INSERT", {}, Exception("server closed the connection"))
        heard.append(event.litres)
        if len(heard) == 3:
            done.set()

    async def sees(event: KettleBoiled) -> None:
        seen.append(event.litres)

    bus.listen(KettleBoiled, writes)
    bus.watch(KettleBoiled, sees)
    await bus.publish([KettleBoiled(at=AT, litres=n, tags=[]) for n in (1.0, 2.0)])
    assert (heard, seen) == ([], [1.0, 2.0])
    away = False
    await bus.publish([KettleBoiled(at=AT, litres=3.0, tags=[])])
    assert (heard, seen) == ([], [1.0, 2.0, 3.0])
    await asyncio.wait_for(done.wait(), 5)
    assert heard == [1.0, 2.0, 3.0]
    await bus.close()


async def test_an_event_that_can_never_be_written_does_not_block_the_others_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(events, "RETRY_SECONDS", 0.001)
    monkeypatch.setattr(events, "TRIES", 3)
    bus = LocalBus()
    tried: list[float] = []
    done = asyncio.Event()

    async def writes(event: KettleBoiled) -> None:
        tried.append(event.litres)
        if event.litres == 1.0:
            raise OperationalError("INSERT", {}, Exception("poison"))
        done.set()

    bus.listen(KettleBoiled, writes)
    await bus.publish([KettleBoiled(at=AT, litres=n, tags=[]) for n in (1.0, 2.0)])
    await asyncio.wait_for(done.wait(), 5)
    assert tried == [1.0, 1.0, 1.0, 1.0, 2.0]
    await bus.close()
