from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

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
