"""A shift leader's leg beside a call: called, led from mode to mode (asterisk-config, monitor), ended."""

import asyncio
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Literal

from telephony.ami import AmiEvent, AmiLink
from telephony.errors import AmiRefused, AmiTimeout, NoSuchChannel, PhoneSilent
from telephony.switch import interface

Mode = Literal["listen", "whisper", "barge", "take_over"]

CONTEXT = "monitor"
_EXTENSION: dict[Mode, str] = {
    "listen": "listen",
    "whisper": "whisper",
    "barge": "barge",
    "take_over": "take-over",
}


@dataclass(frozen=True, kw_only=True)
class MonitorOrder:
    """Whom to call and whom he hears: channels of the agent and of the caller, as Asterisk names them now."""

    monitor: str
    phone: str
    target: str
    caller: str
    call_id: str


class MonitorLegs:
    """Commands over a link; all raise AmiDown, AmiTimeout, AmiRefused. Times are in seconds."""

    def __init__(self, link: AmiLink, *, answer_within: float = 10.0, within: float = 5.0) -> None:
        self._link, self._answer_within, self._within = link, answer_within, within

    async def begin(self, order: MonitorOrder, mode: Mode) -> str:
        """Call the telephone and let it hear; return its channel. PhoneSilent if it does not answer.

        The leg carries no call id: it is a part of no call, and no seat is offered anything.
        """
        refused = {"Channel": interface(order.phone), "Context": CONTEXT, "Response": "Failure"}
        with (
            self._expect(order.monitor, mode) as began,
            self._link.expect("OriginateResponse", **refused) as failed,
        ):
            await self._send(
                "Originate",
                Channel=interface(order.phone),
                Context=CONTEXT,
                Exten=_EXTENSION[mode],
                Priority="1",
                Async="true",
                Timeout=str(int(self._answer_within * 1000)),
                CallerID="<>",
                Variable=_variables(order),
            )
            limit = self._answer_within + self._within
            await asyncio.wait({began, failed}, timeout=limit, return_when="FIRST_COMPLETED")
            if not began.done():
                raise PhoneSilent()
            return began.result()["Channel"]

    async def lead(self, monitor: str, channel: str, mode: Mode) -> None:
        """Let a leg that hears go on in another mode; returns when it does. NoSuchChannel if it is gone."""
        with self._expect(monitor, mode) as done:
            await self._send(
                "Redirect",
                Channel=channel,
                Context=CONTEXT,
                Exten=_EXTENSION[mode],
                Priority="1",
            )
            try:
                async with asyncio.timeout(self._within):
                    await done
            except TimeoutError:
                raise AmiTimeout(action="Redirect", seconds=self._within) from None

    def _expect(self, monitor: str, mode: Mode) -> AbstractContextManager[asyncio.Future[AmiEvent]]:
        return self._link.expect("UserEvent", UserEvent="Monitor", Monitor=monitor, Mode=mode)

    async def _send(self, action: str, **fields: str | list[str]) -> None:
        try:
            await self._link.send(action, timeout=self._within, **fields)
        except AmiRefused as error:
            if "does not exist" in error.details["message"]:
                raise NoSuchChannel(**error.details) from None
            raise


def _variables(order: MonitorOrder) -> list[str]:
    return [
        f"PJSIP_HEADER(add,X-Hotline-Monitor)={order.monitor}",
        f"MONITOR_ID={order.monitor}",
        f"MONITOR_TARGET={order.target}",
        f"MONITOR_CALLER={order.caller}",
        f"MONITOR_CALL={order.call_id}",
    ]
