"""What the command line does to an installation, besides running it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from sqlalchemy import delete, select

from core.clock import utc_now
from core.config import Settings
from core.db import Database
from core.errors import Conflict, NotFound, Unprocessable
from core.events import LocalBus
from core.security import Account, LoginSession, Role, audit, hash_password
from telephony.reconcile import Report, reconcile
from tickets.identity import Keyring

BY = "command line"


@asynccontextmanager
async def installation(settings: Settings) -> AsyncIterator[Database]:
    """Open the migrated database of an installation; nobody listens to what is published."""
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    database = Database(settings.database, LocalBus())
    try:
        await database.migrate(people=Keyring(settings))
        yield database
    finally:
        await database.close()


async def migrate(settings: Settings) -> None:
    async with installation(settings):
        pass


async def reconcile_ledger(settings: Settings) -> Report:
    """Explain what is new in the queue_log rows; see telephony.reconcile."""
    async with installation(settings) as database:
        return await reconcile(database, utc_now)


async def add_user(
    settings: Settings, username: str, display_name: str, roles: Sequence[Role], password: str
) -> None:
    """Make an account; Conflict if the name is taken."""
    if not roles:
        raise Unprocessable(missing="role")
    async with installation(settings) as database, database.unit_of_work() as uow:
        if await uow.session.scalar(select(Account.id).where(Account.username == username)):
            raise Conflict()
        now = utc_now()
        uow.session.add(
            Account(
                username=username,
                display_name=display_name,
                password_hash=hash_password(password),
                roles=[role.value for role in roles],
                created_at=now,
            )
        )
        audit(uow.session, now, BY, "account_added", username)


async def change_password(settings: Settings, username: str, password: str) -> None:
    """Set a password and end all sessions of the account; NotFound for an unknown name."""
    async with installation(settings) as database, database.unit_of_work() as uow:
        account = await uow.session.scalar(select(Account).where(Account.username == username))
        if account is None:
            raise NotFound(what=username)
        account.password_hash = hash_password(password)
        await uow.session.execute(delete(LoginSession).where(LoginSession.account_id == account.id))
        audit(uow.session, utc_now(), BY, "password_changed", username)


def address(settings: Settings) -> str:
    """Return where a browser finds the desktop."""
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host
    return settings.public_origin or f"http://{host}:{settings.port}"
