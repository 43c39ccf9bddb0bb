"""An installation that has tickets already: its callers are sealed, its articles get versions, nothing is lost."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from pydantic import SecretStr
from sqlalchemy import MetaData, insert, select, text
from sqlalchemy.engine import Connection

from core.config import Settings
from core.db import Database, alembic_config
from core.events import LocalBus
from tickets.identity import Identity, Keyring, Person
from tickets.knowledge.search import find
from tickets.models import Contact, Ticket
from web import wiring

assert wiring

AT = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
NUMBERS = ("13900000001", "041729000002", "")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    url = (
        f"sqlite+aiosqlite:///{tmp_path}/old.db"
        if request.param == "sqlite"
        else request.getfixturevalue("postgresql_url")
    )
    return Settings(
        _env_file=None, data_dir=tmp_path, database_url=url, secret_key=SecretStr("test-only-key")
    )


async def test_callers_in_plain_text_are_sealed_and_still_found(settings: Settings) -> None:
    """Spec 5.9: identity encrypted with a key outside the database, search by keyed hash."""
    people = Keyring(settings)
    database = await old_installation(settings)
    assert not people.present
    await database.migrate(people=people)
    async with database.reading() as session:
        rows = (
            await session.execute(
                select(Ticket.id, Ticket.source_hash, Ticket.contact_hash, Person)
                .join(Person, Person.id == Ticket.person_id)
                .order_by(Ticket.id)
            )
        ).all()
        assert [people.of(row.Person) for row in rows] == [identity(n) for n in range(3)]
        assert [row.source_hash for row in rows] == [people.phone_hash(n) for n in NUMBERS]
        assert rows[2].source_hash is None
        assert rows[2].contact_hash == people.phone_hash("13900000009")
        contacts = await session.scalars(select(Contact.person_id).order_by(Contact.id))
        assert list(contacts) == [row.Person.id for row in rows]
        assert (await find(session, "停水")).articles[0].title == "计划停水"
        await people.check(session)
    await database.migrate(people=people)
    await database.close()


async def test_no_name_or_number_is_left_in_any_row(settings: Settings) -> None:
    database = await old_installation(settings)
    await database.migrate(people=Keyring(settings))
    metadata = MetaData()
    async with database.engine.connect() as connection:
        await connection.run_sync(metadata.reflect)
        said = ""
        for table in metadata.sorted_tables:
            said += "".join(str(tuple(row)) for row in await connection.execute(select(table)))
    assert "停水" in said
    for secret in (*filter(None, NUMBERS), "13900000009", "王小明"):
        assert secret not in said
    await database.close()


async def test_without_the_key_nothing_is_migrated(settings: Settings) -> None:
    database = await old_installation(settings)
    with pytest.raises(RuntimeError, match="plain text"):
        await database.migrate()
    async with database.engine.connect() as connection:
        query = text("SELECT caller_name FROM ticket ORDER BY id")
        assert (await connection.execute(query)).scalars().first() == "王小明"
    await database.migrate(people=Keyring(settings))
    await database.close()


async def test_a_migrated_sqlite_guards_its_references_again(settings: Settings) -> None:
    database = await old_installation(settings)
    await database.migrate(people=Keyring(settings))
    if database.is_sqlite:
        async with database.reading() as session:
            assert await session.scalar(text("PRAGMA foreign_keys")) == 1
    await database.close()


def identity(number: int) -> Identity:
    return Identity(
        source_number=NUMBERS[number],
        raw=f"+86{NUMBERS[number]}",
        caller_name="王小明" if number == 0 else "",
        contact_phone=NUMBERS[number] if number < 2 else "13900000009",
        alt_phone="",
    )


async def old_installation(settings: Settings) -> Database:
    """A database of the first schema with three tickets and an article, one ticket related to another."""
    database = Database(settings.database, LocalBus())
    async with database.engine.begin() as connection:
        await connection.run_sync(_fill)
    return database


def _fill(connection: Connection) -> None:
    config = alembic_config()
    config.attributes["connection"] = connection
    command.upgrade(config, "0001")
    old = MetaData()
    old.reflect(connection)
    at = AT if connection.dialect.name == "postgresql" else AT.replace(tzinfo=None)
    contact, ticket, happened = (old.tables[name] for name in ("contact", "ticket", "ticket_event"))
    for number in range(3):
        known, id_ = identity(number), number + 1
        connection.execute(
            insert(contact).values(
                id=id_, channel="phone", number=known.source_number, dnid="12345", menu="",
                raw=known.raw, recording=False, received_at=at,
            )
        )  # fmt: skip
        values = {column.name: "" for column in ticket.columns if not column.nullable}
        connection.execute(
            insert(ticket).values(
                {
                    **values,
                    "id": id_, "version": 1, "state": "DRAFT", "contact_id": id_,
                    "source_number": known.source_number, "caller_name": known.caller_name,
                    "contact_phone": known.contact_phone, "opened_at": at, "updated_at": at,
                    "info_attempts": 0, "key_flag": False, "related_ticket": 1 if number else None,
                }
            )
        )  # fmt: skip
        connection.execute(
            insert(happened).values(
                position=id_, ticket_id=id_, seq=1, at=at, by="x", kind="opened", trigger="open",
                data={}, prev_hash="0", hash="0",
            )
        )  # fmt: skip
    connection.execute(
        insert(old.tables["unit"]).values(id=1, name="水务", kind="enterprise", active=True)
    )
    connection.execute(
        insert(old.tables["kb_article"]).values(
            id=1, title="计划停水", text="提前公告。", source_no="1", source_url="u", unit_id=1
        )
    )
