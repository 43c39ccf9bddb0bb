"""AMI on the wire: bytes to whole frames, frames to events and answers that are parsed when looked at (pure)."""

from collections.abc import Iterator, Mapping

from telephony.errors import AmiFrame, MissingHeader

END = b"\r\n\r\n"
BANNER = b"Asterisk Call Manager/"


class AmiMessage:
    """One frame; header names are case-insensitive, and of a repeated header the first counts.

    `seq` numbers the frames of one link in the order of arrival, so that the answer to a question
    can be placed among the events. The text is decoded as a whole, so that no character is ever split.
    """

    __slots__ = ("_headers", "_lines", "frame", "name", "seq")

    def __init__(self, frame: bytes, name: str, seq: int = 0) -> None:
        self.frame = frame
        self.name = name
        self.seq = seq
        self._headers: dict[str, str] | None = None
        self._lines: list[tuple[str, str]] = []

    def get(self, key: str, default: str = "") -> str:
        """Return the header's text, `default` if it is not there."""
        return self._parsed().get(key.lower(), default)

    def __getitem__(self, key: str) -> str:
        try:
            return self._parsed()[key.lower()]
        except KeyError:
            raise MissingHeader(self.name, key) from None

    def __contains__(self, key: str) -> bool:
        return key.lower() in self._parsed()

    def get_all(self, key: str) -> list[str]:
        """Return every value of a header that may be repeated, such as Output."""
        self._parsed()
        wanted = key.lower()
        return [value for name, value in self._lines if name == wanted]

    def headers(self) -> list[tuple[str, str]]:
        """Return all headers in order, names in lower case."""
        self._parsed()
        return list(self._lines)

    def _parsed(self) -> dict[str, str]:
        if self._headers is None:
            self._lines = list(_headers(self.frame))
            self._headers = dict(reversed(self._lines))
        return self._headers

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name} #{self.seq}>"  # no values: they are personal


class AmiEvent(AmiMessage):
    """An event: `name` is known at once, the headers are parsed at the first look."""

    __slots__ = ()

    @property
    def variables(self) -> Mapping[str, str]:
        """The channel variables (manager.conf `channelvars`) of the event's main channel."""
        return self.variables_of("")

    def variables_of(self, prefix: str) -> Mapping[str, str]:
        """Return the channel variables of another channel of the event, such as `Dest`."""
        exact = f"{prefix.lower()}chanvariable"
        found: dict[str, str] = {}
        self._parsed()
        for name, value in self._lines:
            # Asterisk writes `ChanVariable: A=b`, in a few older events `ChanVariable(PJSIP/x): A=b`.
            if name == exact or name.startswith(f"{exact}("):
                key, _, text = value.partition("=")
                found.setdefault(key, text)
        return found


class AmiResponse(AmiMessage):
    """The answer to one action; `name` is its word: Success, Error, Goodbye."""

    __slots__ = ()

    @property
    def success(self) -> bool:
        return self.name != "Error"

    @property
    def message(self) -> str:
        return self.get("Message").strip()

    @property
    def output(self) -> list[str]:
        """The lines printed by a Command."""
        return self.get_all("Output")


class FrameSplitter:
    """Cuts a stream of bytes into frames, however the segments fall; `limit` bounds one frame in bytes."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._rest = b""
        self.banner: bytes | None = None

    def feed(self, data: bytes) -> list[bytes]:
        """Return the frames that are now whole; AmiFrame if the peer is not AMI or a frame is over the limit."""
        data = self._rest + data
        if self.banner is None:
            data = self._take_banner(data)
        frames = data.split(END)
        self._rest = frames.pop()
        if len(self._rest) > self._limit or any(len(frame) > self._limit for frame in frames):
            raise AmiFrame(problem=f"frame over {self._limit} bytes")
        # Some answers end in one CR LF too many.
        return [whole for frame in frames if (whole := frame.lstrip(b"\r\n"))]

    def _take_banner(self, data: bytes) -> bytes:
        if not data.startswith(BANNER[: len(data)]):
            raise AmiFrame(problem="not an Asterisk Call Manager")
        line, newline, rest = data.partition(b"\r\n")
        if not newline:
            return data
        self.banner = line
        return rest


def message_of(frame: bytes, seq: int = 0) -> AmiEvent | AmiResponse | None:
    """Return the event or answer in a frame, None for anything else; nothing but its name is parsed."""
    if frame.startswith(b"Event: "):
        return AmiEvent(frame, name_of(frame, 7), seq)
    if frame.startswith(b"Response: "):
        return AmiResponse(frame, name_of(frame, 10), seq)
    return None


def name_of(frame: bytes, start: int) -> str:
    end = frame.find(b"\r\n", start)
    return frame[start : end if end >= 0 else None].decode("utf-8", "replace")


def header_of(frame: bytes, header: bytes) -> bytes | None:
    """Return one header's bytes without parsing the frame; `header` is its exact name."""
    mark = b"\r\n" + header + b": "
    start = frame.find(mark)
    if start < 0:
        return None
    start += len(mark)
    end = frame.find(b"\r\n", start)
    return frame[start : end if end >= 0 else None]


def events_in(recording: bytes) -> list[AmiEvent]:
    """Return the events of a recorded session (raw AMI text, with or without banner), numbered from 1."""
    _, _, text = (
        recording.partition(b"\r\n") if recording.startswith(BANNER) else (b"", b"", recording)
    )
    frames = (frame.lstrip(b"\r\n") for frame in text.split(END))
    messages = (message_of(frame, seq) for seq, frame in enumerate(frames, 1))
    return [message for message in messages if isinstance(message, AmiEvent)]


def _headers(frame: bytes) -> Iterator[tuple[str, str]]:
    for line in frame.decode("utf-8", "replace").split("\r\n"):
        name, colon, value = line.partition(":")
        if colon:
            yield name.lower(), value.removeprefix(" ")
