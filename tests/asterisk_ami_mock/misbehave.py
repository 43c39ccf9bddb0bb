"""What the fake can do wrong on the wire."""

from dataclasses import dataclass, field, replace
from random import Random


@dataclass
class Misbehaviour:
    """Switches that may be thrown at any moment; the default is a good Asterisk.

    `segment`: every write is cut into segments of so many bytes (1 splits every UTF-8 character).
    `silent`: a half-open link, nothing is read or written, the connection stays.
    `cut_answer_after`: the next answer is broken off after so many bytes and the connection closed.
    `reorder`, `duplicate`: frames of a burst are swapped in pairs; every frame is sent twice.
    `ignore`: actions, in lower case, that never get an answer. `refuse_login`: any password is wrong.
    """

    segment: int = 0
    silent: bool = False
    cut_answer_after: int | None = None
    reorder: bool = False
    duplicate: bool = False
    refuse_login: bool = False
    ignore: set[str] = field(default_factory=set)

    def arranged(self, burst: list[bytes]) -> list[bytes]:
        """Return the frames of one burst in the order, and as often, as they are to be sent."""
        if self.reorder:
            pairs = [burst[at : at + 2] for at in range(0, len(burst), 2)]
            burst = [frame for pair in pairs for frame in reversed(pair)]
        if self.duplicate:
            burst = [frame for frame in burst for _ in range(2)]
        return burst

    def pieces(self, frame: bytes) -> list[bytes]:
        """Cut one frame into the segments that are written one by one."""
        size = self.segment or len(frame)
        return [frame[at : at + size] for at in range(0, len(frame), size)]


NAMED: dict[str, Misbehaviour] = {
    "bytes": Misbehaviour(segment=1),
    "split": Misbehaviour(segment=7),
    "silent": Misbehaviour(silent=True),
    "cut": Misbehaviour(cut_answer_after=20),
    "reorder": Misbehaviour(reorder=True),
    "duplicate": Misbehaviour(duplicate=True),
    "refuse": Misbehaviour(refuse_login=True),
    "mute": Misbehaviour(ignore={"originate", "queueadd", "queueremove", "queuepause"}),
}
"""What the command line can ask for by name."""


def named(name: str) -> Misbehaviour:
    """Return a fresh copy of a named misbehaviour; KeyError if there is none."""
    found = NAMED[name]
    return replace(found, ignore=set(found.ignore))


def garbage(size: int, seed: int = 12345) -> bytes:
    """Return bytes that are not AMI, the same for the same seed, with no end of frame in them."""
    return Random(seed).randbytes(size).replace(b"\r\n", b"\n\r")
