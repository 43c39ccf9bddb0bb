"""`python -m tests.bench [NAME …]`: measure, print one table, write bench-<date>.json at the top.

All traffic stays on the loopback. Each part has a limit of time; one that breaks is said so and the others go on.
"""

import asyncio
import json
import logging
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import structlog  # noqa: E402
import uvloop  # noqa: E402
from bench import (  # noqa: E402
    bench_agi,
    bench_bridge,
    bench_cpu,
    bench_figures,
    bench_lone_bridge,
    bench_plan,
    bench_pops,
    bench_resync,
    bench_sign_in,
    bench_sockets,
    bench_tickets,
    bench_wallboard,
)
from bench.table import Row, as_json, machine, render  # noqa: E402


async def agi() -> list[Row]:
    """FastAGI sessions against panoramisk's server, both under uvloop."""
    figures = await asyncio.to_thread(bench_agi.run, 500, (50, 500), 2)
    return [
        Row(part="agi", what=f"session, {many} at once", value=figures[f"ours uvloop @{many}"]["server_cpu_us"],
            unit="µs cpu", baseline=figures[f"panoramisk uvloop @{many}"]["server_cpu_us"], against="panoramisk")
        for many in (50, 500)
    ]  # fmt: skip


async def tickets() -> list[Row]:
    """What a desk does many times a day, among few tickets and among ten times as many."""
    figures = await asyncio.to_thread(bench_tickets.run, (10_000, 100_000))
    return [
        Row(part="tickets, p50", what=action, value=row["100000"], unit="ms of 100 k", baseline=row["10000"],
            against="of 10 k")
        for action, row in figures.items()
    ]  # fmt: skip


PARTS: dict[str, tuple[Callable[[], Awaitable[list[Row]]], float]] = {
    # name: what to run, and its limit in seconds
    "pops": (bench_pops.run, 110),
    "cpu": (bench_cpu.run, 110),
    "lone-bridge": (bench_lone_bridge.run, 110),
    "bridge": (bench_bridge.run, 90),
    "resync": (bench_resync.run, 30),
    "sockets": (bench_sockets.run, 60),
    "wallboard": (bench_wallboard.run, 60),
    "sign-in": (bench_sign_in.run, 60),
    "plan": (bench_plan.run, 180),
    "agi": (agi, 60),
    "tickets": (tickets, 120),
    "figures": (bench_figures.run, 90),
}


async def main(names: list[str]) -> int:
    """Run the named parts (all by default); 2 for an unknown name, 1 if one did not come to an end."""
    if unknown := [name for name in names if name not in PARTS]:
        print(f"no such part: {', '.join(unknown)}; there are {', '.join(PARTS)}", file=sys.stderr)
        return 2
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    path = ROOT / f"bench-{datetime.now():%Y%m%d-%H%M%S}.json"
    rows: list[Row] = []
    failed: dict[str, str] = {}
    loads: dict[str, object] = {}
    for name in names or PARTS:
        began = time.perf_counter()
        try:
            async with asyncio.timeout(PARTS[name][1]):
                rows += await PARTS[name][0]()
        except Exception as error:
            failed[name] = f"{type(error).__name__}: {error}"
        loads[name] = machine()["load"]
        took = time.perf_counter() - began
        print(f"{name}: {took:.0f} s {failed.get(name, '')}", file=sys.stderr, flush=True)
        _write(path, rows, failed, loads)
    print(render(rows))
    print(f"\n{machine()['cores']} cores, {machine()['cpu']}; load after each part: {loads}")
    print(f"written to {path.name}")
    return 1 if failed else 0


def _write(path: Path, rows: list[Row], failed: dict[str, str], loads: dict[str, object]) -> None:
    found = {
        "at": datetime.now(UTC).isoformat(),
        "machine": machine(),
        "load_after": loads,
        "rows": as_json(rows),
        "failed": failed,
    }
    path.write_text(json.dumps(found, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    sys.exit(uvloop.run(main(sys.argv[1:])))
