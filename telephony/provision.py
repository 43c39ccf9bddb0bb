"""Turning asterisk-config/ and the settings into the folders of one Asterisk instance."""

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from core.config import Settings
from telephony.install import AsteriskInstall
from telephony.instance import InstancePaths
from telephony.queue_config import QueueConfig, stored
from telephony.queue_config import values as queue_values
from telephony.template import UnsafeValue, fill, plain
from telephony.waiting_music import make_waiting_music

TEMPLATES = Path(__file__).resolve().parent.parent / "asterisk-config"
SEAT_TEMPLATE = "pjsip.d/seat.conf"
EMERGENCY_NUMBERS = ("110", "119", "120", "122")
QUEUE_FILES = ("queues.conf", "queuerules.conf", "extensions.d/28-rules.conf")
"""What a change of the queue rules writes anew."""

_WEBRTC = "webrtc = yes\ndtls_auto_generate_cert = yes"
_PLAIN_SIP = "transport = transport-udp\nforce_rport = yes\nrewrite_contact = yes"
_OPUS = ("codec_opus_open_source.so", "codec_opus.so")
_FROM_SETTINGS = (
    "sip_host", "sip_port", "sip_ws_port", "rtp_start", "rtp_end", "trunk_host", "trunk_port",
    "ami_port", "agi_host", "agi_port", "emergency_ring_seconds",
)  # fmt: skip
_FROM_PATHS = ("etc", "run", "log", "spool", "state", "data", "moh", "recordings")


def seat_name(number: int) -> str:
    """Return the SIP name of a seat: seat03."""
    return f"seat{number:02d}"


def manager_phone_name(number: int) -> str:
    """Return the SIP name of a shift leader's telephone: boss01. It is no seat and never in the queue."""
    return f"boss{number:02d}"


def seat_secret(settings: Settings, endpoint: str) -> str:
    """Return the SIP password of a seat or a shift leader's telephone, generated for this installation."""
    return settings.generated(endpoint)


def ami_secret(settings: Settings) -> str:
    """Return the AMI password: the one that was set, else the one generated for this installation."""
    return settings.ami_secret.get_secret_value() or settings.generated("ami")


def render(
    settings: Settings,
    folder: Path,
    install: AsteriskInstall | None = None,
    *,
    plain_seats: bool = False,
) -> list[str]:
    """Write the configuration of one instance below `folder` and return the names that changed.

    Rendering again with the same settings changes nothing. `install` fills in where the modules
    lie and leaves out those that it lacks; without it Asterisk's own defaults hold. With
    `plain_seats` the seats are SIP phones over UDP instead of browsers.
    """
    paths = InstancePaths(folder.resolve())
    paths.make()
    _link_documentation(paths, install)
    make_waiting_music(paths.moh)
    values = _values(settings, paths, install, plain_seats=plain_seats)
    wanted = {name: fill(text, values) for name, text in _templates()}
    wanted["modules.conf"] = _present_modules(wanted["modules.conf"], install)
    return _replace_files(paths.etc, wanted)


def queue_texts(settings: Settings, config: QueueConfig) -> dict[str, str]:
    """Return the files that `config` changes, filled in, by their names below etc."""
    values = _queue_values(settings, config)
    return {name: fill((TEMPLATES / name).read_text(), values) for name in QUEUE_FILES}


def shipped_queue(settings: Settings) -> QueueConfig:
    """Return the queue as it is before a manager has applied any rules."""
    return QueueConfig(ring_seconds=settings.ring_seconds)


def _queue_values(settings: Settings, config: QueueConfig) -> dict[str, str]:
    if config.overflow_number and config.overflow_number not in settings.duty_mobiles:
        # Taken off the list since: the list alone says where calls may go.
        config = replace(config, overflow_number="")
    numbers_only = re.compile(r"\+?[0-9]{3,20}|")
    if not numbers_only.fullmatch(config.overflow_number):
        raise UnsafeValue(name="duty_mobiles")
    return {"queue": _word("queue", settings.queue), **queue_values(config)}


def _values(
    settings: Settings, paths: InstancePaths, install: AsteriskInstall | None, *, plain_seats: bool
) -> dict[str, str]:
    opus = install is None or any(map(install.has_module, _OPUS))
    return {
        **{name: plain(name, getattr(settings, name)) for name in _FROM_SETTINGS},
        **{name: plain(name, getattr(paths, name)) for name in _FROM_PATHS},
        **_queue_values(settings, stored(settings.data_dir) or shipped_queue(settings)),
        # Asterisk 20 still has the argument for a macro before that for a subroutine.
        "queue_macro": "," if install and install.version.startswith("20.") else "",
        "module_dir": f"astmoddir = {plain('modules', install.modules)}\n" if install else "",
        "ami_user": _word("ami_user", settings.ami_user),
        "ami_secret": plain("ami_secret", ami_secret(settings)),
        "recording": "yes" if settings.recording else "no",
        "shown_number": _dialled(settings.numbers[0]),
        "trunk_out": _host_and_port("trunk_out", settings.trunk_out_address),
        "numbers": "\n".join(map(_number_line, settings.numbers)),
        # Opus only where it can be transcoded: the trunk speaks G.711.
        "seat_codecs": "opus,ulaw,alaw" if opus and not plain_seats else "ulaw,alaw",
        "seat_media": _PLAIN_SIP if plain_seats else _WEBRTC,
        "seats": "\n".join(_seat_sections(settings)),
        **_emergency(settings),
    }


