"""The whole application without its switch: every router, a migrated database, people who may sign in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from fastapi import FastAPI

from core.config import Settings
from core.security import Account, Role, hash_password, open_session
from web.app import create_app
from web.wiring import Hotline

PASSWORD = "correct horse"
HASH = hash_password(PASSWORD)
ORIGIN = "http://127.0.0.1:12345"
CSRF = {"X-Requested-With": "hotline", "Origin": ORIGIN}


@dataclass
class WebWorld:
    app: FastAPI
    hotline: Hotline

    async def person(self, *roles: Role, username: str = "op1") -> int:
        async with self.hotline.database.unit_of_work() as uow:
            account = Account(
                username=username,
                display_name=f"{username} 测试",
                password_hash=HASH,
                roles=[role.value for role in roles],
                created_at=self.hotline.clock(),
            )
            uow.session.add(account)
            await uow.session.flush()
            return account.id

    async def token(self, account_id: int) -> str:
        async with self.hotline.database.unit_of_work() as uow:
            account = await uow.session.get_one(Account, account_id)
            return await open_session(uow.session, account, self.hotline.clock(), 12)

    def client(self, token: str = "", address: str = "127.0.0.1") -> httpx.AsyncClient:
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app, client=(address, 40000)),
            base_url=ORIGIN,
            headers=CSRF,
            cookies={"hotline_session": token} if token else None,
        )

    async def client_of(self, *roles: Role, username: str = "op1") -> httpx.AsyncClient:
        return self.client(await self.token(await self.person(*roles, username=username)))


@asynccontextmanager
async def web_world(folder: Path, **settings: object) -> AsyncIterator[WebWorld]:
    app = create_app(Settings(demo=True, data_dir=folder, **settings))  # type: ignore[arg-type]
    hotline: Hotline = app.state.hotline
    await hotline.database.migrate()
    await hotline.tickets.prepare()
    await hotline.seats.start()
    hotline.writes.start()
    try:
        yield WebWorld(app, hotline)
    finally:
        await hotline.seats.close()
        await hotline.writes.close()
        await hotline.database.close()
