"""Screen-pop latency: Asterisk's own time of AgentCalled to the frame in a client, ours and two relays at once.

Calls by SIPp over the trunk, through the dialplan and the AGI server into the queue; the seats' telephones ring, answer
and hang up. A relay forwards AgentCalled and nothing else; ours also keeps ledger, seats and board meanwhile.
"""

import json
import re
import tempfile
from collections import defaultdict
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path

from bench.listener import listen
from bench.sipp import citizens
from bench.stage import Stage, relay, staffed, until
from bench.table import Row, quantile

SEATS = 70
SECONDS = 10
RATES = (5.0, 10.0, 20.0)
PEERS = ("bare", "panoramisk")
_STAMP = re.compile(rb'Timestamp(?:: |": ")([0-9.]+)')
_WORDS = {"p50": 0.5, "p95": 0.95, "p99": 0.99}


class Ears:
    """Notes the latency of every pop and every forwarded frame, in milliseconds."""

    def __init__(self) -> None:
        self.took: dict[str, list[float]] = defaultdict(list)
        self._seen: set[str] = set()

    def desktop(self, payload: bytes, now: float) -> None:
        if b'"name":"pop"' not in payload[:60]:
            return
        pop = json.loads(payload)["data"]
        if pop is None or pop["pop_id"] in self._seen:
            return  # closed, or the same pop with more in it
        self._seen.add(pop["pop_id"])
        self.took["ours"].append(
            (now - datetime.fromisoformat(pop["offered_at"]).timestamp()) * 1000
        )

    def peer(self, kind: str, payload: bytes, now: float) -> None:
        stamp = _STAMP.search(payload)
        if stamp:
            self.took[kind].append((now - float(stamp[1])) * 1000)


async def run(
    rates: tuple[float, ...] = RATES, seconds: int = SECONDS, seats: int = SEATS
) -> list[Row]:
    ears = Ears()
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as name:
        async with staffed(Path(name), seats, ears.desktop) as stage, AsyncExitStack() as peers:
            for kind in PEERS:
                port, _ = await peers.enter_async_context(relay(kind, stage.asterisk.settings))
                await listen(
                    port, "/", lambda payload, now, kind=kind: ears.peer(kind, payload, now)
                )
            for rate in rates:
                rows += await _at(stage, ears, rate, seconds)
    return rows


async def _at(stage: Stage, ears: Ears, rate: float, seconds: int) -> list[Row]:
    ears.took.clear()
    wanted = int(rate * seconds)
    done = await citizens(stage.asterisk, rate, wanted, stage.folder)
    await until(lambda: len(ears.took["ours"]) >= len(ears.took["bare"]), 5)
    took = ears.took
    part = f"screen-pop, {rate:g} calls/s"
    rows = [
        Row(part=part, what="calls answered to the goodbye", value=done, unit=f"of {wanted}"),
        Row(
            part=part, what="pops shown", value=len(took["ours"]), unit=f"of {len(took['bare'])} offers",
            target="all", met=len(took["ours"]) >= len(took["bare"]),
        ),
    ]  # fmt: skip
    for word, q in _WORDS.items():
        ours, bare, panoramisk = (quantile(took[kind], q) for kind in ("ours", *PEERS))
        rows.append(_against_bare(part, word, ours, bare))
        target, met = ("below", ours < panoramisk) if word == "p95" else ("", None)
        rows.append(
            Row(part=part, what=f"{word} against panoramisk", value=ours, unit="ms",
                baseline=panoramisk, against="panoramisk", target=target, met=met)
        )  # fmt: skip
    return rows


def _against_bare(part: str, word: str, ours: float, bare: float) -> Row:
    target, met = {
        "p50": ("≤ 1.5 × bare", ours <= 1.5 * bare),
        "p95": ("", None),
        "p99": ("≤ 100 ms", ours <= 100),
    }[word]
    return Row(
        part=part,
        what=word,
        value=ours,
        unit="ms",
        baseline=bare,
        against="bare",
        target=target,
        met=met,
    )
