from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.config import Settings
from core.db import Database
from core.errors import Forbidden, HotlineError, NotSignedIn, Unprocessable
from core.events import LocalBus
from core.log import mask_number
from core.security import (
    Account,
    LoginSession,
    Principal,
    Role,
    authenticate,
    close_session,
    hash_password,
    open_session,
    principal_of,
)

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/s.db", LocalBus())
    await database.create_all()
    async with database.unit_of_work() as uow:
        uow.session.add(
            Account(
                username="op01",
                display_name="张一",
                password_hash=hash_password("correct horse"),
                roles=[Role.OPERATOR.value],
                created_at=NOW,
            )
        )
    yield database
    await database.close()


async def test_a_session_lives_until_it_expires_or_is_closed(database: Database) -> None:
    async with database.unit_of_work() as uow:
        account = await authenticate(uow.session, "op01", "correct horse")
        assert account is not None
        token = await open_session(uow.session, account, NOW, hours=12)
        stored = (await uow.session.get(LoginSession, token)) is not None
        assert not stored, "the token itself must never be stored"
    async with database.unit_of_work() as uow:
        who = await principal_of(uow.session, token, NOW)
        assert who.roles == {Role.OPERATOR}
        with pytest.raises(NotSignedIn):
            await principal_of(uow.session, token, NOW + timedelta(hours=12))
        await close_session(uow.session, token)
        with pytest.raises(NotSignedIn):
            await principal_of(uow.session, token, NOW)


@pytest.mark.parametrize(
    ("name", "password"), [("op01", "wrong horse"), ("nobody", "correct horse")]
)
async def test_a_wrong_name_or_password_gives_nobody(
    database: Database, name: str, password: str
) -> None:
    async with database.reading() as session:
        assert await authenticate(session, name, password) is None


def test_short_passwords_are_refused() -> None:
    with pytest.raises(Unprocessable):
        hash_password("1234567")


def test_a_role_that_is_not_held_is_forbidden() -> None:
    who = Principal(
        account_id=1, username="op01", display_name="", roles=frozenset({Role.OPERATOR})
    )
    who.require(Role.OPERATOR, Role.AUDITOR)
    with pytest.raises(Forbidden):
        who.require(Role.AUDITOR)


def test_default_secrets_refuse_the_start_outside_demo_mode_x97(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("HOTLINE_SECRET_KEY", raising=False)
    monkeypatch.delenv("HOTLINE_DEMO", raising=False)
    with pytest.raises(HotlineError, match="HOTLINE_SECRET_KEY"):
        Settings(_env_file=None)
    assert Settings(_env_file=None, demo=True).demo


def test_secrets_are_generated_once_for_each_installation(tmp_path: Path) -> None:
    here, there = (Settings(demo=True, data_dir=tmp_path / name) for name in ("a", "b"))
    assert here.generated("ami") == here.generated("ami") != there.generated("ami")
    assert (tmp_path / "a" / "secrets" / "ami").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("number", "masked"),
    [("13900001234", "139****1234"), ("2881111", "2****11"), ("110", "*10"), ("", ""), (None, "")],
)
def test_numbers_are_masked(number: str | None, masked: str) -> None:
    assert mask_number(number) == masked
