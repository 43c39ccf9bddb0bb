"""One UDP socket's worth of SIP transactions: ask and wait, answer, and the same again when a packet was lost."""

import asyncio
import secrets
from collections import OrderedDict
from collections.abc import Callable, Iterable

from core.errors import HotlineError
from telephony import sip_wire as wire
from telephony.sip_wire import Header, Message

RESEND_FIRST, RESEND_LIMIT = 0.5, 6  # RFC 3261, 17.1: T1 doubles
REMEMBERED_ANSWERS = 500


class NoSipAnswer(HotlineError):
    code, status = "SIP_NO_ANSWER", 504
    zh, en = "SIP 服务器没有回答", "The SIP server does not answer"


class SipSocket(asyncio.DatagramProtocol):
    """Speaks SIP with one server; each new request of the server is given to `on_request`."""

    def __init__(self, server: tuple[str, int], on_request: Callable[[Message], None]) -> None:
        self.server = server
        self.local: tuple[str, int] = ("", 0)
        self._on_request = on_request
        self._waiting: dict[tuple[str, str], asyncio.Queue[Message]] = {}
        self._said: OrderedDict[tuple[str, str], Message] = OrderedDict()
        self._transport: asyncio.DatagramTransport | None = None

    async def open(self, host: str, port: int = 0) -> None:
        """Bind; port 0 is any that is free."""
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(
            lambda: self, local_addr=(host, port)
        )
        self.local = self._transport.get_extra_info("sockname")[:2]

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()
            self._transport = None

    def via(self) -> Header:
        """Return a Via with a new branch: the start of a transaction."""
        host, port = self.local
        return "Via", f"SIP/2.0/UDP {host}:{port};branch=z9hG4bK{secrets.token_hex(8)};rport"

    def send(self, message: Message) -> None:
        if self._transport is not None:
            self._transport.sendto(message.encode(), self.server)

    def answer(
        self,
        request: Message,
        status: int,
        reason: str,
        more: Iterable[Header] = (),
        *,
        tag: str = "",
        body: str = "",
    ) -> None:
        """Answer a request of the server, and again each time it repeats itself."""
        message = wire.answer(
            request, status, reason, tag=tag or secrets.token_hex(4), more=more, body=body
        )
        self._said[request.branch, request.method] = message
        if len(self._said) > REMEMBERED_ANSWERS:
            self._said.popitem(last=False)
        self.send(message)

    async def ask(
        self, request: Message, on_provisional: Callable[[Message], None] | None = None
    ) -> Message:
        """Send until something comes; return the final answer or raise NoSipAnswer.

        With `on_provisional` (an INVITE) a provisional answer ends the repeating and the wait has no limit.
        """
        key = request.branch, request.method
        answers = self._waiting[key] = asyncio.Queue()
        try:
            message = await self._first_answer(request, answers)
            while message.status < 200:
                if on_provisional is None:
                    async with asyncio.timeout(32):
                        message = await answers.get()
                else:
                    on_provisional(message)
                    message = await answers.get()
            return message
        except TimeoutError:
            raise NoSipAnswer() from None
        finally:
            del self._waiting[key]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        try:
            message = wire.decode(data)
        except HotlineError:
            return
        if message.status:
            if waiting := self._waiting.get((message.branch, message.method)):
                waiting.put_nowait(message)
        elif said := self._said.get((message.branch, message.method)):
            self.send(said)
        else:
            self._on_request(message)

    async def _first_answer(self, request: Message, answers: asyncio.Queue[Message]) -> Message:
        pause = RESEND_FIRST
        for _ in range(RESEND_LIMIT):
            self.send(request)
            try:
                async with asyncio.timeout(pause):
                    return await answers.get()
            except TimeoutError:
                pause = min(pause * 2, 4)
        raise NoSipAnswer()
