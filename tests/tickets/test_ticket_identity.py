"""Who called: sealed in the database, masked in lists, shown for a reason; found by keyed hash (spec 5.1, 5.9)."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError
from ticket_world import CALLER, COMPLETE, World

from core.config import Settings
from core.errors import Forbidden, Unprocessable
from core.security import AuditRow
from tickets.errors import IdentityKeyMissing, IdentityUnreadable, TicketNotFound
from tickets.identity import Identity, Keyring, Person
from tickets.search import Wanted
from tickets.service import TicketService

texts = st.text(max_size=60)
identities = st.builds(
    Identity,
    source_number=texts, raw=texts, caller_name=texts, contact_phone=texts, alt_phone=texts,
)  # fmt: skip


@pytest.fixture(scope="module")
def keyring(tmp_path_factory: pytest.TempPathFactory) -> Keyring:
    return Keyring(settings_of(tmp_path_factory.mktemp("keys")))


def settings_of(folder: Path) -> Settings:
    return Settings(_env_file=None, data_dir=folder, secret_key=SecretStr("test-only-key"))


@given(identity=identities)
def test_what_is_sealed_can_be_opened_and_is_not_there_to_read(
    keyring: Keyring, identity: Identity
) -> None:
    person = keyring.new_person(identity)
    assert keyring.of(person) == identity
    for value in vars(identity).values():
        assert len(value.encode()) < 4 or value.encode() not in person.sealed


def test_the_same_identity_is_never_sealed_the_same_twice(keyring: Keyring) -> None:
    one, other = (keyring.new_person(Identity(caller_name="王小明")) for _ in range(2))
    assert one.sealed != other.sealed


@given(place=st.integers(0, 40), bit=st.integers(0, 7))
def test_one_changed_bit_is_noticed(keyring: Keyring, place: int, bit: int) -> None:
    person = keyring.new_person(Identity(caller_name="王小明"))
    changed = bytearray(person.sealed)
    changed[place % len(changed)] ^= 1 << bit
    with pytest.raises(IdentityUnreadable):
        keyring.open(person.id, person.key_id, bytes(changed))


def test_a_row_of_another_person_or_another_key_does_not_open(
    keyring: Keyring, tmp_path: Path
) -> None:
    one, other = (keyring.new_person(Identity(caller_name=name)) for name in ("王一", "赵二"))
    with pytest.raises(IdentityUnreadable):
        keyring.open(one.id, one.key_id, other.sealed)
    with pytest.raises(IdentityUnreadable):
        Keyring(settings_of(tmp_path)).of(one)


def test_a_number_is_found_by_its_hash_and_an_unknown_one_is_like_no_other(
    keyring: Keyring, tmp_path: Path
) -> None:
    """X61; and the hash says nothing to whoever has no key."""
    assert keyring.phone_hash(CALLER) == keyring.phone_hash(CALLER) != keyring.phone_hash("1390")
    assert keyring.phone_hash("") is None
    assert keyring.phone_hash(CALLER) != Keyring(settings_of(tmp_path)).phone_hash(CALLER)


def test_the_key_is_made_once_readable_by_its_owner_alone(tmp_path: Path) -> None:
    people = Keyring(settings_of(tmp_path))
    assert not people.present
    key_id = people.key_id
    assert Keyring(settings_of(tmp_path)).key_id == key_id
    path = tmp_path / "secrets" / "identity_key"
    assert path.stat().st_mode & 0o077 == 0
    assert key_id not in path.read_text()


async def test_the_start_is_refused_when_the_key_of_sealed_people_is_missing(world: World) -> None:
    """X97: a new key would open nothing, so none is made."""
    ticket = await world.accepted(world.people.wang)
    path = world.settings.data_dir / "secrets" / "identity_key"
    kept = path.read_text()
    path.unlink()
    with pytest.raises(IdentityKeyMissing, match="backup"):
        await again(world).prepare()
    assert not path.exists()
    path.write_text("another key altogether")
    with pytest.raises(IdentityKeyMissing):
        await again(world).prepare()
    path.write_text(kept)
    service = again(world)
    await service.prepare()
    assert (await service.get(world.people.wang, ticket.id)).caller_name == "张测试"


async def test_an_empty_installation_starts_without_a_key(world: World) -> None:
    await again(world).prepare()


def again(world: World) -> TicketService:
    """The room as a new process opens it."""
    return TicketService(
        world.database, clock=world.clock, settings=world.settings, lines=world.lines
    )


async def test_the_calling_and_the_left_number_find_their_tickets_in_any_spelling(
    world: World,
) -> None:
    wang, intake = world.people.wang, world.people.intake
    first = await world.draft(wang, COMPLETE, call_id=world.ring(wang))
    left = await world.accepted(wang, contact_phone="0417-2912345")
    for query, found in (("+86 139 0000 0001", first.id), ("04172912345", left.id)):
        page = await world.service.page(intake, Wanted(), office=True, query=query)
        assert [line.id for line in page.tickets] == [found]
    changed = await world.service.patch(
        wang, first.id, first.version, {"contact_phone": "13900000077"}
    )
    assert changed.contact_phone == "13900000077"
    page = await world.service.page(intake, Wanted(), office=True, query="13900000077")
    assert [(line.id, line.caller_masked) for line in page.tickets] == [(first.id, "139****0001")]


async def test_a_masked_caller_is_shown_for_a_reason_that_stays_in_the_log(world: World) -> None:
    people = world.people
    ticket = await world.draft(
        people.wang, {**COMPLETE, "confidential": True}, call_id=world.ring(people.wang)
    )
    seen = await world.service.get(people.intake, ticket.id)
    assert (seen.source_number, seen.caller_name) == ("139****0001", "***")
    shown = await world.service.unmask(people.intake, ticket.id, "  核实地址\n")
    assert (shown.source_number, shown.caller_name) == (CALLER, "张测试")
    async with world.database.reading() as session:
        row = (await session.scalars(select(AuditRow))).one()
        assert (row.by, row.action, row.target) == (
            people.intake.by, "identity_shown", f"ticket:{ticket.id}",
        )  # fmt: skip
        assert row.details == {"reason": "核实地址"}


async def test_nobody_sees_a_caller_without_right_or_reason(world: World) -> None:
    people = world.people
    ticket = await world.accepted(people.wang)
    for who, refusal in ((people.auditor, Forbidden), (people.zhao, TicketNotFound)):
        with pytest.raises(refusal):
            await world.service.unmask(who, ticket.id, "核实地址")
    with pytest.raises(Unprocessable):
        await world.service.unmask(people.intake, ticket.id, " \u200b ")
    async with world.database.reading() as session:
        assert (await session.scalars(select(AuditRow))).all() == []


async def test_the_access_log_cannot_be_rewritten(world: World) -> None:
    """Telephony spec 12: audit rows are append-only."""
    ticket = await world.accepted(world.people.wang)
    await world.service.unmask(world.people.intake, ticket.id, "核实地址")
    for statement in ("UPDATE audit SET action = ''", "DELETE FROM audit"):
        with pytest.raises(DBAPIError, match="append-only"):
            async with world.database.unit_of_work() as uow:
                await uow.session.execute(text(statement))


async def test_a_forged_row_shows_nothing_wrong_but_an_error(world: World) -> None:
    ticket = await world.accepted(world.people.wang)
    async with world.database.unit_of_work() as uow:
        await uow.session.execute(update(Person).values(sealed=b"\x00" * 64))
    with pytest.raises(IdentityUnreadable):
        await world.service.get(world.people.wang, ticket.id)
