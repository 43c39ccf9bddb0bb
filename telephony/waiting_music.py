"""Waiting music of our own: a quiet pentatonic loop, computed, so that nobody's rights are touched."""

import math
from pathlib import Path

from telephony.sound import RATE, Sound, level, write_wav

LEVEL = -28.0
"""dBFS: well below speech, so that a queue announcement stands out and nobody holds the phone away."""

_BEAT = 0.6  # seconds
_SCALE = (261.63, 293.66, 329.63, 392.00, 440.00, 523.25, 587.33, 659.26)  # C pentatonic
# (beat, step of the scale, beats it sounds): two phrases of 16 beats, question and answer.
_MELODY = (
    (0, 2, 2), (2, 3, 1), (3, 4, 1), (4, 5, 3), (8, 4, 1), (9, 3, 1), (10, 2, 2), (12, 1, 3),
    (16, 2, 2), (18, 3, 1), (19, 4, 1), (20, 6, 3), (24, 5, 1), (25, 4, 1), (26, 3, 2), (28, 0, 4),
)  # fmt: skip
_BASS = tuple((beat, step, 4) for beat, step in zip(range(0, 32, 4), (0, 3, 4, 3) * 2, strict=True))
_BEATS = 32


def comfort_music() -> Sound:
    """Return 8 kHz samples whose end runs into their beginning without a click."""
    length = round(_BEATS * _BEAT * RATE)
    sound = [0.0] * length
    for notes, octave, gain in ((_MELODY, 1.0, 0.5), (_BASS, 0.5, 0.35)):
        for beat, step, beats in notes:
            _add(sound, round(beat * _BEAT * RATE), _SCALE[step] * octave, beats * _BEAT, gain)
    gain = 10 ** ((LEVEL - level(sound)) / 20)
    return [sample * gain for sample in sound]


def make_waiting_music(folder: Path) -> None:
    """Put waiting.wav where no music was put yet (a second of work): a waiting caller must hear that the line lives."""
    if not any(folder.iterdir()):
        write_wav(folder / "waiting.wav", comfort_music())


def _add(sound: Sound, start: int, hertz: float, seconds: float, gain: float) -> None:
    """Add a struck note with a soft beginning; what rings on past the end belongs to the beginning."""
    ring = seconds + 0.8
    for n in range(round(ring * RATE)):
        t = n / RATE
        swell = min(1.0, t / 0.03) * math.exp(-2.2 * t / seconds) * min(1.0, (ring - t) / 0.05)
        phase = math.tau * hertz * t
        tone = math.sin(phase) + 0.25 * math.sin(2 * phase) * math.exp(-3 * t)
        sound[(start + n) % len(sound)] += gain * swell * tone
