"""AMI text as Asterisk writes and reads it: frames of `Name: value` lines, ended by an empty line."""

from collections.abc import Iterable

BANNER = b"Asterisk Call Manager/11.0.0\r\n"
END = b"\r\n\r\n"
# Asterisk's own limit on a line that it reads.
LONGEST_LINE = 1024

Headers = list[tuple[str, str]]


class Frame:
    """One frame; names are case-insensitive when looked up, kept as written when rendered."""

    def __init__(self, headers: Iterable[tuple[str, str]]) -> None:
        self.headers: Headers = list(headers)
        self._first = {name.lower(): value for name, value in reversed(self.headers)}

    def get(self, name: str, default: str = "") -> str:
        return self._first.get(name.lower(), default)

    def get_all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._first

    def render(self) -> bytes:
        lines = "".join(f"{name}: {value}\r\n" for name, value in self.headers)
        return lines.encode() + b"\r\n"


def parse(data: bytes) -> Frame:
    """Read one frame, with or without its closing empty line."""
    lines = data.decode("utf-8", "replace").split("\r\n")
    pairs = (line.partition(":") for line in lines)
    return Frame((name, value.removeprefix(" ")) for name, colon, value in pairs if colon)


def frames_of(recording: bytes) -> list[bytes]:
    """Cut recorded AMI text into frames without their closing empty lines; the banner is left out."""
    if recording.startswith(b"Asterisk Call Manager/"):
        recording = recording.partition(b"\r\n")[2]
    return [whole for frame in recording.split(END) if (whole := frame.strip(b"\r\n"))]
