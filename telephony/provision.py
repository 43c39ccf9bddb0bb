"""Turning asterisk-config/ and the settings into the folders of one Asterisk instance."""

import math
import struct
import wave
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from core.config import Settings
from telephony.install import AsteriskInstall, find_or_build_asterisk
from telephony.template import fill, plain

__all__ = ["InstancePaths", "find_or_build_asterisk", "render", "seat_name", "seat_secret"]

TEMPLATES = Path(__file__).resolve().parent.parent / "asterisk-config"
SEAT_TEMPLATE = "pjsip.d/seat.conf"

_WEBRTC = "webrtc = yes\ndtls_auto_generate_cert = yes\nrtp_symmetric = yes"
_PLAIN_SIP = (
    "transport = transport-udp\nrtp_symmetric = yes\nforce_rport = yes\nrewrite_contact = yes"
)


@dataclass(frozen=True)
class InstancePaths:
    """Where one instance keeps what; everything is below `folder`."""

    folder: Path

    @property
    def etc(self) -> Path:
        return self.folder / "etc"

    @property
    def run(self) -> Path:
        return self.folder / "run"

    @property
    def log(self) -> Path:
        return self.folder / "log"

    @property
    def spool(self) -> Path:
        return self.folder / "spool"

    @property
    def state(self) -> Path:
        return self.folder / "state"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def sounds(self) -> Path:
        """Prompts lie in `sounds/hotline/<name>.wav` (8 kHz, 16 bit, mono)."""
        return self.data / "sounds"

    @property
    def moh(self) -> Path:
        return self.folder / "moh"

    @property
    def recordings(self) -> Path:
        return self.folder.parent / "recordings"

    @property
    def queue_log(self) -> Path:
        return self.log / "queue_log"

    @property
    def log_file(self) -> Path:
        return self.log / "asterisk.log"


def seat_name(number: int) -> str:
    """Return the SIP name of a seat: seat03."""
    return f"seat{number:02d}"


def seat_secret(settings: Settings, endpoint: str) -> str:
    """Return the SIP password of a seat, generated for this installation."""
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
    for needed in (
        paths.etc,
        paths.run,
        paths.log,
        paths.spool,
        paths.state / "keys",
        paths.sounds / "hotline",
        paths.moh,
        paths.recordings,
    ):
        needed.mkdir(parents=True, exist_ok=True)
    _link_documentation(paths, install)
    _make_waiting_music(paths.moh)
    values = _values(settings, paths, install, plain_seats=plain_seats)
    wanted = {name: fill(text, values) for name, text in _templates()}
    wanted["modules.conf"] = _present_modules(wanted["modules.conf"], install)
    return _replace_files(paths.etc, wanted)


def _values(
    settings: Settings, paths: InstancePaths, install: AsteriskInstall | None, *, plain_seats: bool
) -> dict[str, str]:
    simple = {
        name: plain(name, getattr(settings, name))
        for name in (
            "queue",
            "sip_host",
            "sip_port",
            "sip_ws_port",
            "rtp_start",
            "rtp_end",
            "ami_port",
            "ami_user",
            "agi_host",
            "agi_port",
            "trunk_host",
            "ring_seconds",
        )
    }
    folders = {
        name: plain(name, getattr(paths, name))
        for name in ("etc", "run", "log", "spool", "state", "data", "moh", "recordings")
    }
    opus = install is None or any(
        map(install.has_module, ("codec_opus_open_source.so", "codec_opus.so"))
    )
    return (
        simple
        | folders
        | {
            "module_dir": f"astmoddir = {plain('modules', install.modules)}\n" if install else "",
            "ami_secret": plain("ami_secret", ami_secret(settings)),
            "recording": "yes" if settings.recording else "no",
            "numbers": "\n".join(_number_line(number) for number in settings.numbers),
            # Opus only where it can be transcoded: the trunk speaks G.711.
            "seat_codecs": "ulaw,alaw" if plain_seats or not opus else "opus,ulaw,alaw",
            "seat_media": _PLAIN_SIP if plain_seats else _WEBRTC,
            "seats": "\n".join(_seat_sections(settings)),
        }
    )


def _number_line(number: str) -> str:
    return f"exten => {plain('numbers', number)},1,Goto(inbound,{plain('numbers', number)},1)"


def _seat_sections(settings: Settings) -> Iterable[str]:
    template = (TEMPLATES / SEAT_TEMPLATE).read_text()
    for number in range(1, settings.physical_seats + 1):
        endpoint = seat_name(number)
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
        target.parent.mkdir(parents=True, exist_ok=True)
        unfinished = target.with_name(f".{target.name}.new")
        unfinished.touch(mode=0o600)
        unfinished.write_text(text)
        unfinished.replace(target)
        changed.append(name)
    return sorted(changed)


def _link_documentation(paths: InstancePaths, install: AsteriskInstall | None) -> None:
    """PJSIP's options are checked against the XML documentation, which Asterisk seeks in its data folder."""
    link = paths.data / "documentation"
    if install is None or (link.is_symlink() and link.readlink() == install.documentation):
        return
    link.unlink(missing_ok=True)
    link.symlink_to(install.documentation)


def _make_waiting_music(folder: Path) -> None:
    """Put a quiet arpeggio where no music was put yet: a waiting caller must hear that the line lives."""
    if any(folder.iterdir()):
        return
    notes = (262, 330, 392, 523, 392, 330, 220, 262, 330, 440, 330, 262)
    with wave.open(str(folder / "waiting.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(b"".join(_note(hertz) for hertz in notes))


def _note(hertz: int, rate: int = 8000) -> bytes:
    length = int(rate * 0.75)
    return b"".join(
        struct.pack(
            "<h", int(2500 * math.exp(-3.5 * i / length) * math.sin(math.tau * hertz * i / rate))
        )
        for i in range(length)
    )
