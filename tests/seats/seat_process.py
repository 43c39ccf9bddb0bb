"""A process of its own that does at random what people, managers and the sweep do; see test_plan_contention.py.

`python seat_process.py URL FOLDER SEED`: prints how often what was granted or refused, as JSON.
"""

import asyncio
import json
import random
import sys
from collections import Counter
from pathlib import Path

TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(TESTS.parent), str(TESTS), str(TESTS / "seats")]

from seat_world import World  # noqa: E402
from sqlalchemy import select  # noqa: E402

from core.errors import HotlineError  # noqa: E402
from core.security import Account, Principal, Role, principal  # noqa: E402
from seats.plan_changes import Moment  # noqa: E402

STEPS = 40
LEADER = "值班长"


async def main(url: str, folder: str, seed: int) -> Counter[str]:
    chance, told = random.Random(seed), Counter[str]()
    world = World(Path(folder), url)
    async with world.database.reading() as session:
        people = [principal(account) for account in await session.scalars(select(Account))]
    agents = [who for who in people if Role.OPERATOR in who.roles]
    (boss,) = [who for who in people if who.display_name == LEADER]
    for _ in range(STEPS):
        try:
            told[await _step(world, chance, agents, boss)] += 1
        except HotlineError as refused:
            told[refused.code] += 1
        await world.settle()
    await world.close()
    return told


async def _step(
    world: World, chance: random.Random, agents: list[Principal], boss: Principal
) -> str:
    service, who = world.service, chance.choice(agents)
    match chance.choices(("in", "out", "plan", "sweep"), (60, 15, 15, 10))[0]:
        case "in":
            await service.sign_in(who, f"{chance.randint(1, 12):02d}")
            return "signed in"
        case "out":
            await service.sign_out(who)
            return "signed out"
        case "plan":
            count = chance.randint(1, 12)
            await service.change_plan(Moment(open_seats=count, reason="x"), boss)
            return "plan changed"
        case _:
            await service.sweep()
            return "swept"


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))))
