"""A citizen on the phone, for `hotline call`: dials the hotline, presses keys, plays a file, hangs up."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.config import Settings
from telephony.sip_call import CallEndedEarly, SipCall
from telephony.sip_media import save, tone, wav
from telephony.sip_phone import SipPhone

Progress = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class CallPlan:
    """What the citizen does. `press` is pressed `press_after` seconds after the answer; a comma waits 1 s."""

    caller: str
    name: str = ""
    number: str = "12345"
    press: str = ""
    press_after: float = 1.0
    play: Path | None = None
    hertz: float = 0
    hangup_after: float = 60.0
    answer_within: float = 30.0
    record: Path | None = None


@dataclass(frozen=True)
class CallReport:
    """How it went: the SIP status at the end, seconds connected, sound packets received."""

    connected: bool
    status: int
    reason: str
    seconds: float
    packets_heard: int


async def place_call(
    settings: Settings, plan: CallPlan, progress: Progress = lambda _: None
) -> CallReport:
    """Place a real SIP call from the trunk's address and return when it is over, whoever ended it.

    `progress` gets a line at each step. ValueError when the file to play is not mono, 16 bit, 8 kHz.
    """
    server = (settings.sip_host, settings.sip_port)
    phone = SipPhone(plan.caller, server=server, local_host=settings.trunk_host, name=plan.name)
    async with phone:
        progress(f"calling {plan.number}")
        call = await phone.dial(plan.number)
        try:
            await call.until_answered(plan.answer_within)
        except CallEndedEarly:
            progress(f"refused: {call.status} {call.reason}")
            return CallReport(False, call.status, call.reason, 0.0, 0)
        except TimeoutError:
            progress("no answer")
            await call.hang_up()
            return CallReport(False, 408, "no answer", 0.0, 0)
        progress("answered")
        return await _talk(call, plan, progress)


async def _talk(call: SipCall, plan: CallPlan, progress: Progress) -> CallReport:
    clock = asyncio.get_running_loop().time
    began = clock()
    if plan.play is not None:
        call.media.playing = wav(plan.play)
    elif plan.hertz:
        call.media.playing = tone(plan.hertz)
    pressing = asyncio.create_task(_press(call, plan, progress))
    try:
        await call.until_ended(plan.hangup_after)
        progress(f"the hotline ended the call: {call.reason}")
    except TimeoutError:
        progress("hanging up")
        await call.hang_up()
    finally:
        pressing.cancel()
        await asyncio.gather(pressing, return_exceptions=True)
    if plan.record is not None:
        save(plan.record, call.media.heard())
    return CallReport(True, call.status, call.reason, clock() - began, call.media.packets_heard)


async def _press(call: SipCall, plan: CallPlan, progress: Progress) -> None:
    if plan.press:
        await asyncio.sleep(plan.press_after)
        await call.press(plan.press)
        progress(f"pressed {plan.press}")
