"""One call of a SIP telephone: its moments, its media, what its user may do with it."""

import asyncio
from typing import Protocol

from core.errors import HotlineError
from telephony import sip_wire as wire
from telephony.sip_media import Media
from telephony.sip_wire import Message


class CallEndedEarly(HotlineError):
    code, status = "SIP_CALL_ENDED", 502
    zh, en = "通话已结束:{sip_status} {reason}", "The call has ended: {sip_status} {reason}"


class Phone(Protocol):
    """What a call needs of the phone that holds it."""

    async def end(self, call: "SipCall") -> None: ...
    async def take(self, call: "SipCall") -> None: ...
    def say(self, call: "SipCall", status: int, reason: str, body: str = "") -> None: ...


class SipCall:
    """Wait with `until_…`; the status and reason of the end stay readable afterwards.

    `local` and `remote` are the name-addrs of the dialog, `target` where requests inside it go.
    """

    def __init__(
        self,
        phone: Phone,
        media: Media,
        call_id: str,
        *,
        local: str,
        remote: str,
        target: str,
        outgoing: bool,
    ) -> None:
        self.media, self.call_id, self.outgoing = media, call_id, outgoing
        self.local, self.remote, self.target = local, remote, target
        self.trying, self.ringing = asyncio.Event(), asyncio.Event()
        self.answered, self.ended = asyncio.Event(), asyncio.Event()
        self.status, self.reason = 0, ""
        self.held = False
        self.invite: Message | None = None
        self.cseq = 1
        self.rtp_port = 0
        self._phone = phone

    @property
    def caller_number(self) -> str:
        """Who calls, as the INVITE's From says."""
        return wire.user_in(self.header("From"))

    def header(self, name: str) -> str:
        """Return a header of the INVITE, '' when it is not there."""
        return self.invite.get(name) if self.invite else ""

    async def until_trying(self, within: float = 10) -> None:
        await self._until(self.trying, within)

    async def until_ringing(self, within: float = 10) -> None:
        await self._until(self.ringing, within)

    async def until_answered(self, within: float = 10) -> None:
        """Return when both sides talk; CallEndedEarly when it ends before, TimeoutError after `within` s."""
        await self._until(self.answered, within)

    async def until_ended(self, within: float = 10) -> None:
        async with asyncio.timeout(within):
            await self.ended.wait()

    async def press(self, keys: str) -> None:
        """Press keys one after the other; a comma waits one second."""
        await self.media.press(keys)

    async def hang_up(self) -> None:
        """End the call in whatever state it is; returns when the far side has agreed."""
        await self._phone.end(self)

    async def answer(self) -> None:
        """Take an incoming call."""
        await self._phone.take(self)

    def ring(self) -> None:
        """Tell the caller of an incoming call that this phone rings."""
        self._phone.say(self, 180, "Ringing")
        self.ringing.set()

    async def reject(self, status: int = 486, reason: str = "Busy Here") -> None:
        """Refuse an incoming call."""
        self._phone.say(self, status, reason)
        await self.over(status, reason)

    async def over(self, status: int, reason: str) -> None:
        """Close the books of this call; the first reason stays."""
        if not self.ended.is_set():
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
            await asyncio.gather(*waits, return_exceptions=True)
        if not done:
            raise TimeoutError
        if not moment.is_set():
            raise CallEndedEarly(sip_status=self.status, reason=self.reason)
