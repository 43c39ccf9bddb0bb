"""The record that cannot be changed unseen (X93)."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from ticket_world import World

from tickets.chain import GENESIS, TRIGGERS, Happening, chained

START = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ticket_event SET by = 'nobody' WHERE position = 2",
        "DELETE FROM ticket_event WHERE position = 2",
    ],
)
async def test_the_database_refuses_to_change_or_delete_an_event(
    world: World, statement: str
) -> None:
    await world.accepted(world.people.wang)
    with pytest.raises(DBAPIError, match="append-only"):
        async with world.database.unit_of_work() as uow:
            await uow.session.execute(text(statement))
    assert await world.service.verify_chain() is None


@pytest.mark.parametrize(
    ("statement", "first_bad"),
    [
        ("UPDATE ticket_event SET by = 'account:99' WHERE position = 2", 2),
        ("UPDATE ticket_event SET data = '{}' WHERE position = 3", 3),
        ("UPDATE ticket_event SET hash = prev_hash WHERE position = 2", 2),
        ("DELETE FROM ticket_event WHERE position = 2", 2),
        ("DELETE FROM ticket_event WHERE position = 4", 4),
        ("DELETE FROM ticket_event", 1),
        ("UPDATE ticket_event_head SET position = 3", 5),
        ("DELETE FROM ticket_event_head", 5),
    ],
)
async def test_a_changed_or_removed_event_is_found(
    world: World, statement: str, first_bad: int
) -> None:
    ticket = await world.accepted(world.people.wang)
    await world.move(world.people.intake, ticket, "correct", reason="核对")
    assert await world.service.verify_chain() is None
    await without_triggers(world, statement)
    assert await world.service.verify_chain() == first_bad


async def test_many_tickets_at_once_make_one_chain_without_gaps(world: World) -> None:
    people = (world.people.wang, world.people.zhao, world.people.leader)
    await asyncio.gather(*(world.accepted(who) for who in people * 4))
    assert await world.service.verify_chain() is None
    async with world.database.reading() as session:
        rows = await session.execute(text("SELECT count(*), max(position) FROM ticket_event"))
        assert tuple(rows.one()) == (36, 36)


async def test_an_empty_chain_is_whole(world: World) -> None:
    assert await world.service.verify_chain() is None
    await world.service.prepare()
    assert await world.service.verify_chain() is None


happenings = st.builds(
    Happening,
    ticket_id=st.integers(1, 5),
    at=st.integers(0, 10**6).map(lambda n: START + timedelta(microseconds=n)),
    by=st.text(max_size=8),
    kind=st.sampled_from(["opened", "edited", "moved"]),
    data=st.dictionaries(
        st.text(max_size=4),
        st.one_of(st.none(), st.booleans(), st.integers(), st.text()),
        max_size=3,
    ),
)


@given(happenings, happenings, st.integers(1, 100))
def test_any_difference_makes_another_hash(one: Happening, other: Happening, at: int) -> None:
    def hashed(what: Happening, key: bytes = b"k", prev: str = GENESIS, seq: int = at) -> str:
        value: str = chained(key, prev, at, seq, what)["hash"]
        return value

    assert (hashed(one) == hashed(other)) is (vars(one) == vars(other))
    assert hashed(one) != hashed(one, key=b"other")
    assert hashed(one) != hashed(one, prev="1" * 64)
    assert hashed(one) != hashed(one, seq=at + 1)


async def without_triggers(world: World, statement: str) -> None:
    """Do what a database administrator could do."""
    async with world.database.engine.begin() as connection:
        if world.database.is_sqlite:
            for verb in ("update", "delete"):
                await connection.execute(text(f"DROP TRIGGER ticket_event_no_{verb}"))
        else:
            await connection.execute(text("DROP TRIGGER ticket_event_no_change ON ticket_event"))
        await connection.execute(text(statement))
    assert set(TRIGGERS) == {"sqlite", "postgresql"}
