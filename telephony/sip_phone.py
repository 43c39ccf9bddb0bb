"""A SIP telephone in plain asyncio: registers, calls, is called (G.711 A-law over UDP, one server)."""

import asyncio
import secrets
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import replace
from typing import Self

from core.errors import HotlineError
from telephony import sip_wire as wire
from telephony.sip_call import SipCall
from telephony.sip_media import Media
from telephony.sip_socket import NoSipAnswer, SipSocket
from telephony.sip_wire import Header, Message

ALLOW: Header = ("Allow", "INVITE, ACK, BYE, CANCEL, OPTIONS, UPDATE, NOTIFY")
SDP: Header = ("Content-Type", "application/sdp")


class Refused(HotlineError):
    code, status = "SIP_REFUSED", 502
    zh, en = "SIP 服务器拒绝:{sip_status} {reason}", "The SIP server refuses: {sip_status} {reason}"


class SipPhone:
    """One SIP user at one local address; holds any number of calls at once.

    `on_call` is called with each incoming call, in the event loop; without it calls are refused (480).
    """

    def __init__(
        self,
        user: str,
        *,
        server: tuple[str, int],
        local_host: str = "127.0.0.1",
        local_port: int = 0,
        name: str = "",
        secret: str = "",
    ) -> None:
        self.user, self.name, self.server, self.local_host = user, name, server, local_host
        self._local_port = local_port
        self.on_call: Callable[[SipCall], None] | None = None
        self.calls: dict[str, SipCall] = {}
        self._secret = secret
        self._local_port = local_port
        self._registered = False
        self._register_id, self._register_cseq = secrets.token_hex(12), 0
        self._socket = SipSocket(server, self._on_request)
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        await self._socket.open(self.local_host, self._local_port)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @property
    def address(self) -> tuple[str, int]:
        """Where this phone can be reached."""
        return self._socket.local

    async def close(self) -> None:
        """Hang up, take the registration back, let go of the sockets."""
        await asyncio.gather(*map(self.end, list(self.calls.values())), return_exceptions=True)
        if self._registered:
            await asyncio.gather(self.register(expires=0), return_exceptions=True)
        await self.vanish()

    async def vanish(self) -> None:
        """Go away without a word, as a machine does that loses its power."""
        self._registered = False
        self._socket.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for call in list(self.calls.values()):
            await self._over(call, 0, "vanished")

    async def register(self, *, expires: int = 120) -> None:
        """Tell the server where this user is; Refused with the status when it does not want to know."""
        outcome = await self._socket.ask(self._registration(expires))
        if outcome.status == 401 and self._secret:
            words = wire.digest(
                outcome.get("WWW-Authenticate"),
                "REGISTER",
                f"sip:{self.server[0]}",
                self.user,
                self._secret,
            )
            outcome = await self._socket.ask(self._registration(expires, ("Authorization", words)))
        if outcome.status != 200:
            raise Refused(sip_status=outcome.status, reason=outcome.reason)
        self._registered = expires > 0

    async def dial(
        self,
        number: str,
        *,
        caller: str = "",
        name: str = "",
        sends: bool = True,
        more: Iterable[Header] = (),
    ) -> SipCall:
        """Place a call and return it at once; `sends=False` sends no sound at all (for load)."""
        host, port = self.server
        me = f"sip:{caller or self.user}@{self.local_host}"
        target = f"sip:{number}@{host}:{port}"
        call = SipCall(
            self, Media(sends=sends), secrets.token_hex(12), outgoing=True, target=target,
            local=wire.address(me, name or self.name, secrets.token_hex(4)), remote=wire.address(target),
        )  # fmt: skip
        call.rtp_port = await call.media.open(self.local_host)
        call.invite = self._request(
            call, "INVITE", (SDP, ALLOW, *more), wire.sdp(self.local_host, call.rtp_port)
        )
        self.calls[call.call_id] = call
        self.spawn(self._place(call, call.invite))
        return call

    async def end(self, call: SipCall) -> None:
        """Hang up, cancel or refuse, whichever the call's state asks for."""
        if call.outgoing and not call.answered.is_set():
            await self._cancel(call)
        if call.ended.is_set():
            return
        if not call.outgoing and not call.answered.is_set():
            await call.reject()
            self.calls.pop(call.call_id, None)
            return
        call.cseq += 1
        await self._over(call, 200, "hung up")
        await self._socket.ask(self._request(call, "BYE"))

    async def take(self, call: SipCall) -> None:
        """Answer an incoming call with our media."""
        call.rtp_port = await call.media.open(self.local_host)
        if call.ended.is_set():  # the caller was quicker
            await call.media.close()
            return
        if call.invite and (far := wire.media_in(call.invite.body)):
            call.media.connect(far)
        self.say(call, 200, "OK", body=wire.sdp(self.local_host, call.rtp_port))

    def say(self, call: SipCall, status: int, reason: str, body: str = "") -> None:
        """Answer the INVITE of an incoming call."""
        if call.invite is not None:
            more = (self._contact, ALLOW, *((SDP,) if body else ()))
            tag = wire.parameter(call.local, "tag")
            self._socket.answer(call.invite, status, reason, more, tag=tag, body=body)

    @property
    def _contact(self) -> Header:
        host, port = self._socket.local
        return "Contact", f"<sip:{self.user}@{host}:{port}>"

    def _registration(self, expires: int, *more: Header) -> Message:
        me = f"sip:{self.user}@{self.server[0]}"
        self._register_cseq += 1
        return Message(f"REGISTER sip:{self.server[0]} SIP/2.0", (
            self._socket.via(), ("Max-Forwards", "70"),
            ("From", wire.address(me, tag=secrets.token_hex(4))), ("To", wire.address(me)),
            ("Call-ID", self._register_id), ("CSeq", f"{self._register_cseq} REGISTER"),
            self._contact, ("Expires", str(expires)), *more,
        ))  # fmt: skip

    def _request(
        self, call: SipCall, method: str, more: Iterable[Header] = (), body: str = ""
    ) -> Message:
        return Message(f"{method} {call.target} SIP/2.0", (
            self._socket.via(), ("Max-Forwards", "70"), ("From", call.local), ("To", call.remote),
            ("Call-ID", call.call_id), ("CSeq", f"{call.cseq} {method}"), self._contact, *more,
        ), body)  # fmt: skip

    async def _place(self, call: SipCall, invite: Message) -> None:
        """Follow one INVITE to its end; a challenge is answered once."""
        try:
            outcome = await self._socket.ask(invite, lambda said: _progress(call, said))
        except NoSipAnswer as silence:
            await self._over(call, 408, silence.en)
            return
        if outcome.status >= 300:
            to = outcome.get("To")
            self._socket.send(_acknowledgement(invite, to, invite.all("Via")[0], call.target))
            if outcome.status == 401 and self._secret and not invite.get("Authorization"):
                call.invite = self._authorized(call, invite, outcome.get("WWW-Authenticate"))
                await self._place(call, call.invite)
            else:
                await self._over(call, outcome.status, outcome.reason)
            return
        call.remote = outcome.get("To")
        call.target = wire.uri_in(outcome.get("Contact")) or call.target
        self._socket.send(_acknowledgement(invite, call.remote, self._socket.via(), call.target))
        if far := wire.media_in(outcome.body):
            call.media.connect(far)
        call.answered.set()

    def _authorized(self, call: SipCall, invite: Message, challenge: str) -> Message:
        call.cseq += 1
        words = wire.digest(challenge, "INVITE", call.target, self.user, self._secret)
        return self._request(call, "INVITE", (SDP, ALLOW, ("Authorization", words)), invite.body)

    async def _cancel(self, call: SipCall) -> None:
        """Take the INVITE back; when its 200 crosses the CANCEL the call is answered afterwards."""
        await call.until_trying()
        invite = call.invite
        if call.ended.is_set() or call.answered.is_set() or invite is None:
            return
        kept = ("Via", "Max-Forwards", "From", "To", "Call-ID")
        headers = tuple(header for header in invite.headers if header[0] in kept)
        number = invite.get("CSeq").split()[0]
        cancel = replace(
            invite, start=invite.start.replace("INVITE", "CANCEL", 1), body="",
            headers=(*headers, ("CSeq", f"{number} CANCEL")),
        )  # fmt: skip
        await self._socket.ask(cancel)
        moments = [asyncio.ensure_future(event.wait()) for event in (call.ended, call.answered)]
        await asyncio.wait(moments, timeout=10, return_when=asyncio.FIRST_COMPLETED)
        for moment in moments:
            moment.cancel()

    def _on_request(self, request: Message) -> None:
        self.spawn(self._serve(request))

    async def _serve(self, request: Message) -> None:
        """Answer one request of the server."""
        call = self.calls.get(request.get("Call-ID"))
        match request.method, call:
            case "INVITE", None:
                await self._incoming(request)
            case (("INVITE" | "UPDATE"), SipCall()):
                self._renegotiated(call, request)
            case "ACK", SipCall():
                call.answered.set()
            case "ACK", None:
                pass
            case "BYE", SipCall():
                self._socket.answer(request, 200, "OK")
                await self._over(call, 200, "the far side hung up")
            case "CANCEL", SipCall():
                self._socket.answer(request, 200, "OK")
                self.say(call, 487, "Request Terminated")
                await self._over(call, 487, request.get("Reason") or "cancelled")
            case (("OPTIONS" | "NOTIFY"), _):
                self._socket.answer(request, 200, "OK", (ALLOW,))
            case _:
                self._socket.answer(request, 481, "Call/Transaction Does Not Exist")

    async def _incoming(self, invite: Message) -> None:
        call = SipCall(
            self, Media(), invite.get("Call-ID"), outgoing=False, remote=invite.get("From"),
            local=f"{invite.get('To')};tag={secrets.token_hex(4)}", target=wire.uri_in(invite.get("Contact")),
        )  # fmt: skip
        call.invite = invite
        if self.on_call is None:
            await call.reject(480, "Temporarily Unavailable")
            return
        self.calls[call.call_id] = call
        self.say(call, 100, "Trying")
        self.on_call(call)

    def _renegotiated(self, call: SipCall, request: Message) -> None:
        """The far side holds or resumes: agree, and look where the sound goes now."""
        call.held = "a=sendonly" in request.body or "a=inactive" in request.body
        if far := wire.media_in(request.body):
            call.media.connect(far)
        direction = (
            "recvonly" if "a=sendonly" in request.body else "inactive" if call.held else "sendrecv"
        )
        body = wire.sdp(self.local_host, call.rtp_port, direction) if request.body else ""
        self._socket.answer(
            request, 200, "OK", (self._contact, *((SDP,) if body else ())), body=body
        )

    async def _over(self, call: SipCall, status: int, reason: str) -> None:
        self.calls.pop(call.call_id, None)
        await call.over(status, reason)

    def spawn(self, work: Coroutine[None, None, None]) -> None:
        """Do something with a call that `on_call` does not wait for; ends with the telephone."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _progress(call: SipCall, said: Message) -> None:
    """A provisional answer to our INVITE: it rings, perhaps with sound from the network already."""
    call.trying.set()
    if said.status in (180, 183):
        call.ringing.set()
    if far := wire.media_in(said.body):
        call.media.connect(far)


def _acknowledgement(invite: Message, to: str, via: Header, uri: str) -> Message:
    number = invite.get("CSeq").split()[0]
    return Message(f"ACK {uri} SIP/2.0", (
        via, ("Max-Forwards", "70"), ("From", invite.get("From")), ("To", to),
        ("Call-ID", invite.get("Call-ID")), ("CSeq", f"{number} ACK"),
    ))  # fmt: skip
