"""The live connection: GET /live upgrades to a WebSocket, see docs/live-protocol.md."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from json import JSONDecodeError

import structlog
from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from pydantic_core import to_json
from sqlalchemy.exc import SQLAlchemyError

from core.clock import Clock
from core.errors import Forbidden, HotlineError, NotSignedIn
from core.security import Principal, Role
from web.admission import Admission
from web.auth import COOKIE
from web.hardening import ForeignOrigin
from web.live_feed import Feed
from web.live_hub import OVERSEERS, Hub
from web.live_state import encode
from web.live_stream import SIGNED_OUT, Connection
from web.problems import DatabaseUnavailable

log = structlog.get_logger(__name__)

LIVE_ROLES = frozenset(OVERSEERS | {Role.OPERATOR, Role.CALLBACK_AGENT, Role.ADMIN, Role.SCREEN})
FORBIDDEN = 4003
TRY_AGAIN_LATER = 1013
LAST_WORD_SECONDS = 10.0
CHECK_AGAIN = timedelta(minutes=1)
LONGEST_FRAME = 1_024

Touch = Callable[[int], Awaitable[object]]
"""Told of each heartbeat: keeps the account's seat."""


class LiveDoor:
    """Lets sockets in and serves each until it ends; `touch` hears of every heartbeat."""

    def __init__(
        self,
        feed: Feed,
        admission: Admission,
        clock: Clock,
        origins: frozenset[str],
        touch: Touch,
    ) -> None:
        self._feed = feed
        self._hub: Hub = feed.hub
        self._admission = admission
        self._clock = clock
        self._origins = origins
        self._touch = touch

    def router(self) -> APIRouter:
        router = APIRouter()
        router.add_api_websocket_route("/live", self.serve, name="live")
        return router

    async def serve(self, websocket: WebSocket, stream: str = "", after: int = -1) -> None:
        """Serve one socket from its handshake to its end."""
        if websocket.headers.get("origin", "") not in self._origins:
            await websocket.accept()
            await _refuse(websocket, ForeignOrigin(), FORBIDDEN)
            return
        token = websocket.cookies.get(COOKIE, "")
        await websocket.accept()
        try:
            principal = await self._admitted(token)
        except HotlineError as error:
            signed_in = not isinstance(error, NotSignedIn)
            await _refuse(websocket, error, FORBIDDEN if signed_in else SIGNED_OUT)
            return
        except SQLAlchemyError:
            await _refuse(websocket, DatabaseUnavailable(), TRY_AGAIN_LATER)
            return
        connection = Connection(principal=principal, token=token)
        first = self._hub.attach(connection, stream, after)
        try:
            await self._converse(websocket, connection, first)
        finally:
            self._hub.detach(connection)

    async def _admitted(self, token: str) -> Principal:
        principal = await self._admission.of(token)
        if not principal.roles & LIVE_ROLES:
            raise Forbidden()
        return principal

    async def _converse(
        self, websocket: WebSocket, connection: Connection, first: str | None
    ) -> None:
        reader = asyncio.create_task(self._read(websocket, connection))
        writer = asyncio.create_task(self._write(websocket, connection, first))
        tasks = {reader, writer, asyncio.create_task(connection.closing.wait())}
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
        if connection.close_code:
            # A peer that does not read takes no close frame either: it gets a while, then the socket goes.
            with suppress(TimeoutError, RuntimeError, WebSocketDisconnect):
                async with asyncio.timeout(LAST_WORD_SECONDS):
                    await websocket.close(connection.close_code)
        for result in results:
            if isinstance(result, Exception) and not isinstance(result, WebSocketDisconnect):
                raise result

    async def _write(self, websocket: WebSocket, connection: Connection, first: str | None) -> None:
        stream = self._hub.streams[connection.principal.account_id]
        if first is not None:
            await websocket.send_text(first)
        while True:
            await connection.woken.wait()
            connection.woken.clear()
            while connection.cursor < stream.seq:
                for frame in stream.after(connection.cursor):
                    await websocket.send_text(frame)
                    connection.cursor += 1

    async def _read(self, websocket: WebSocket, connection: Connection) -> None:
        account_id = connection.principal.account_id
        checked = self._clock()
        await self._touch_seat(account_id)
        while True:
            frame = _parse(await _receive(websocket))
            if frame.get("type") == "ping":
                checked = await self._check_again(connection, checked)
                await self._touch_seat(account_id)
                await websocket.send_text(f'{{"type":"pong","at":{encode(self._clock())}}}')
            elif frame.get("type") == "ack":
                self._feed.acknowledged(account_id, str(frame.get("pop_id", "")))

    async def _touch_seat(self, account_id: int) -> None:
        if self._hub.desk(account_id).session is None:
            return
        try:
            await self._touch(account_id)
        except SQLAlchemyError as error:
            log.warning("heartbeat not written", error=type(error).__name__)

    async def _check_again(self, connection: Connection, checked: datetime) -> datetime:
        now = self._clock()
        if now - checked < CHECK_AGAIN:
            return checked
        try:
            await self._admitted(connection.token)
        except SQLAlchemyError:
            return checked  # a database that is away signs nobody out
        except HotlineError:
            connection.close(SIGNED_OUT)
        return now


async def _refuse(websocket: WebSocket, error: HotlineError, code: int) -> None:
    body = {"type": "error", **error.rendering()}
    await websocket.send_text(to_json(body).decode())
    await websocket.close(code)


async def _receive(websocket: WebSocket) -> str:
    message = await websocket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1006))
    return message.get("text") or ""


def _parse(text: str) -> dict[str, object]:
    """Return a client's frame, empty for anything that is not a small JSON object."""
    if len(text) > LONGEST_FRAME:
        return {}
    try:
        frame = json.loads(text)
    except (JSONDecodeError, RecursionError):
        return {}
    return frame if isinstance(frame, dict) else {}
