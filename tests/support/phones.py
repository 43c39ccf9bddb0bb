"""Telephones for tests: citizens on the trunk (`citizen`) and operators' desk phones (`seat_phone`)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

from telephony.own_asterisk import OwnAsterisk
from telephony.provision import seat_secret
from telephony.sip_call import SipCall
from telephony.sip_media import tone
from telephony.sip_phone import SipPhone

Manner = Literal["answer", "ring", "reject", "ignore"]


class SeatPhone(SipPhone):
    """A seat's phone that treats calls in one manner: answer, ring (for ever), reject (486) or ignore (no word)."""

    manner: Manner = "answer"
    hertz: float = 0

    def __init__(self, *args: object, **more: object) -> None:
        super().__init__(*args, **more)  # type: ignore[arg-type]
        self.incoming: asyncio.Queue[SipCall] = asyncio.Queue()
        self.on_call = self._treat

    async def next_call(self, within: float = 10) -> SipCall:
        """Return the next call offered to this seat, whatever the phone did with it."""
        async with asyncio.timeout(within):
            return await self.incoming.get()

    def _treat(self, call: SipCall) -> None:
        if self.hertz:
            call.media.playing = tone(self.hertz)
        self.incoming.put_nowait(call)
        if self.manner in ("answer", "ring"):
            call.ring()
        if self.manner == "answer":
            self.spawn(call.answer())
        elif self.manner == "reject":
            self.spawn(call.reject())


@asynccontextmanager
async def seat_phone(
    asterisk: OwnAsterisk,
    endpoint: str,
    manner: Manner = "answer",
    *,
    hertz: float = 0,
    host: str = "127.0.0.1",
) -> AsyncIterator[SeatPhone]:
    """Register a desk phone as `endpoint` (plain SIP seats only); it plays a tone of `hertz` when it talks."""
    s = asterisk.settings
    phone = SeatPhone(
        endpoint, server=(s.sip_host, s.sip_port), local_host=host, secret=seat_secret(s, endpoint)
    )
    phone.manner, phone.hertz = manner, hertz
    async with phone:
        await phone.register()
        yield phone


@asynccontextmanager
async def citizen(
    asterisk: OwnAsterisk, number: str = "13900000001", name: str = ""
) -> AsyncIterator[SipPhone]:
    """A phone beyond the trunk; `await phone.dial("12345")` calls the hotline."""
    s = asterisk.settings
    async with SipPhone(
        number, server=(s.sip_host, s.sip_port), local_host=s.trunk_host, name=name
    ) as phone:
        yield phone


@asynccontextmanager
async def called_citizen(
    asterisk: OwnAsterisk, manner: Manner = "answer"
) -> AsyncIterator[SeatPhone]:
    """A phone that takes what the hotline dials out to the trunk, whoever is called; it treats it in one manner."""
    s = asterisk.settings
    phone = SeatPhone("trunk", server=(s.sip_host, s.sip_port), local_host=s.trunk_host)
    phone.manner = manner
    async with phone:
        host, port = phone.address
        await asterisk.console(f"dialplan set global HOTLINE_TRUNK_OUT {host}:{port}")
        yield phone
