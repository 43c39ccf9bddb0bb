"""One contract for both buses, and what only the bus over Redis promises."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from redis.asyncio import Redis
from support.ports import free_port
from support.redis import RedisServer

from core.events import Bus, Event, LocalBus
from core.redis_bus import STREAM, RedisBus

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class BellRang(Event):
    number: int


@dataclass(frozen=True, kw_only=True)
class DoorOpened(Event):
    who: str


class Ear:
    """Remembers what it heard; `until` waits for it."""

    def __init__(self) -> None:
        self.heard: list[Event] = []

    async def __call__(self, event: Event) -> None:
        self.heard.append(event)

    @property
    def numbers(self) -> list[int]:
        return [event.number for event in self.heard if isinstance(event, BellRang)]


async def until(condition: Callable[[], bool], limit: float = 10.0) -> None:
    end = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < end, "condition not met in time"
        await asyncio.sleep(0.01)


def bells(*numbers: int) -> list[Event]:
    return [BellRang(at=AT, number=number) for number in numbers]


@asynccontextmanager
async def running(url: str) -> AsyncIterator[RedisBus]:
    bus = RedisBus(url)
    await bus.start()
    try:
        yield bus
    finally:
        await bus.close()


@pytest.fixture(params=["local", pytest.param("redis", marks=pytest.mark.redis)])
async def bus(request: pytest.FixtureRequest) -> AsyncIterator[Bus]:
    if request.param == "local":
        yield LocalBus()
        return
    async with running(request.getfixturevalue("redis_url")) as redis_bus:
        yield redis_bus


async def test_listeners_and_watchers_of_the_publisher_hear_each_event_once_in_order(
    bus: Bus,
) -> None:
    listener, watcher, everything = Ear(), Ear(), Ear()
    bus.listen(BellRang, listener)
    bus.watch(BellRang, watcher)
    bus.watch(Event, everything)
    await bus.publish([*bells(1, 2), DoorOpened(at=AT, who="王")])
    assert listener.numbers == watcher.numbers == everything.numbers == [1, 2]
    assert len(everything.heard) == 3
    assert len(listener.heard) == 2


async def test_they_have_heard_it_when_publish_returns_and_nothing_comes_later(bus: Bus) -> None:
    watcher = Ear()
    bus.watch(BellRang, watcher)
    await bus.publish(bells(*range(50)))
    assert watcher.numbers == list(range(50))
    await asyncio.sleep(0)
    assert watcher.numbers == list(range(50))


async def test_a_failing_listener_stops_nobody(bus: Bus) -> None:
    async def fails(_event: Event) -> None:
        raise RuntimeError("broken listener")

    listener = Ear()
    bus.listen(BellRang, fails)
    bus.watch(BellRang, fails)
    bus.listen(BellRang, listener)
    await bus.publish(bells(1, 2))
    assert listener.numbers == [1, 2]


async def test_a_listener_may_publish(bus: Bus) -> None:
    doors = Ear()

    async def opens(event: BellRang) -> None:
        await bus.publish([DoorOpened(at=AT, who="赵", cause=event.id)])

    bus.listen(BellRang, opens)
    bus.watch(DoorOpened, doors)
    await bus.publish(bells(1))
    assert len(doors.heard) == 1


@pytest.mark.redis
async def test_watchers_of_other_processes_hear_it_once_and_their_listeners_do_not(
    redis_url: str,
) -> None:
    async with running(redis_url) as here, running(redis_url) as there:
        mine, watcher, listener = Ear(), Ear(), Ear()
        here.watch(BellRang, mine)
        there.watch(BellRang, watcher)
        there.listen(BellRang, listener)
        await here.publish(bells(*range(200)))
        await there.publish(bells(1000))
        await until(lambda: 199 in watcher.numbers and 1000 in mine.numbers)
        assert sorted(watcher.numbers) == [*range(200), 1000]
        assert [number for number in watcher.numbers if number < 1000] == list(range(200))
        assert mine.numbers == [*range(200), 1000]
        assert listener.numbers == [1000]


@pytest.mark.redis
async def test_an_event_arrives_in_the_other_process_as_it_was(redis_url: str) -> None:
    async with running(redis_url) as here, running(redis_url) as there:
        watcher = Ear()
        there.watch(DoorOpened, watcher)
        event = DoorOpened(at=AT, who="王小明", by="account:7", cause="x")
        await here.publish([event])
        await until(lambda: bool(watcher.heard))
        assert watcher.heard == [event]


@pytest.mark.redis
async def test_what_was_published_before_start_is_not_heard(redis_url: str) -> None:
    async with running(redis_url) as here:
        await here.publish(bells(1))
        probe = Redis.from_url(redis_url)
        end = time.monotonic() + 5
        while not await probe.xlen(STREAM):
            assert time.monotonic() < end
        await probe.aclose()
        async with running(redis_url) as there:
            watcher = Ear()
            there.watch(BellRang, watcher)
            await here.publish(bells(2))
            await until(lambda: bool(watcher.heard))
            assert watcher.numbers == [2]


@pytest.mark.redis
async def test_a_lost_redis_breaks_no_publishing_and_what_waited_is_sent_when_it_is_back(
    redis_server: RedisServer,
) -> None:
    async with running(redis_server.url) as here, running(redis_server.url) as there:
        mine, listener, watcher = Ear(), Ear(), Ear()
        here.watch(BellRang, mine)
        here.listen(BellRang, listener)
        there.watch(BellRang, watcher)
        await here.publish(bells(1))
        await until(lambda: watcher.numbers == [1])
        redis_server.stop()
        begun = time.monotonic()
        await here.publish(bells(2, 3))
        assert time.monotonic() - begun < 0.5
        assert mine.numbers == listener.numbers == [1, 2, 3]
        redis_server.start()
        await until(lambda: watcher.numbers == [1, 2, 3], limit=20)
        await here.publish(bells(4))
        await until(lambda: watcher.numbers == [1, 2, 3, 4])
        assert mine.numbers == [1, 2, 3, 4]


async def test_without_any_redis_it_is_a_local_bus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.redis_bus.START_WITHIN", 0.2)
    async with running(f"redis://127.0.0.1:{free_port()}/0") as alone:
        mine = Ear()
        alone.watch(BellRang, mine)
        await alone.publish(bells(1, 2))
        assert mine.numbers == [1, 2]


async def test_the_unsent_are_bounded_and_the_dropped_are_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("core.redis_bus.UNSENT_LIMIT", 3)
    bus = RedisBus(f"redis://127.0.0.1:{free_port()}/0")
    await bus.publish(bells(*range(5)))
    assert bus.dropped == 2
    await bus.close()


@pytest.mark.redis
async def test_an_entry_that_is_no_event_is_skipped(redis_url: str) -> None:
    async with running(redis_url) as here, running(redis_url) as there:
        watcher = Ear()
        there.watch(BellRang, watcher)
        stranger = Redis.from_url(redis_url)
        for body in ("{", "[]", '{"kind": "NobodyKnows"}', '{"kind": "BellRang", "number": "x"}'):
            await stranger.xadd(STREAM, {"origin": "stranger", "event": body})
        await stranger.xadd(STREAM, {"other": "field"})
        await stranger.aclose()
        await here.publish(bells(7))
        await until(lambda: watcher.numbers == [7])


@pytest.mark.redis
async def test_an_event_that_redis_took_twice_is_heard_once(redis_url: str) -> None:
    async with running(redis_url) as there:
        watcher = Ear()
        there.watch(BellRang, watcher)
        twice = RedisBus(redis_url)
        event = BellRang(at=AT, number=1)
        await twice.publish([event, event, *bells(2)])
        await twice.start()
        await until(lambda: 2 in watcher.numbers)
        assert watcher.numbers == [1, 2]
        await twice.close()