def _emergency(settings: Settings) -> dict[str, str]:
    """Return what the dialplan and PJSIP must know of the ways to the emergency desks."""
    instead = settings.emergency_instead
    if not {*instead, *instead.values()} <= set(EMERGENCY_NUMBERS):
        raise UnsafeValue(name="emergency_instead")
    routes = settings.emergency_routes
    return {
        "emergency": "yes" if routes else "no",
        "emergency_numbers": "\n".join(
            f"exten => {number},1,Set(__EMERGENCY_NUMBER={instead.get(number, number)})\n"
            " same => n,Goto(try,1)"
            for number in EMERGENCY_NUMBERS
        ),
        "emergency_routes": "\n".join(
            f"exten => {place},1,Gosub(emergency-dial,s,1({name},"
            f"PJSIP/${{EMERGENCY_NUMBER}}@emergency-{name}))\n"
            f" same => n,Goto({place + 1 if place < len(routes) else 'missed'},1)"
            for place, name in enumerate(routes, 1)
        ),
        "emergency_endpoints": "\n".join(
            f"[emergency-{name}](emergency)\naors = emergency-{name}\n\n"
            f"[emergency-{name}]\ntype = aor\ncontact = sip:{_address(name, address)}\n"
            for name, address in routes.items()
        ),
    }


def _address(name: str, value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?", value, re.ASCII):
        raise UnsafeValue(name=f"emergency {name}")
    return value


def _number_line(number: str) -> str:
    """Return the line that lets `number` in; a pattern instead of a number would let in everything."""
    number = _dialled(number)
    return f"exten => {number},1,Goto(inbound,{number},1)"


def _dialled(number: str) -> str:
    if not re.fullmatch(r"\+?[0-9]{2,20}", number):
        raise UnsafeValue(name="numbers")
    return number


def _host_and_port(name: str, value: str) -> str:
    if not re.fullmatch(r"[\w.-]{1,200}:[0-9]{1,5}", value, re.ASCII):
        raise UnsafeValue(name=name)
    return value


def _word(name: str, value: str) -> str:
    if not re.fullmatch(r"[A-Za-z][\w-]{0,39}", value, re.ASCII):
        raise UnsafeValue(name=name)
    return value


def _seat_sections(settings: Settings) -> Iterable[str]:
    template = (TEMPLATES / SEAT_TEMPLATE).read_text()
    seats = map(seat_name, range(1, settings.physical_seats + 1))
    others = map(manager_phone_name, range(1, settings.manager_phones + 1))
    for endpoint in (*seats, *others):
        yield fill(template, {"endpoint": endpoint, "secret": seat_secret(settings, endpoint)})


def _templates() -> Iterable[tuple[str, str]]:
    for path in sorted(TEMPLATES.rglob("*.conf")):
        name = path.relative_to(TEMPLATES).as_posix()
        if name != SEAT_TEMPLATE:
            yield name, path.read_text()


def _present_modules(text: str, install: AsteriskInstall | None) -> str:
    def stays(line: str) -> bool:
        name = line.removeprefix("load = ")
        return install is None or name == line or install.has_module(name)

    return "\n".join(filter(stays, text.splitlines())) + "\n"


def _replace_files(etc: Path, wanted: dict[str, str]) -> list[str]:
    """Make `etc` hold exactly `wanted`, readable by its owner alone: some files carry secrets."""
    present = {p.relative_to(etc).as_posix() for p in etc.rglob("*") if p.is_file()}
    changed = sorted(present - wanted.keys())
    for name in changed:
        (etc / name).unlink()
    for name, text in wanted.items():
        target = etc / name
        if name in present and target.read_text() == text:
            continue
        replace_file(target, text)
        changed.append(name)
    return sorted(changed)


def replace_file(target: Path, text: str) -> None:
    """Write a file of an instance as a whole or not at all, readable by its owner alone."""
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f".{target.name}.new")
    unfinished.touch(mode=0o600)
    unfinished.write_text(text)
    unfinished.replace(target)


def _link_documentation(paths: InstancePaths, install: AsteriskInstall | None) -> None:
    """PJSIP's options are checked against the XML documentation, which Asterisk seeks in its data folder."""
    link = paths.data / "documentation"
    if install is None or (link.is_symlink() and link.readlink() == install.documentation):
        return
    link.unlink(missing_ok=True)
    link.symlink_to(install.documentation)
