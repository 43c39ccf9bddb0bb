"""The music of a waiting caller, until an installation puts its own in the folder."""

import math
import struct
import wave
from pathlib import Path


def make_waiting_music(folder: Path) -> None:
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
