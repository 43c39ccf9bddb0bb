"""Sign-ins of big screens: made and taken back by managers; they see the masked board and may do nothing."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from core.clock import Clock
from core.db import Database
from core.errors import NotFound
from core.security import Account, LoginSession, Principal, Role, audit, hash_password

# No letters that a person at a television mistakes for another.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True, kw_only=True)
class Screen:
    """`password` is told once, when the sign-in is made; nobody can read it afterwards."""

    id: int
    username: str
    name: str
    created_at: datetime
    signed_in: bool
    password: str = ""


class Screens:
    """Accounts with the role `screen` alone."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    async def add(self, name: str, by: Principal) -> Screen:
        """Make a sign-in with a password of its own; audited."""
        now, username, password = self._clock(), f"screen-{_word(5)}", _word(12)
        hashed = hash_password(password)
        async with self._database.unit_of_work() as uow:
            account = Account(
                username=username,
                display_name=name,
                password_hash=hashed,
                roles=[Role.SCREEN.value],
                created_at=now,
            )
            uow.session.add(account)
            await uow.session.flush()
            audit(uow.session, now, by.by, "screen.add", f"account:{account.id}", name=name)
        return Screen(
            id=account.id, username=username, name=name, created_at=now, signed_in=False,
            password=password,
        )  # fmt: skip

    async def all(self) -> list[Screen]:
        """Return the screens that may sign in, the newest first."""
        now = self._clock()
        async with self._database.reading() as session:
            signed_in = set(
                await session.scalars(
                    select(LoginSession.account_id).where(LoginSession.expires_at > now)
                )
            )
            accounts = await session.scalars(
                select(Account)
                .where(Account.username.like("screen-%"), Account.disabled.is_(False))
                .order_by(Account.id.desc())
            )
            return [
                Screen(
                    id=one.id, username=one.username, name=one.display_name,
                    created_at=one.created_at, signed_in=one.id in signed_in,
                )
                for one in accounts
                if one.roles == [Role.SCREEN.value]
            ]  # fmt: skip

    async def revoke(self, account_id: int, by: Principal) -> None:
        """Take a sign-in back: it is signed out everywhere and cannot sign in again. NotFound."""
        async with self._database.unit_of_work() as uow:
            account = await uow.session.get(Account, account_id)
            if account is None or account.disabled or account.roles != [Role.SCREEN.value]:
                raise NotFound(what="screen")
            account.disabled = True
            await uow.session.execute(
                delete(LoginSession).where(LoginSession.account_id == account_id)
            )
            audit(uow.session, self._clock(), by.by, "screen.revoke", f"account:{account_id}")


def session_hours(roles: frozenset[Role], hours: int, screen_days: int) -> int:
    """Return how long a sign-in holds: a screen on the wall, and nobody else, stays for days."""
    return screen_days * 24 if roles == frozenset({Role.SCREEN}) else hours


def _word(length: int) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(length))
