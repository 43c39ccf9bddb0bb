"""CPU of the hotline over CPU of Asterisk, in a ramp of calls up to the rate that is no longer sustained.

Sustained: all calls came to their goodbye, and the waiting line was empty soon after the last one. No relays run here.
"""

import asyncio
import tempfile
import time
from pathlib import Path

from bench.bench_pops import Ears
from bench.sipp import citizens
from bench.stage import Stage, cpu, staffed
from bench.table import Row, quantile

RATES = (5.0, 10.0, 15.0, 20.0)
SECONDS = 8
SEATS = 70


async def run() -> list[Row]:
    ears = Ears()
    best: list[Row] = []
    with tempfile.TemporaryDirectory() as name:
        async with staffed(Path(name), SEATS, ears.desktop) as stage:
            for rate in RATES:
                sustained, rows = await _at(stage, ears, rate)
                best += rows
                if not sustained:
                    break
    return best


async def _at(stage: Stage, ears: Ears, rate: float) -> tuple[bool, list[Row]]:
    ears.took.clear()
    wanted = int(rate * SECONDS)
    ours, theirs, began = cpu(stage.hotline_pid), cpu(stage.asterisk_pid), time.monotonic()
    done = await citizens(stage.asterisk, rate, wanted, stage.folder)
    took = time.monotonic() - began
    await asyncio.sleep(2)  # what the hotline still has to write belongs to these calls
    ours, theirs = cpu(stage.hotline_pid) - ours, cpu(stage.asterisk_pid) - theirs
    sustained = done == wanted and took < SECONDS + 14
    part = f"cpu, {rate:g} calls/s"
    return sustained, [
        Row(part=part, what="calls to the goodbye", value=done, unit=f"of {wanted}",
            target="all, in time", met=sustained),
        Row(part=part, what="hotline, all rooms, a call", value=ours / wanted * 1000, unit="ms cpu",
            baseline=theirs / wanted * 1000, against="asterisk", target="≤ 0.25 × asterisk",
            met=ours <= 0.25 * theirs),
        Row(part=part, what="pop p95", value=quantile(ears.took["ours"], 0.95), unit="ms"),
    ]  # fmt: skip
