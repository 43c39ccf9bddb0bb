"""Sound as Asterisk plays it: 8 kHz, 16 bit, mono WAV; conversion, trimming, loudness. Pure arithmetic.

Samples are floats from -1 to 1. Levels are dB relative to full scale (dBFS).
"""

import array
import math
import sys
import wave
from collections.abc import Sequence
from operator import mul
from pathlib import Path
from typing import IO

RATE = 8_000
SPEECH_LEVEL = -20.0
"""Root mean square of the spoken parts; near ITU-T P.56's usual level for telephone prompts."""

_PEAK = 0.89  # -1 dBFS
_FRAME = RATE // 50  # 20 ms
_QUIET = -45.0

Sound = list[float]


def read_wav(source: Path | IO[bytes]) -> tuple[Sound, int]:
    """Return samples and rate; ValueError unless it is 16-bit mono."""
    with wave.open(str(source) if isinstance(source, Path) else source, "rb") as file:
        if file.getnchannels() != 1 or file.getsampwidth() != 2:
            raise ValueError("not 16-bit mono")
        samples = array.array("h", file.readframes(file.getnframes()))
        rate = file.getframerate()
    if sys.byteorder == "big":
        samples.byteswap()
    return [sample / 32768 for sample in samples], rate


def write_wav(path: Path, sound: Sequence[float]) -> None:
    """Write 8 kHz, 16 bit, mono; louder than full scale is cut."""
    samples = array.array("h", (round(max(-1.0, min(1.0, s)) * 32767) for s in sound))
    if sys.byteorder == "big":
        samples.byteswap()
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())


def to_8k(sound: Sequence[float], rate: int, taps: int = 24) -> Sound:
    """Resample to 8 kHz with a windowed sinc that stops what 8 kHz cannot carry (above 3.7 kHz)."""
    if rate == RATE:
        return list(sound)
    divisor = math.gcd(rate, RATE)
    up, down = RATE // divisor, rate // divisor
    cutoff = 2 * min(3_700, 0.46 * rate) / rate
    half = math.ceil(taps * max(1.0, rate / RATE) / 2)
    kernels = [_kernel(phase / up, half, cutoff) for phase in range(up)]
    padded = [0.0] * half + list(sound) + [0.0] * (half + 1)
    resampled = []
    for n in range(len(sound) * up // down):
        start, phase = divmod(n * down, up)
        resampled.append(sum(map(mul, kernels[phase], padded[start + 1 : start + 1 + 2 * half])))
    return resampled


def level(sound: Sequence[float]) -> float:
    """Return the root mean square in dBFS; -inf for silence."""
    return _db(sum(map(mul, sound, sound)) / len(sound)) if sound else -math.inf


def speech_level(sound: Sequence[float]) -> float:
    """Return the level of the parts that are spoken: pauses do not make a prompt quieter."""
    powers = [p for p in _frame_powers(sound) if _db(p) > _QUIET]
    return _db(sum(powers) / len(powers)) if powers else -math.inf


def normalised(sound: Sequence[float], wanted: float = SPEECH_LEVEL) -> Sound:
    """Bring the spoken parts to `wanted` dBFS, as far as the peaks allow; silence stays silence."""
    now = speech_level(sound)
    if math.isinf(now):
        return list(sound)
    gain = min(10 ** ((wanted - now) / 20), _PEAK / max(map(abs, sound)))
    return [sample * gain for sample in sound]


def trimmed(sound: Sequence[float], keep: float = 0.06) -> Sound:
    """Cut silence off both ends, leaving `keep` seconds of it."""
    loud = [i for i, power in enumerate(_frame_powers(sound)) if _db(power) > _QUIET]
    if not loud:
        return []
    margin = round(keep * RATE)
    start, end = loud[0] * _FRAME - margin, (loud[-1] + 1) * _FRAME + margin
    return list(sound[max(0, start) : end])


def _frame_powers(sound: Sequence[float]) -> list[float]:
    frames = (sound[i : i + _FRAME] for i in range(0, len(sound), _FRAME))
    return [sum(map(mul, frame, frame)) / len(frame) for frame in frames]


def _kernel(offset: float, half: int, cutoff: float) -> Sound:
    """Return 2*half weights of a Hann-windowed sinc around a point `offset` after the middle."""
    weights = []
    for k in range(1 - half, half + 1):
        x = k - offset
        sinc = cutoff if x == 0 else math.sin(math.pi * cutoff * x) / (math.pi * x)
        weights.append(sinc * (0.5 + 0.5 * math.cos(math.pi * x / (half + 1))))
    total = sum(weights)
    return [weight / total for weight in weights]


def _db(power: float) -> float:
    return 10 * math.log10(power) if power > 0 else -math.inf
