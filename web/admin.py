"""What the command line does to an installation, besides running it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import delete, select

from core.clock import SHANGHAI, utc_now
from core.config import Settings
from core.db import Database
from core.errors import Conflict, NotFound, Unprocessable
from core.events import LocalBus
from core.security import Account, LoginSession, Role, audit, hash_password
from telephony.reconcile import Report, reconcile
from tickets.chain import verify_chain
from tickets.chain_heads import HEADS, Head, first_missing, present_head, read_heads
from tickets.identity import Keyring
from tickets.keys import chain_key
from web.wiring import with_own_secret

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


@dataclass(frozen=True)
class ChainReport:
    """`first_bad`: the first event that is not what it was, None if all are."""

    head: Head
    first_bad: int | None = None
    heads: int = 0


async def chain_head(settings: Settings) -> Head:
    """Return the newest event of the ticket chain, to be printed or kept elsewhere."""
    async with installation(settings) as database, database.reading() as session:
        return await present_head(session, utc_now().astimezone(SHANGHAI).date())


async def verify_ticket_chain(settings: Settings, against: Path | None) -> ChainReport:
    """Look at every event, and compare with exported heads: those of the data folder unless another file is named."""
    heads = read_heads(against or settings.data_dir / HEADS)
    if against and not heads:
        raise NotFound(what=f"链头 heads in {against}")
    key = chain_key(with_own_secret(settings))
    async with installation(settings) as database, database.reading() as session:
        head = await present_head(session, utc_now().astimezone(SHANGHAI).date())
        bad = [await verify_chain(session, key), await first_missing(session, heads)]
    found = [position for position in bad if position is not None]
    return ChainReport(head, min(found, default=None), len(heads))


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
