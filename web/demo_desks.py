"""The emergency desks of the demo: telephones on the loopback that answer, or fail as they are told to."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from enum import StrEnum
from pathlib import Path

import structlog

from core.config import Settings
from telephony.instance import InstancePaths
from telephony.sip_call import SipCall
from telephony.sip_media import tone, wav
from telephony.sip_phone import SipPhone

log = structlog.get_logger(__name__)

PORT = 5070
DESKS = {
    "emergency_trunk_a": f"127.0.0.3:{PORT}",
    "emergency_trunk_b": f"127.0.0.4:{PORT}",
    "emergency_duty_desk": f"127.0.0.5:{PORT}",
}
"""Where the demo's desks listen, by the setting that leads there."""


class Manner(StrEnum):
    ANSWER = "answer"
    BUSY = "busy"
    SILENT = "silent"  # rings, and nobody comes
    CONGESTED = "congested"
    DOWN = "down"  # not a word


def with_desks(settings: Settings) -> Settings:
    """Return the settings with the demo's desks, unless a way to a desk is set already."""
    if not settings.demo or not settings.own_asterisk or settings.emergency_routes:
        return settings
    return settings.model_copy(update=DESKS)


def tell(settings: Settings, route: str, manner: Manner) -> None:
    """Make the desk behind `route` treat calls in this manner from now on."""
    manners = _manners(settings)
    manners[route] = manner.value
    _file(settings).write_text(json.dumps(manners))


@asynccontextmanager
async def demo_desks(settings: Settings) -> AsyncIterator[None]:
    """Keep the desks at their telephones; an address that is taken leaves that desk empty."""
    async with AsyncExitStack() as desks:
        for name, address in settings.emergency_routes.items():
            if address not in DESKS.values():
                continue
            host, port = address.split(":")
            phone = SipPhone(
                "desk",
                server=(settings.sip_host, settings.sip_port),
                local_host=host,
                local_port=int(port),
            )
            phone.on_call = _answering(settings, phone, name)
            try:
                await desks.enter_async_context(phone)
            except OSError as error:
                log.warning("demo desk not there", route=name, reason=error.strerror)
        yield


def _answering(settings: Settings, phone: SipPhone, route: str) -> Callable[[SipCall], None]:
    voice = InstancePaths(settings.data_dir / "asterisk").sounds / "hotline" / "demo_desk.wav"

    def treat(call: SipCall) -> None:
        match _manners(settings).get(route, Manner.ANSWER):
            case Manner.BUSY:
                phone.spawn(call.reject())
            case Manner.CONGESTED:
                phone.spawn(call.reject(503, "Service Unavailable"))
            case Manner.SILENT:
                call.ring()
            case Manner.DOWN:
                return
            case _:
                call.media.playing = wav(voice) if voice.exists() else tone(880)
                call.ring()
                phone.spawn(call.answer())

    return treat


def _manners(settings: Settings) -> dict[str, str]:
    try:
        manners: dict[str, str] = json.loads(_file(settings).read_text())
    except (OSError, ValueError):
        return {}
    return manners


def _file(settings: Settings) -> Path:
    return settings.data_dir / "demo_desks.json"
