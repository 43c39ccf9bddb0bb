"""Several processes at once, sign-ins against plan changes: what the database itself saw of every new lease."""

import asyncio
import json
import sys
from collections import Counter
from pathlib import Path

import pytest
from seat_process import LEADER
from seat_world import World
from sqlalchemy import text

from core.security import Role

PROCESS = Path(__file__).with_name("seat_process.py")
AGENTS = [f"operator {n}" for n in range(1, 21)]

WITNESS = "CREATE TABLE witness (seats INTEGER, agents INTEGER, leases INTEGER, open INTEGER)"
# A trigger is no part of the program: it looks at each lease as the database stores it.
SEEN = """INSERT INTO witness SELECT
    (SELECT count(*) FROM agent_session WHERE ended_at IS NULL AND seat_id = NEW.seat_id),
    (SELECT count(*) FROM agent_session WHERE ended_at IS NULL AND account_id = NEW.account_id),
    (SELECT count(*) FROM agent_session WHERE ended_at IS NULL),
    (SELECT open_seats FROM seat_setting);"""
TRIGGER = {
    "sqlite": [f"CREATE TRIGGER watch AFTER INSERT ON agent_session BEGIN {SEEN} END"],
    "postgresql": [
        f"CREATE FUNCTION watch() RETURNS trigger AS $$ BEGIN {SEEN} RETURN NEW; END $$ LANGUAGE plpgsql",
        "CREATE TRIGGER watch AFTER INSERT ON agent_session FOR EACH ROW EXECUTE FUNCTION watch()",
    ],
}


@pytest.mark.parametrize(
    "kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
)
async def test_no_interleaving_of_processes_breaks_a_lease(
    request: pytest.FixtureRequest, tmp_path: Path, kind: str
) -> None:
    """Spec 4: one agent a seat, one seat an agent, never more than open seats; each process chooses by its seed."""
    url = request.getfixturevalue("postgresql_url") if kind == "postgresql" else ""
    world = World(tmp_path, url)
    await world.open(*AGENTS)
    await world.hire(LEADER, roles=(Role.SHIFT_LEADER,))
    async with world.database.engine.begin() as connection:
        for statement in (WITNESS, *TRIGGER[kind]):
            await connection.exec_driver_sql(statement)

    told = sum(
        await asyncio.gather(*(run(world.settings.database, tmp_path, seed) for seed in (1, 2, 3))),
        Counter[str](),
    )  # fmt: skip
    async with world.database.reading() as session:
        seen = list(await session.execute(text("SELECT seats, agents, leases, open FROM witness")))
    await world.close()
    # Whoever signs in again at his own seat is given the lease that he has: no new one.
    assert 0 < len(seen) <= told["signed in"]
    assert {row.seats for row in seen} == {row.agents for row in seen} == {1}
    assert all(row.leases <= row.open for row in seen)
    assert told.keys() >= {"SEATS_FULL", "SEAT_TAKEN", "plan changed"}


async def run(url: str, folder: Path, seed: int) -> Counter[str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(PROCESS), url, str(folder), str(seed), stdout=asyncio.subprocess.PIPE
    )
    said, _ = await process.communicate()
    assert process.returncode == 0
    return Counter(json.loads(said.splitlines()[-1]))
