"""A desktop without its screen: follows /live as the page does, acknowledges pops only when told to."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from support.hotline import Operator

Frame = dict[str, Any]
PIECES = (
    "switch", "session", "call", "pop", "plan", "queue", "alarms", "callbacks", "load", "monitor", "surge",
)  # fmt: skip


class Screen:
    """The state of one tab and every frame that made it; `closed` is the close code once the socket is gone."""

    def __init__(self, socket: ClientConnection) -> None:
        self.state: Frame = {}
        self.frames: list[Frame] = []
        self.stream = ""
        self.seq = 0
        self.closed: int | None = None
        self._socket = socket
        self._changed = asyncio.Event()

    @property
    def session(self) -> Frame:
        return self.state.get("session") or {}

    @property
    def call(self) -> Frame:
        return self.state.get("call") or {}

    @property
    def pop(self) -> Frame:
        return self.state.get("pop") or {}

    @property
    def waiting(self) -> list[Frame]:
        queue: Frame = self.state.get("queue") or {}
        waiting: list[Frame] = queue.get("waiting", [])
        return waiting

    def events(self, name: str = "") -> list[Frame]:
        """Return the events so far, of one name or all."""
        return [f for f in self.frames if f["type"] == "event" and f["name"] == (name or f["name"])]

    async def acknowledge(self) -> None:
        """Say that the pop is on the screen."""
        await self._socket.send(json.dumps({"type": "ack", "pop_id": self.pop["pop_id"]}))

    async def ping(self) -> None:
        """Say that the page lives; wait for the answer."""
        pongs = self._count("pong")
        await self._socket.send('{"type": "ping"}')
        await self.until(lambda: self._count("pong") > pongs, what="pong")

    def resume(self, before: "Screen") -> None:
        """Go on from what another screen had seen; to be called before the first frame is read."""
        self.state, self.stream, self.seq = before.state, before.stream, before.seq

    async def leave(self) -> None:
        """Close the tab."""
        await self._socket.close()

    async def in_state(self, *states: str, within: float = 15) -> Frame:
        """Return the session as soon as its state is one of `states`."""
        await self.until(
            lambda: self.session.get("state") in states, within=within, what=f"state in {states}"
        )
        return self.session

    async def rings(self, within: float = 20) -> Frame:
        """Return the pop of a call that rings at this seat now."""
        await self.until(
            lambda: (
                self.call.get("state") == "ringing"
                and self.pop.get("call_id") == self.call["call_id"]
            ),
            within=within,
            what="a ring with its pop",
        )
        return self.pop

    async def until(
        self, condition: Callable[[], object], *, within: float = 10, what: str = "condition"
    ) -> None:
        """Return as soon as a frame makes `condition` true; AssertionError naming `what` after `within` s."""
        try:
            async with asyncio.timeout(within):
                while not condition():
                    self._changed.clear()
                    if not condition():
                        await self._changed.wait()
        except TimeoutError:
            raise AssertionError(
                f"not within {within:g} s: {what}; session {self.session}, call {self.call}, "
                f"socket closed: {self.closed}"
            ) from None

    async def follow(self) -> None:
        """Read frames to the end of the socket."""
        try:
            async for text in self._socket:
                self._take(json.loads(text))
        except ConnectionClosed:
            pass
        finally:
            self.closed = self._socket.close_code or 1006
            self._changed.set()

    def _take(self, frame: Frame) -> None:
        if frame["type"] == "snapshot":
            self.state, self.stream, self.seq = frame["state"], frame["stream"], frame["seq"]
        elif frame["type"] == "event":
            assert frame["seq"] == self.seq + 1, f"a gap after {self.seq}: {frame}"
            self.seq = frame["seq"]
            self.state = applied(self.state, frame)
        self.frames.append(frame)
        self._changed.set()

    def _count(self, kind: str) -> int:
        return sum(frame["type"] == kind for frame in self.frames)


@asynccontextmanager
async def live(operator: Operator, query: str = "", **options: Any) -> AsyncIterator[Screen]:
    """Open the operator's live connection; yields when its first frame is there (none for a resume)."""
    base = str(operator.client.base_url).rstrip("/")
    cookie = f"hotline_session={operator.client.cookies['hotline_session']}"
    async with connect(
        base.replace("http", "ws", 1) + "/live" + query,
        origin=base,  # type: ignore[arg-type]
        additional_headers={"Cookie": cookie},
        **options,
    ) as socket:
        screen = Screen(socket)
        following = asyncio.create_task(screen.follow())
        try:
            if not query:
                await screen.until(lambda: screen.frames or screen.closed, what="a first frame")
            yield screen
        finally:
            await socket.close()
            await asyncio.gather(following)


def applied(state: Frame, event: Frame) -> Frame:
    """Return the state after one event, by the rule of docs/live-protocol.md."""
    name, data = event["name"], event["data"]
    if name == "seat":
        return {**state, "seats": {**state["seats"], data["number"]: data}}
    return {**state, name: data} if name in PIECES else state
