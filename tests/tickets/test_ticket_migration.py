"""A migrated installation, and not only a database made for tests, guards the record."""

from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from ticket_world import World


@pytest.mark.parametrize(
    "statement", ["UPDATE ticket_event SET seq = 9", "DELETE FROM ticket_event"]
)
async def test_a_migrated_database_refuses_to_change_events(
    tmp_path: Path, url: str, statement: str
) -> None:
    """X93."""
    world = World(tmp_path, url)
    await world.open(migrated=True)
    await world.accepted(world.people.wang)
    with pytest.raises(DBAPIError, match="append-only"):
        async with world.database.unit_of_work() as uow:
            await uow.session.execute(text(statement))
    assert await world.service.verify_chain() is None
    await world.close()
