"""Events a second through the bridge with its database, against panoramisk bare parsing the same bytes.

A played Asterisk writes the recorded session of a call, under ever new ids, as fast as the socket takes it. The
bridge parses, folds, stores and tells; panoramisk only parses and calls one callback. Rounds alternate.
"""

import asyncio
import re
import tempfile
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from asterisk_ami_mock import MockAsterisk
from asterisk_ami_mock.wire import END, frames_of
from bench.stage import until
from bench.table import Row, median
from panoramisk import Manager
from support.bridges import bridge_over
from support.links import quick_link
from support.own_postgresql import OwnPostgresql

from core.db import Database
from core.events import LocalBus
from telephony.events import CallEnded

CALLS = 150
ROUNDS = 3
RECORDING = Path(__file__).parents[1] / "recordings" / "answered.ami"
_UUID = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_UNIQUE = re.compile(rb"hotline-\d{10}(\.\d+)")


def session(calls: int) -> tuple[bytes, int]:
    """Return the bytes of `calls` calls one after the other, and how many events they are."""
    frames = [frame for frame in frames_of(RECORDING.read_bytes()) if _UNIQUE.search(frame)]
    text = b"".join(frame + END for frame in frames)
    return b"".join(_renamed(text, number) for number in range(calls)), len(frames) * calls


def _renamed(text: bytes, number: int) -> bytes:
    """Give one call new ids, the same everywhere in it; bridges are told apart by theirs too."""
    names: dict[bytes, bytes] = {}
    text = _UUID.sub(lambda m: names.setdefault(m[0], str(uuid.uuid4()).encode()), text)
    return _UNIQUE.sub(lambda m: b"hotline-%d%s" % (1_800_000_000 + number, m[1]), text)


async def run() -> list[Row]:
    data, events = session(CALLS)
    seen: dict[str, list[float]] = {}
    facts: dict[str, float] = {}
    commits: dict[str, float] = {}
    with OwnPostgresql.running() as server:
        for _ in range(ROUNDS):
            seen.setdefault("panoramisk", []).append(await _panoramisk(data, events))
            for kind in ("sqlite", "postgresql"):
                url = server.new_database() if kind == "postgresql" else ""
                seconds, facts[kind], commits[kind] = await _ours(data, url)
                seen.setdefault(kind, []).append(seconds)
    bare = events / median(seen["panoramisk"])
    rows = [Row(part="bridge", what="panoramisk, parsing alone", value=bare, unit="events/s")]
    for kind in ("sqlite", "postgresql"):
        took = median(seen[kind])
        rows += [
            Row(part="bridge", what=f"ledger on {kind}", value=events / took, unit="events/s",
                baseline=bare, against="panoramisk"),
            Row(part="bridge", what=f"facts, {kind}", value=facts[kind] / took, unit="facts/s"),
            Row(part="bridge", what=f"commits, {kind}", value=commits[kind] / took, unit="commits/s"),
            Row(part="bridge", what=f"whole calls, {kind}", value=CALLS / took, unit="calls/s",
                target="≥ 90 (Asterisk's most)", met=CALLS / took >= 90),
        ]  # fmt: skip
    return rows


async def _ours(data: bytes, url: str) -> tuple[float, float, float]:
    """Return seconds to the last ended call, facts and commits."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        database = Database(url or f"sqlite+aiosqlite:///{folder}/ledger.db", LocalBus())
        await database.create_all()
        async with MockAsterisk() as mock:
            user, secret = mock.account
            link = quick_link(host=mock.host, port=mock.port, user=user, secret=secret)
            async with bridge_over(link, folder, database=database) as parts:
                await parts.in_step()
                before = parts.bridge.metrics.facts, parts.bridge.metrics.commits
                began = time.perf_counter()
                mock.send_raw(data)
                ended = await until(lambda: len(parts.of(CallEnded)) >= CALLS, 60)
                took = time.perf_counter() - began
                if not ended:
                    raise RuntimeError(f"only {len(parts.of(CallEnded))} calls ended")
                metrics = parts.bridge.metrics
                result = took, float(metrics.facts - before[0]), float(metrics.commits - before[1])
        await database.close()
        return result


async def _panoramisk(data: bytes, events: int) -> float:
    count = 0

    def heard(_manager: object, _message: object) -> None:
        nonlocal count
        count += 1

    async with MockAsterisk() as mock, _manager(mock) as manager:
        manager.register_event("*", heard)
        before = count
        began = time.perf_counter()
        mock.send_raw(data)
        if not await until(lambda: count - before >= events, 60):
            raise RuntimeError(f"panoramisk heard {count - before} of {events}")
        return time.perf_counter() - began


@asynccontextmanager
async def _manager(mock: MockAsterisk) -> AsyncIterator[Manager]:
    user, secret = mock.account
    manager = Manager(host=mock.host, port=mock.port, username=user, secret=secret)
    manager.connect()
    await until(lambda: bool(manager.authenticated), 5)
    try:
        yield manager
    finally:
        manager.connect = lambda: None
        manager.close()
        await asyncio.sleep(0)
