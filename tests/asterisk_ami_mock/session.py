"""One AMI client of the fake: reads actions, writes answers and events in order, misbehaves as told."""

import asyncio
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from asterisk_ami_mock.actions import Answer, Refused, answer
from asterisk_ami_mock.wire import BANNER, END, LONGEST_LINE, Frame, parse

if TYPE_CHECKING:
    from asterisk_ami_mock.server import MockAsterisk


class Session:
    """Serves one connection until either side ends it; `events` tells whether it hears broadcasts."""

    def __init__(
        self, mock: "MockAsterisk", reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._mock = mock
        self._reader, self._writer = reader, writer
        self._outgoing: asyncio.Queue[tuple[bytes, bool]] = asyncio.Queue()
        self.signed_in = False
        self.events = False

    async def serve(self) -> None:
        writing = asyncio.create_task(self._write())
        self.put(BANNER)
        try:
            while await self._serve_one():
                pass
            await self.flushed()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            writing.cancel()
            self.drop()
            with suppress(asyncio.CancelledError, ConnectionError):
                await writing
            with suppress(ConnectionError):
                await self._writer.wait_closed()

    def put(self, data: bytes, *, is_answer: bool = False) -> None:
        """Queue bytes for this client."""
        self._outgoing.put_nowait((data, is_answer))

    async def flushed(self) -> None:
        """Return when all that was put is written."""
        await self._outgoing.join()

    def drop(self) -> None:
        """Close the connection, after what is in the socket's buffer."""
        self._writer.close()

    def abort(self) -> None:
        """Break the connection without a goodbye (RST)."""
        self._writer.transport.abort()

    async def _serve_one(self) -> bool:
        text = await self._reader.readuntil(END)
        await self._mock.hearing.wait()  # half-open: what was said is never heard
        if any(len(line) > LONGEST_LINE for line in text.split(b"\r\n")):
            self._answer(
                Frame([]),
                Answer([("Message", "Failed to parse message: line too long")], word="Error"),
            )
            return True
        request = parse(text.lstrip(b"\r\n"))
        self._mock.received.append(request)
        self._mock.heard.set()
        if request.get("Action").lower() in self._mock.misbehaviour.ignore:
            return True
        return self._do(request)

    def _do(self, request: Frame) -> bool:
        """Answer one request; False when the session is over."""
        action = request.get("Action").lower()
        if action == "login":
            return self._log_in(request)
        try:
            if not self.signed_in and action != "logoff":
                raise Refused("Permission denied")
            if action == "events":
                self.events = request.get("EventMask").lower() not in ("off", "")
                done = Answer([("Events", "On" if self.events else "Off")])
            else:
                done = answer(self._mock.world, request)
        except Refused as refusal:
            done = Answer([("Message", str(refusal))], word="Error")
        self._answer(request, done)
        for caused in done.events:
            self._mock.emit(caused)
        return not done.hang_up

    def _log_in(self, request: Frame) -> bool:
        right = (request.get("Username"), request.get("Secret")) == self._mock.account
        if not right or self._mock.misbehaviour.refuse_login:
            self._answer(request, Answer([("Message", "Authentication failed")], word="Error"))
            return False
        self.signed_in = True
        self._answer(request, Answer([("Message", "Authentication accepted")]))
        self.events = request.get("Events").lower() != "off"
        if self.events and self._mock.booted:
            self.put(self._mock.fully_booted().render())
        self._mock.signed_in.set()
        return True

    def _answer(self, request: Frame, done: Answer) -> None:
        action_id = [("ActionID", request.get("ActionID"))] if "ActionID" in request else []
        head = Frame([("Response", done.word), *action_id, *done.headers])
        self.put(head.render(), is_answer=True)
        if done.rows is None:
            return
        for row in done.rows:
            self.put(Frame([*row.headers, *action_id]).render())
        ending = [("EventList", "Complete"), ("ListItems", str(len(done.rows)))]
        self.put(Frame([("Event", done.complete), *action_id, *ending]).render())

    async def _write(self) -> None:
        while True:
            burst = [await self._outgoing.get()]
            while not self._outgoing.empty():
                burst.append(self._outgoing.get_nowait())
            await self._mock.hearing.wait()
            with suppress(ConnectionError):  # the client is gone: what was for it counts as said
                await self._write_burst(burst)
            for _ in burst:
                self._outgoing.task_done()

    async def _write_burst(self, burst: list[tuple[bytes, bool]]) -> None:
        wrong = self._mock.misbehaviour
        if wrong.cut_answer_after is not None and any(is_answer for _, is_answer in burst):
            cut = next(data for data, is_answer in burst if is_answer)
            self._writer.write(cut[: wrong.cut_answer_after])
            self.drop()
            return
        for frame in wrong.arranged([data for data, _ in burst]):
            for piece in wrong.pieces(frame):
                self._writer.write(piece)
                await self._writer.drain()
                # The reader in the same loop sees each segment by itself.
                await asyncio.sleep(0)


def uptime(started: float) -> str:
    return str(max(0, int(time.time() - started)))
