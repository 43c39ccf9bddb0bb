"""Accounts, passwords, sessions and roles: who may do what, independent of HTTP."""

import asyncio
import hashlib
import secrets
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import ForeignKey, String, delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from core.append_only import protect
from core.db import Base
from core.errors import Forbidden, NotSignedIn, Unprocessable

_hasher = PasswordHash((Argon2Hasher(),))
_DUMMY = _hasher.hash("nobody")


class Role(StrEnum):
    """The minimum roles; separation of duties is checked where the duties are."""

    OPERATOR = "operator"
    SHIFT_LEADER = "shift_leader"
    NETWORK_CLERK = "network_clerk"
    INTAKE = "intake"
    COORDINATION = "coordination"
    OFFICE_DIRECTOR = "office_director"
    CALLBACK_AGENT = "callback_agent"
    KB_EDITOR = "kb_editor"
    KB_APPROVER = "kb_approver"
    UNIT_HANDLER = "unit_handler"
    UNIT_REVIEWER = "unit_reviewer"
    UNIT_LEADER = "unit_leader"
    L2_HANDLER = "l2_handler"
    ASSESSOR = "assessor"
    CITY_LEADER = "city_leader"
    ARCHIVIST = "archivist"
    AUDITOR = "auditor"
    ADMIN = "admin"
    SCREEN = "screen"  # a big screen on the wall: sees the masked board and nothing else


OFFICE = frozenset({Role.INTAKE, Role.COORDINATION, Role.OFFICE_DIRECTOR, Role.AUDITOR})


class Account(Base):
    """A person who may sign in."""

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(64), unique=True)
    display_name: Mapped[str] = mapped_column(String(64))
    password_hash: Mapped[str] = mapped_column(String(256))
    roles: Mapped[list[str]]
    disabled: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]


class LoginSession(Base):
    """A signed-in browser; only the SHA-256 of its random token is stored."""

    __tablename__ = "login_session"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[int] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), index=True
    )
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class AuditRow(Base):
    """Who did what to which thing; append-only."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    by: Mapped[str] = mapped_column(String(80))
    action: Mapped[str] = mapped_column(String(64))
    target: Mapped[str] = mapped_column(String(128), default="")
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)


protect(AuditRow.__table__)


@dataclass(frozen=True)
class Principal:
    """The signed-in person on whose behalf something is done."""

    account_id: int
    username: str
    display_name: str
    roles: frozenset[Role]

    @property
    def by(self) -> str:
        """How events name this person."""
        return f"account:{self.account_id}"

    def may(self, *roles: Role) -> bool:
        return bool(self.roles & set(roles))

    def require(self, *roles: Role) -> None:
        """Raise Forbidden unless one of `roles` is held."""
        if not self.may(*roles):
            raise Forbidden(needs=[role.value for role in roles])


Guard = Callable[..., Callable[..., Awaitable[Principal]]]
"""`guard(*roles)` gives a FastAPI dependency that returns the Principal, or raises 401 / 403."""


def hash_password(password: str) -> str:
    """Return the argon2id hash; Unprocessable if the password has fewer than 8 characters."""
    if len(password) < 8:
        raise Unprocessable(missing="密码至少 8 位 (password: 8 characters or more)")
    return _hasher.hash(password)


async def authenticate(session: AsyncSession, username: str, password: str) -> Account | None:
    """Return the account if the password is right; takes the same time for unknown names."""
    account = await session.scalar(select(Account).where(Account.username == username))
    # In a thread: argon2 takes tens of milliseconds, and ringing desktops must not wait for it.
    stored = account.password_hash if account else _DUMMY
    right = await asyncio.to_thread(_hasher.verify, password, stored)
    return account if account and right and not account.disabled else None


async def open_session(session: AsyncSession, account: Account, now: datetime, hours: int) -> str:
    """Store a new login session and return its token, which is never stored itself."""
    token = secrets.token_urlsafe(32)
    session.add(
        LoginSession(
            token_hash=_digest(token),
            account_id=account.id,
            created_at=now,
            expires_at=now + timedelta(hours=hours),
        )
    )
    return token


async def principal_of(session: AsyncSession, token: str | None, now: datetime) -> Principal:
    """Return who holds `token`; NotSignedIn if it is missing, unknown, expired or disabled."""
    found = await principals_of(session, [token] if token else [], now)
    if not found:
        raise NotSignedIn()
    return next(iter(found.values()))


async def principals_of(
    session: AsyncSession, tokens: Collection[str], now: datetime
) -> dict[str, Principal]:
    """Return who holds each of `tokens`, in one query; those that open nothing are left out."""
    by_hash = {_digest(token): token for token in tokens}
    rows = await session.execute(
        select(LoginSession.token_hash, Account)
        .join(Account, LoginSession.account_id == Account.id)
        .where(
            LoginSession.token_hash.in_(by_hash),
            LoginSession.expires_at > now,
            Account.disabled.is_(False),
        )
    )
    return {by_hash[row.token_hash]: principal(row.Account) for row in rows}


def principal(account: Account) -> Principal:
    return Principal(
        account_id=account.id,
        username=account.username,
        display_name=account.display_name,
        roles=frozenset(Role(role) for role in account.roles),
    )


async def close_session(session: AsyncSession, token: str) -> None:
    await session.execute(delete(LoginSession).where(LoginSession.token_hash == _digest(token)))


def audit(
    session: AsyncSession, now: datetime, by: str, action: str, target: str = "", **details: Any
) -> None:
    """Add an audit row to the present transaction."""
    session.add(AuditRow(at=now, by=by, action=action, target=target, details=details))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
