"""The bridge and its ledger, and nothing above them, as a process of its own.

python tests/bench/lone_bridge.py FOLDER   (the settings of the Asterisk in the environment; prints "in step")
"""

import asyncio
import logging
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2])]

import structlog  # noqa: E402
import uvloop  # noqa: E402

from core.clock import utc_now  # noqa: E402
from core.config import Settings  # noqa: E402
from core.db import Database  # noqa: E402
from core.events import LocalBus  # noqa: E402
from telephony.bridge import Bridge  # noqa: E402
from telephony.instance import InstancePaths  # noqa: E402
from telephony.switch import Switch  # noqa: E402
from web.wiring import link_for  # noqa: E402


async def main(folder: Path) -> None:
    # The output is for the figures.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    settings = Settings(demo=True)
    paths = InstancePaths((settings.data_dir / "asterisk").resolve())
    database = Database(f"sqlite+aiosqlite:///{folder}/lone.db", LocalBus())
    await database.create_all()
    link = link_for(settings, utc_now)
    bridge = Bridge(
        link, Switch(link, queue=settings.queue), database, utc_now, paths.recordings,
        queue=settings.queue, queue_log=paths.queue_log, state_dir=folder / "spool",
    )  # fmt: skip
    await bridge.start()
    await link.start()
    while not bridge.in_step:
        await asyncio.sleep(0.05)
    print("in step", flush=True)
    while True:
        await asyncio.sleep(0.2)
        metrics = bridge.metrics
        print(f"{metrics.calls} {sum(not c.outcome for c in bridge.calls.values())}", flush=True)


uvloop.run(main(Path(sys.argv[1])))
