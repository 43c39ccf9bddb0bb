"""One call through every room on a real Asterisk: trunk, menu, queue, seat, pop, draft, recording, history."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from live_world import apply, until
from support.asterisk import running_asterisk
from support.phones import citizen, seat_phone
from web_world import HASH, PASSWORD
from websockets.asyncio.client import ClientConnection, connect

from core.config import Settings
from core.security import Account, Role
from ivr.prompts import build_prompts
from telephony.own_asterisk import OwnAsterisk
from web.app import create_app
from web.running import server_for
from web.wiring import Hotline

pytestmark = [pytest.mark.asterisk, pytest.mark.xdist_group("asterisk")]


class Desktop:
    """A browser without its screen: the HTTP commands and the live state."""

    def __init__(self, client: httpx.AsyncClient, socket: ClientConnection) -> None:
        self.client = client
        self.socket = socket
        self.state: dict[str, Any] = {}
        self.names: list[str] = []

    async def follow(self) -> None:
        async for frame in self.socket:
            event = json.loads(frame)
            if event["type"] == "snapshot":
                self.state = event["state"]
            elif event["type"] == "event":
                self.names.append(event["name"])
                self.state = apply(self.state, event)

    async def until_call(self, state: str) -> None:
        await until(lambda: (self.state.get("call") or {}).get("state") == state, 15)

    async def until_session(self, state: str) -> None:
        await until(lambda: (self.state.get("session") or {}).get("state") == state, 15)


@asynccontextmanager
async def hotline_on(settings: Settings) -> AsyncIterator[Hotline]:
    """Run the whole application as `hotline serve` does."""
    app = create_app(settings)
    server: uvicorn.Server = server_for(app, settings, lambda: None)
    task = asyncio.create_task(server.serve())
    await until(lambda: server.started or task.done(), 15)
    hotline: Hotline = app.state.hotline
    await until(lambda: hotline.connected, 15)
    try:
        yield hotline
    finally:
        server.should_exit = True
        await task


@asynccontextmanager
async def desktop(hotline: Hotline, username: str) -> AsyncIterator[Desktop]:
    port = hotline.settings.port
    origin = f"http://127.0.0.1:{port}"
    headers = {"Origin": origin, "X-Requested-With": "hotline"}
    async with httpx.AsyncClient(base_url=origin, headers=headers, trust_env=False) as client:
        await client.post("/api/session", json={"username": username, "password": PASSWORD})
        cookie = f"hotline_session={client.cookies['hotline_session']}"
        async with connect(
            f"ws://127.0.0.1:{port}/live", origin=origin, additional_headers={"Cookie": cookie}
        ) as socket:  # type: ignore[arg-type]
            screen = Desktop(client, socket)
            following = asyncio.create_task(screen.follow())
            await until(lambda: bool(screen.state))
            try:
                yield screen
            finally:
                following.cancel()
                await asyncio.gather(following, return_exceptions=True)


async def add_operator(hotline: Hotline, username: str) -> None:
    async with hotline.database.unit_of_work() as uow:
        uow.session.add(
            Account(
                username=username,
                display_name="话务员甲",
                password_hash=HASH,
                roles=[Role.OPERATOR.value],
                created_at=hotline.clock(),
            )
        )


@pytest.fixture
async def switch(tmp_path: Path) -> AsyncIterator[OwnAsterisk]:
    async with running_asterisk(tmp_path, physical_seats=3, plain_seats=True) as asterisk:
        await asyncio.to_thread(build_prompts, asterisk.paths.sounds / "hotline")
        yield asterisk


async def test_a_citizen_dials_an_operator_answers_and_a_ticket_exists(switch: OwnAsterisk) -> None:
    async with hotline_on(switch.settings) as hotline:
        await add_operator(hotline, "op1")
        async with desktop(hotline, "op1") as screen, seat_phone(switch, "seat02"):
            taken = await screen.client.put("/api/seats/mine", json={"seat": "02"})
            assert taken.status_code == 200, taken.text
            assert taken.json()["sip"]["username"] == "seat02"
            ready = await screen.client.put("/api/seats/mine/state", json={"state": "ready"})
            assert ready.status_code == 200, ready.text
            await screen.until_session("ready")

            async with citizen(switch, "13900000001", name="王小明") as phone:
                call = await phone.dial("12345")
                await call.until_answered(15)
                await call.press("2")
                await screen.until_call("talking")
                pop, seen = screen.state["pop"], screen.state["call"]
                assert pop["caller"] == "13900000001"
                assert pop["known_name"] == "王小明"
                assert (pop["menu"], pop["dnid"]) == ("complaint", "12345")
                assert screen.names.index("pop") < len(screen.names)
                await screen.socket.send(json.dumps({"type": "ack", "pop_id": pop["pop_id"]}))
                await until(lambda: screen.state["call"]["ticket_id"] is not None, 10)
                ticket_id = screen.state["call"]["ticket_id"]
                ticket = (await screen.client.get(f"/api/tickets/{ticket_id}")).json()
                assert (ticket["state"], ticket["call_id"]) == ("DRAFT", seen["call_id"])
                assert ticket["source_number"] == "13900000001"
                await call.hang_up()
            await screen.until_session("wrap_up")
            await until(lambda: not hotline.calls, 10)

            lines = (await screen.client.get("/api/calls/mine")).json()["calls"]
            assert [line["call_id"] for line in lines] == [seen["call_id"]]
            assert lines[0]["outcome"] == "answered"
            assert lines[0]["ticket_id"] == ticket_id
            whole = (await screen.client.get(f"/api/calls/{seen['call_id']}")).json()
            assert [part["endpoint"] for part in whole["segments"]] == ["seat02"]
            assert whole["timeline"]
            heard = await screen.client.get(
                f"/api/calls/{seen['call_id']}/recording", headers={"Range": "bytes=0-3"}
            )
            assert (heard.status_code, heard.content) == (206, b"RIFF")

            gone = await screen.client.delete("/api/session")
            assert gone.status_code == 204, gone.text
        await until(lambda: hotline.hub.sockets == 0)
        assert await hotline.switch.members() == []


async def test_a_restart_of_the_server_during_a_call_loses_nothing(switch: OwnAsterisk) -> None:
    """Telephony spec 10: calls go on; after the restart states, pops and ledger are right."""
    async with seat_phone(switch, "seat02"), citizen(switch, "13900000002") as phone:
        async with hotline_on(switch.settings) as hotline:
            await add_operator(hotline, "op1")
            async with desktop(hotline, "op1") as screen:
                await screen.client.put("/api/seats/mine", json={"seat": "02"})
                await screen.client.put("/api/seats/mine/state", json={"state": "ready"})
                await screen.until_session("ready")
                call = await phone.dial("12345")
                await call.until_answered(15)
                await call.press("0")
                await screen.until_call("talking")
                before = screen.state
        async with hotline_on(switch.settings) as hotline, desktop(hotline, "op1") as screen:
            await screen.until_call("talking")
            now = screen.state
            assert now["call"]["call_id"] == before["call"]["call_id"]
            assert now["call"]["answered_at"] == before["call"]["answered_at"]
            assert now["pop"]["pop_id"] == before["pop"]["pop_id"]
            assert now["session"]["state"] == "talking"
            await call.hang_up()
            await screen.until_session("wrap_up")
            await until(lambda: not hotline.calls, 10)
            lines = (await screen.client.get("/api/calls/mine")).json()["calls"]
            assert [line["outcome"] for line in lines] == ["answered"]


async def test_the_web_is_there_before_the_switch_and_says_so(tmp_path: Path) -> None:
    async with running_asterisk(tmp_path, physical_seats=3, plain_seats=True) as asterisk:
        settings = asterisk.settings
        await asterisk.stop()
        app = create_app(settings)
        server = server_for(app, settings, lambda: None)
        task = asyncio.create_task(server.serve())
        await until(lambda: server.started, 15)
        base = f"http://127.0.0.1:{settings.port}"
        async with httpx.AsyncClient(base_url=base, trust_env=False) as client:
            assert (await client.get("/healthz")).status_code == 200
            answer = await client.get("/readyz")
            assert answer.status_code == 503
            assert answer.json()["parts"]["switch"]["ok"] is False
            assert answer.json()["parts"]["database"]["ok"] is True
            await asterisk.start()
            hotline: Hotline = app.state.hotline
            await until(lambda: hotline.connected, 20)
            assert (await client.get("/readyz")).json()["parts"]["switch"]["ok"] is True
        server.should_exit = True
        await task
