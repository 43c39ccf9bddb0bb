"""A SIP telephone in plain asyncio: registers, calls, is called, presses keys, plays and hears (G.711 A-law over UDP)."""

import asyncio
import secrets
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from core.errors import HotlineError
from telephony import sip_wire as wire
from telephony.sip_media import Media
from telephony.sip_wire import Header, Message

RESEND_FIRST, RESEND_LIMIT = 0.5, 6  # RFC 3261, 17.1: T1 doubles
ALLOW: Header = ("Allow", "INVITE, ACK, BYE, CANCEL, OPTIONS, UPDATE, NOTIFY")


class CallEndedEarly(HotlineError):
    code, status = "SIP_CALL_ENDED", 502
    zh, en = "通话已结束:{sip_status} {reason}", "The call has ended: {sip_status} {reason}"


class NoSipAnswer(HotlineError):
    code, status = "SIP_NO_ANSWER", 504
    zh, en = "SIP 服务器没有回答", "The SIP server does not answer"


class Refused(HotlineError):
    code, status = "SIP_REFUSED", 502
    zh, en = "SIP 服务器拒绝:{sip_status} {reason}", "The SIP server refuses: {sip_status} {reason}"


class SipCall:
    """One call of a phone. Wait with `until_…`; the far side's status and reason stay readable afterwards."""

    def __init__(self, phone: "SipPhone", *, media: Media, call_id: str) -> None:
        self.phone, self.media, self.call_id = phone, media, call_id
        self.ringing, self.answered, self.ended = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.status, self.reason = 0, ""
        self.held = False
        self.invite: Message | None = None  # the INVITE that made this call
        self.local = self.remote = self.target = ""
        self.cseq = 1
        self.rtp_port = 0

    @property
    def caller_number(self) -> str:
        """Who calls, as the INVITE's From says."""
        return wire.user_in(self.invite.get("From")) if self.invite else ""

    def header(self, name: str) -> str:
        """Return a header of the INVITE."""
        return self.invite.get(name) if self.invite else ""

    async def until_ringing(self, within: float = 10) -> None:
        await self._until(self.ringing, within)

    async def until_answered(self, within: float = 10) -> None:
        """Return when both sides talk; CallEndedEarly when it ends before, TimeoutError after `within` s."""
        await self._until(self.answered, within)

    async def until_ended(self, within: float = 10) -> None:
        async with asyncio.timeout(within):
            await self.ended.wait()

    async def press(self, keys: str) -> None:
        await self.media.press(keys)

    async def hang_up(self) -> None:
        """End the call in whatever state it is; returns when the far side has agreed."""
        await self.phone.end(self)

    async def answer(self) -> None:
        """Take an incoming call."""
        await self.phone.take(self)

    def ring(self) -> None:
        """Tell an incoming caller that this phone rings."""
        self.phone.say(self, 180, "Ringing")
        self.ringing.set()

    async def reject(self, status: int = 486, reason: str = "Busy Here") -> None:
        """Refuse an incoming call."""
        self.phone.say(self, status, reason)
        await self.over(status, reason)

    async def over(self, status: int, reason: str) -> None:
        """Close the books of this call; the first reason stays."""
        if self.ended.is_set():
            return
        self.status, self.reason = status, reason
        self.ended.set()
        await self.media.close()

    async def _until(self, moment: asyncio.Event, within: float) -> None:
        waits = [asyncio.ensure_future(event.wait()) for event in (moment, self.ended)]
        try:
            done, _ = await asyncio.wait(waits, timeout=within, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        if not done:
            raise TimeoutError
        if not moment.is_set():
            raise CallEndedEarly(sip_status=self.status, reason=self.reason)


class SipPhone(asyncio.DatagramProtocol):
    """One SIP user at one local address; holds any number of calls at once.

    `on_call` is called with each incoming call, in the event loop; without it calls are refused with 480.
    """

    def __init__(
        self, user: str, *, server: tuple[str, int], local_host: str = "127.0.0.1", name: str = "", secret: str = ""
    ) -> None:
        self.user, self.name, self.server, self.local_host = user, name, server, local_host
        self.on_call: Callable[[SipCall], None] | None = None
        self.calls: dict[str, SipCall] = {}
        self.local_port = 0
        self._secret = secret
        self._registered = False
        self._register_id, self._register_cseq = secrets.token_hex(12), 0
        self._answers: dict[tuple[str, str], asyncio.Queue[Message]] = {}
        self._said: dict[tuple[str, str], Message] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._transport: asyncio.DatagramTransport | None = None

    async def __aenter__(self) -> "SipPhone":
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=(self.local_host, 0))
        self.local_port = int(self._transport.get_extra_info("sockname")[1])
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Hang up, take the registration back, let go of the sockets."""
        await asyncio.gather(*(self.end(call) for call in list(self.calls.values())), return_exceptions=True)
        if self._registered:
            await asyncio.gather(self.register(expires=0), return_exceptions=True)
        await self.vanish()

    async def vanish(self) -> None:
        """Go away without a word, as a machine does that loses its power."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for call in list(self.calls.values()):
            await call.over(0, "vanished")
        if self._transport is not None:
            self._transport.close()
            self._transport = None
        self._registered = False

    async def register(self, *, expires: int = 120) -> None:
        """Tell the server where this user is; Refused with the status when it does not want to know."""
        uri = f"sip:{self.server[0]}"
        me = f"sip:{self.user}@{self.server[0]}"
        self._register_cseq += 1
        headers = (("From", wire.address(me, tag=secrets.token_hex(4))), ("To", wire.address(me)),
                   ("Call-ID", self._register_id), ("CSeq", f"{self._register_cseq} REGISTER"),
                   ("Contact", f"<{self._here}>"), ("Expires", str(expires)))
        outcome = await self._exchange(Message(f"REGISTER {uri} SIP/2.0", headers), uri)
        if outcome.status != 200:
            raise Refused(sip_status=outcome.status, reason=outcome.reason)
        self._registered = expires > 0

    async def dial(
        self, number: str, *, caller: str = "", name: str = "", sends: bool = True, more: Iterable[Header] = ()
    ) -> SipCall:
        """Place a call and return it at once; `sends=False` makes no sound packets at all (for load)."""
        media = Media(sends=sends)
        call = SipCall(self, media=media, call_id=secrets.token_hex(12))
        call.rtp_port = await media.open(self.local_host)
        call.target = f"sip:{number}@{self.server[0]}:{self.server[1]}"
        call.local = wire.address(f"sip:{caller or self.user}@{self.local_host}", name or self.name, secrets.token_hex(4))
        call.remote = wire.address(call.target)
        self.calls[call.call_id] = call
        body = wire.sdp(self.local_host, call.rtp_port)
        call.invite = self._request(call, "INVITE", (("Content-Type", "application/sdp"), ALLOW, *more), body)
        self._spawn(self._place(call, call.invite))
        return call

    async def end(self, call: SipCall) -> None:
        """Hang up, cancel or refuse, whichever the call's state asks for."""
        if call.ended.is_set():
            return
        if call.answered.is_set():
            call.cseq += 1
            bye = self._request(call, "BYE")
            await call.over(200, "hung up")
            await self._exchange(bye, call.target)
        elif call.invite is not None and call.local.endswith(wire.parameter(call.invite.get("From"), "tag")):
            cancel = replace(
                call.invite, start=call.invite.start.replace("INVITE", "CANCEL", 1), body="",
                headers=tuple((k, v.replace("INVITE", "CANCEL") if k == "CSeq" else v)
                              for k, v in call.invite.headers if k not in ("Content-Type", "Allow")),
            )
            await self._await_final(cancel)
            await call.until_ended()
        else:
            await call.reject()

    async def take(self, call: SipCall) -> None:
        """Answer an incoming call with our media."""
        assert call.invite is not None
        call.rtp_port = await call.media.open(self.local_host)
        if far := wire.media_in(call.invite.body):
            call.media.connect(far)
        self.say(call, 200, "OK", body=wire.sdp(self.local_host, call.rtp_port))

    def say(self, call: SipCall, status: int, reason: str, body: str = "") -> None:
        """Answer the INVITE of an incoming call."""
        assert call.invite is not None
        more = [("Contact", f"<{self._here}>"), ALLOW]
        if body:
            more.append(("Content-Type", "application/sdp"))
        self._answer(call.invite, status, reason, tag=wire.parameter(call.local, "tag"), more=more, body=body)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        try:
            message = wire.decode(data)
        except HotlineError:
            return
        if message.status:
            if waiting := self._answers.get((message.branch, message.method)):
                waiting.put_nowait(message)
        elif said := self._said.get((message.branch, message.method)):
            self._send(said)
        else:
            self._spawn(self._serve(message))

    @property
    def _here(self) -> str:
        return f"sip:{self.user}@{self.local_host}:{self.local_port}"

    async def _place(self, call: SipCall, invite: Message) -> None:
        """Follow one INVITE to its end."""
        try:
            outcome = await self._await_final(invite, call)
        except NoSipAnswer as silence:
            await call.over(408, silence.en)
            return
        finally:
            self.calls.pop(call.call_id, None) if call.ended.is_set() else None
        call.remote = outcome.get("To")
        if not 200 <= outcome.status < 300:
            self._acknowledge(call, invite, same_branch=True)
            await call.over(outcome.status, outcome.reason)
            self.calls.pop(call.call_id, None)
            return
        call.target = wire.uri_in(outcome.get("Contact")) or call.target
        self._acknowledge(call, invite, same_branch=False)
        if far := wire.media_in(outcome.body):
            call.media.connect(far)
        call.answered.set()

    def _acknowledge(self, call: SipCall, invite: Message, *, same_branch: bool) -> None:
        number = invite.get("CSeq").split()[0]
        via = invite.get("Via") if same_branch else self._via()
        uri = invite.start.split()[1] if same_branch else call.target
        self._send(Message(f"ACK {uri} SIP/2.0", (
            ("Via", via), ("Max-Forwards", "70"), ("From", invite.get("From")), ("To", call.remote),
            ("Call-ID", call.call_id), ("CSeq", f"{number} ACK"),
        )))

    async def _serve(self, request: Message) -> None:
        """Answer one request of the server."""
        call = self.calls.get(request.get("Call-ID"))
        match request.method, call:
            case "INVITE", None:
                await self._incoming(request)
            case ("INVITE" | "UPDATE"), SipCall():
                self._renegotiated(call, request)
            case "ACK", SipCall():
                call.answered.set()
            case "ACK", None:
                pass
            case "BYE", SipCall():
                self._answer(request, 200, "OK")
                await call.over(200, "the far side hung up")
                self.calls.pop(call.call_id, None)
            case "CANCEL", SipCall():
                self._answer(request, 200, "OK")
                self.say(call, 487, "Request Terminated")
                await call.over(487, request.get("Reason") or "cancelled")
                self.calls.pop(call.call_id, None)
            case ("OPTIONS" | "NOTIFY"), _:
                self._answer(request, 200, "OK", more=(ALLOW,))
            case _:
                self._answer(request, 481, "Call/Transaction Does Not Exist")

    async def _incoming(self, invite: Message) -> None:
        call = SipCall(self, media=Media(), call_id=invite.get("Call-ID"))
        call.invite, call.remote = invite, invite.get("From")
        call.local = invite.get("To") + f";tag={secrets.token_hex(4)}"
        call.target = wire.uri_in(invite.get("Contact"))
        self.calls[call.call_id] = call
        if self.on_call is None:
            await call.reject(480, "Temporarily Unavailable")
            return
        self.say(call, 100, "Trying")
        self.on_call(call)

    def _renegotiated(self, call: SipCall, request: Message) -> None:
        """The far side holds or resumes: agree, and look where the sound goes now."""
        call.held = "a=sendonly" in request.body or "a=inactive" in request.body
        if far := wire.media_in(request.body):
            call.media.connect(far)
        direction = "recvonly" if "a=sendonly" in request.body else "inactive" if call.held else "sendrecv"
        body = wire.sdp(self.local_host, call.rtp_port, direction) if request.body else ""
        more = [("Contact", f"<{self._here}>"), *([("Content-Type", "application/sdp")] if body else [])]
        self._answer(request, 200, "OK", more=more, body=body)

    async def _exchange(self, request: Message, uri: str) -> Message:
        """Send a request, answer one challenge, return the last answer."""
        first = replace(request, headers=(("Via", self._via()), ("Max-Forwards", "70"), *request.headers)) \
            if not request.get("Via") else request
        outcome = await self._await_final(first)
        challenge = outcome.get("WWW-Authenticate")
        if outcome.status != 401 or not self._secret or not challenge:
            return outcome
        self._register_cseq += 1
        words = wire.digest(challenge, request.method, uri, self.user, self._secret)
        again = tuple((k, f"{self._register_cseq} {request.method}" if k == "CSeq" else v)
                      for k, v in request.headers if k not in ("Via", "Max-Forwards"))
        return await self._await_final(replace(
            request, headers=(("Via", self._via()), ("Max-Forwards", "70"), *again, ("Authorization", words))
        ))

    async def _await_final(self, request: Message, call: SipCall | None = None) -> Message:
        """Send, and send again while nothing comes; return the final answer or raise NoSipAnswer."""
        key = (request.branch, request.method)
        answers = self._answers[key] = asyncio.Queue()
        pause, tries, heard = RESEND_FIRST, 0, False
        try:
            while True:
                if not heard:
                    if tries == RESEND_LIMIT:
                        raise NoSipAnswer()
                    self._send(request)
                    tries += 1
                try:
                    async with asyncio.timeout(None if heard and call else pause):
                        message = await answers.get()
                except TimeoutError:
                    pause = min(pause * 2, 4)
                    continue
                heard = call is not None
                if message.status >= 200:
                    return message
                if call is not None and message.status in (180, 183):
                    call.ringing.set()
                    if message.body and (far := wire.media_in(message.body)):
                        call.media.connect(far)
        finally:
            self._answers.pop(key, None)

    def _request(self, call: SipCall, method: str, more: Iterable[Header] = (), body: str = "") -> Message:
        return Message(f"{method} {call.target} SIP/2.0", (
            ("Via", self._via()), ("Max-Forwards", "70"), ("From", call.local), ("To", call.remote),
            ("Call-ID", call.call_id), ("CSeq", f"{call.cseq} {method}"), ("Contact", f"<{self._here}>"), *more,
        ), body)

    def _answer(
        self, request: Message, status: int, reason: str, *, tag: str = "", more: Iterable[Header] = (), body: str = ""
    ) -> None:
        message = wire.answer(request, status, reason, tag=tag or secrets.token_hex(4), more=more, body=body)
        self._said[request.branch, request.method] = message
        self._send(message)

    def _via(self) -> str:
        return f"SIP/2.0/UDP {self.local_host}:{self.local_port};branch=z9hG4bK{secrets.token_hex(8)};rport"

    def _send(self, message: Message) -> None:
        if self._transport is not None:
            self._transport.sendto(message.encode(), self.server)

    def _spawn(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
