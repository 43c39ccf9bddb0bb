"""A live connection over real sockets, with rooms that the test plays itself."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI
from websockets.asyncio.client import ClientConnection, connect

from core.clock import Clock, utc_now
from core.config import Settings
from core.db import Database
from core.events import LocalBus
from core.security import Account, Role, hash_password, open_session
from telephony.figures import Tally
from web.admission import Admission
from web.caller_lore import Lore
from web.hardening import allowed_origins
from web.live import LiveDoor
from web.live_feed import Feed
from web.live_figures import figures_of
from web.live_hub import Hub
from web.live_state import Call, Figures, Plan, Queue, Seat, Session, Switch
from web.screen_pop import PopStore
from web.write_behind import WriteBehind

LIMIT = 5.0
PASSWORD_HASH = hash_password("correct horse")


WHOLE_PIECES = (
    "switch", "session", "call", "pop", "plan", "queue", "figures", "monitor", "surge",
)  # fmt: skip


@dataclass
class PlayedRooms:
    """Truth as the test says it is."""

    seat_board: dict[str, Seat] = field(default_factory=dict)
    plan: Plan = field(default_factory=lambda: Plan(open_seats=10, physical_seats=12))
    agents: dict[int, Session] = field(default_factory=dict)
    live_calls: dict[str, Call] = field(default_factory=dict)
    waiting: Queue = field(default_factory=Queue)
    up: bool = True
    rates: Figures = field(default_factory=lambda: figures_of(Tally(), Tally(), Tally()))

    async def seats(self) -> tuple[dict[str, Seat], Plan]:
        return self.seat_board, self.plan

    async def sessions(self) -> dict[int, Session]:
        return self.agents

    def calls(self) -> dict[str, Call]:
        return self.live_calls

    def queue(self) -> Queue:
        return self.waiting

    async def figures(self) -> Figures:
        return self.rates

    def switch(self) -> Switch:
        return Switch(up=self.up)


@dataclass
class LiveWorld:
    database: Database
    rooms: PlayedRooms
    hub: Hub
    feed: Feed
    pops: PopStore
    settings: Settings
    clock: Clock
    touched: list[int] = field(default_factory=list)
    lore: Lore = field(default_factory=Lore)

    async def person(self, *roles: Role, username: str = "op1") -> tuple[int, str]:
        """Return the account id and a session token of a new person."""
        async with self.database.unit_of_work() as uow:
            account = Account(
                username=username,
                display_name="测试员",
                password_hash=PASSWORD_HASH,
                roles=[role.value for role in roles],
                created_at=self.clock(),
            )
            uow.session.add(account)
            await uow.session.flush()
            return account.id, await open_session(uow.session, account, self.clock(), 12)

    @property
    def address(self) -> str:
        return f"ws://127.0.0.1:{self.settings.port}/live"

    @asynccontextmanager
    async def socket(
        self, token: str, query: str = "", origin: str = "", **options: Any
    ) -> AsyncIterator[ClientConnection]:
        async with connect(
            self.address + query,
            origin=origin or f"http://127.0.0.1:{self.settings.port}",
            additional_headers={"Cookie": f"hotline_session={token}"},
            **options,
        ) as socket:
            yield socket


@asynccontextmanager
async def live_world(folder: Path, clock: Clock = utc_now) -> AsyncIterator[LiveWorld]:
    """Serve /live on a free port, with a fresh or left-over database in `folder`."""
    bus = LocalBus()
    database = Database(f"sqlite+aiosqlite:///{folder}/live.db", bus)
    await database.create_all()
    app = FastAPI()
    async with serving(app) as port:
        settings = Settings(demo=True, data_dir=folder, port=port)
        writes = WriteBehind(database)
        pops = PopStore(database, writes, clock)
        hub = Hub(clock, physical_seats=12)
        rooms = PlayedRooms()
        world: LiveWorld

        async def look_up(_caller: str, _dnid: str, _menu: str) -> Lore:
            return world.lore

        async def touch(account_id: int) -> None:
            world.touched.append(account_id)

        feed = Feed(hub, rooms, look_up, pops)
        world = LiveWorld(database, rooms, hub, feed, pops, settings, clock)
        door = LiveDoor(feed, Admission(database, clock), clock, allowed_origins(settings), touch)
        app.include_router(door.router())
        writes.start()
        await feed.start()
        try:
            yield world
        finally:
            await feed.close()
            await writes.close()
            for account_id in list(hub.streams):
                hub.signed_out(account_id)
    await database.close()


@asynccontextmanager
async def serving(app: FastAPI) -> AsyncIterator[int]:
    """Serve `app` with uvicorn as in production and give its port."""
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=0,
        log_config=None,
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    await until(lambda: server.started or task.done())
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await task


async def until(condition: Callable[[], bool], limit: float = LIMIT) -> None:
    """Wait for a condition, at most `limit` seconds."""
    async with asyncio.timeout(limit):
        while not condition():
            await asyncio.sleep(0.005)


async def receive(socket: ClientConnection) -> dict[str, Any]:
    async with asyncio.timeout(LIMIT):
        frame: dict[str, Any] = json.loads(await socket.recv())
        return frame


async def receive_event(socket: ClientConnection, name: str) -> dict[str, Any]:
    """Return the next event called `name`, passing over others."""
    while True:
        frame = await receive(socket)
        if frame.get("name") == name:
            return frame


def apply(state: dict[str, Any], event: dict[str, Any]) -> dict[str, Any]:
    """The desktop's own rule (docs/live-protocol.md): the event's data replaces the named piece."""
    name, data = event["name"], event["data"]
    if name == "seat":
        return {**state, "seats": {**state["seats"], data["number"]: data}}
    if name in WHOLE_PIECES:
        return {**state, name: data}
    return state
