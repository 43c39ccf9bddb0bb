"""What `hotline doctor` finds: each part of an installation, and what to do where one is missing."""

import asyncio
import os
import shutil
import sys
from dataclasses import dataclass, replace
from typing import Literal

from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from core.config import Settings
from core.db import Database
from core.errors import HotlineError
from core.events import LocalBus
from ivr.prompts import check_prompts
from telephony.ami import AmiLink
from telephony.install import find_asterisk
from telephony.own_asterisk import OwnAsterisk
from telephony.provision import ami_secret
from tickets.errors import IdentityKeyMissing
from tickets.identity import Keyring
from web.static import is_built

WITHIN = 3.0
LEAST_FREE_GB = 1.0

State = Literal["ok", "idle", "broken"]


@dataclass(frozen=True)
class Finding:
    """`idle`: not running now, which is no fault."""

    part: str
    state: State
    says: str
    remedy: str = ""


async def examine(settings: Settings) -> list[Finding]:
    """Return one finding per part; nothing is changed, started or built."""
    web = await _port("web", settings.host, settings.port, "start it with `hotline up`")
    runs = web.state == "ok"
    return [
        _python(),
        _data_folder(settings),
        await _database(settings),
        await _identity_key(settings),
        *([await _redis(settings)] if settings.redis_url else []),
        await asyncio.to_thread(_asterisk, settings),
        _prompts(settings),
        _desktop(),
        web,
        await _ami(settings, runs),
        _expected(await _port("agi", settings.agi_host, settings.agi_port, ""), runs),
        _expected(await _port("sip-ws", settings.sip_host, settings.sip_ws_port, ""), runs),
    ]


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    ok = sys.version_info >= (3, 11)
    return Finding("python", "ok" if ok else "broken", version, "" if ok else "3.11 or newer")


def _data_folder(settings: Settings) -> Finding:
    folder = settings.data_dir.resolve()
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    if not os.access(existing, os.W_OK):
        return Finding("data folder", "broken", f"{folder} is not writable", "set HOTLINE_DATA_DIR")
    free = shutil.disk_usage(existing).free / 1e9
    if free < LEAST_FREE_GB:
        return Finding("data folder", "broken", f"{free:.1f} GB free", "make room for recordings")
    return Finding("data folder", "ok", f"{folder}, {free:.0f} GB free")


async def _database(settings: Settings) -> Finding:
    file = settings.data_dir / "hotline.db"
    if not settings.database_url and not file.exists():
        return Finding("database", "idle", "not made yet", "made by the first `hotline up`")
    database = Database(settings.database, LocalBus())
    try:
        async with asyncio.timeout(WITHIN), database.reading() as session:
            head = await session.scalar(text("SELECT version_num FROM alembic_version"))
        return Finding("database", "ok", f"{database.engine.dialect.name}, schema {head}")
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        return Finding("database", "broken", type(error).__name__, "see HOTLINE_DATABASE_URL")
    finally:
        await database.close()


async def _identity_key(settings: Settings) -> Finding:
    """The key of the callers' identities: without it nobody can read who called."""
    people = Keyring(settings)
    lost = "bring secrets/identity_key back from the backup; a new one opens nothing"
    if settings.database_url or (settings.data_dir / "hotline.db").exists():
        database = Database(settings.database, LocalBus())
        try:
            async with asyncio.timeout(WITHIN), database.reading() as session:
                await people.check(session)
        except IdentityKeyMissing as error:
            key = error.details["key_id"]
            return Finding("identity key", "broken", f"key {key} is missing", lost)
        except (SQLAlchemyError, OSError, TimeoutError):
            return Finding("identity key", "idle", "not looked at: see the database")
        finally:
            await database.close()
    if not people.present:
        return Finding("identity key", "idle", "not made yet", "made by the first `hotline up`")
    return Finding(
        "identity key", "ok", f"key {people.key_id}; keep a copy apart from the database"
    )


async def _redis(settings: Settings) -> Finding:
    try:
        async with asyncio.timeout(WITHIN), Redis.from_url(settings.redis_url) as client:
            await client.ping()
        return Finding("redis", "ok", "answers")
    except (RedisError, OSError, TimeoutError) as error:
        return Finding("redis", "broken", type(error).__name__, "see HOTLINE_REDIS_URL")


def _asterisk(settings: Settings) -> Finding:
    if not settings.own_asterisk:
        return Finding("asterisk", "ok", f"another's, at {settings.asterisk_host}")
    install = find_asterisk()
    if install is None:
        remedy = "built by the first `hotline up` (root and mmdebstrap needed)"
        return Finding("asterisk", "idle", "none on this machine yet", remedy)
    return Finding("asterisk", "ok", f"{install.version} ({install.command[-1]})")


def _prompts(settings: Settings) -> Finding:
    folder = OwnAsterisk(settings).paths.sounds / "hotline"
    problems = check_prompts(folder)
    if not problems:
        return Finding("prompts", "ok", str(folder))
    if not folder.exists():
        return Finding("prompts", "idle", "not made yet", "made by the first `hotline up`")
    named = ", ".join(f"{each.prompt} {each.problem}" for each in problems[:5])
    return Finding("prompts", "broken", named, "remove the folder; `hotline up` makes them anew")


def _desktop() -> Finding:
    if is_built():
        return Finding("desktop", "ok", "built")
    return Finding("desktop", "broken", "not built", "run `make setup`")


async def _ami(settings: Settings, runs: bool) -> Finding:
    link = AmiLink(
        host=settings.ami_host,
        port=settings.ami_port,
        user=settings.ami_user,
        secret=ami_secret(settings),
    )
    await link.start()
    try:
        await link.wait_connected(WITHIN)
        return Finding("ami", "ok", f"{settings.ami_host}:{settings.ami_port}")
    except HotlineError as error:
        remedy = "see the log of Asterisk" if runs else "start it with `hotline up`"
        state: State = "broken" if runs or not settings.own_asterisk else "idle"
        return Finding("ami", state, str(error.details.get("reason", error)), remedy)
    finally:
        await link.close()


async def _port(part: str, host: str, port: int, remedy: str) -> Finding:
    try:
        async with asyncio.timeout(WITHIN):
            _, writer = await asyncio.open_connection(host, port)
    except (OSError, TimeoutError):
        return Finding(part, "idle", f"{host}:{port} does not listen", remedy)
    writer.close()
    return Finding(part, "ok", f"{host}:{port} listens")


def _expected(finding: Finding, runs: bool) -> Finding:
    """A port that is closed although the hotline runs is a fault."""
    if finding.state == "idle" and runs:
        return replace(finding, state="broken", remedy="see the log of `hotline up`")
    return finding
