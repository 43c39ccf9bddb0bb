"""Ears for tests: is a tone in the sound, is it loud, is it silence."""

from __future__ import annotations

import asyncio
import math
from array import array
from collections.abc import Callable, Sequence

from telephony.sip_media import RATE, Media

WINDOW = RATE // 20  # 50 ms: tells tones apart that differ by 40 Hz


def rms(samples: Sequence[int]) -> float:
    """Return the loudness of 16-bit samples (0 … 32767); 0 for no samples."""
    return math.sqrt(sum(s * s for s in samples) / len(samples)) if samples else 0.0


def tone_share(samples: Sequence[int], hertz: float, rate: int = RATE) -> float:
    """Return how much of the sound's energy lies at `hertz`, 0 … 1 (Goertzel)."""
    energy = sum(s * s for s in samples)
    if not energy:
        return 0.0
    factor = 2 * math.cos(math.tau * hertz / rate)
    before = last = 0.0
    for sample in samples:
        before, last = last, sample + factor * last - before
    power = last * last + before * before - factor * last * before
    return float(min(1.0, 2 * power / (energy * len(samples))))


def is_tone(samples: Sequence[int], hertz: float, rate: int = RATE) -> bool:
    """Tell whether a tone of `hertz` makes up most of an audible sound."""
    return rms(samples) > 200 and tone_share(samples, hertz, rate) > 0.6


async def until_heard(media: Media, hertz: float, within: float = 10) -> None:
    """Wait until the last 200 ms heard are a tone of `hertz`; AssertionError with what was heard instead."""
    await _until(media, lambda sound: is_tone(sound, hertz), within, f"a tone of {hertz} Hz")


async def until_together(
    media: Media, *hertz: float, without: tuple[float, ...] = (), within: float = 10
) -> None:
    """Wait until the last 400 ms hold each tone of `hertz`, as in a conference, and none of `without`."""

    def share(sound: array[int], one: float) -> float:
        # Short windows: a packet that comes late leaves a jump of phase, which cancels a tone over a long one.
        windows = [sound[at : at + WINDOW] for at in range(0, len(sound), WINDOW)]
        return sum(tone_share(each, one) for each in windows) / max(len(windows), 1)

    def fits(sound: array[int]) -> bool:
        present = rms(sound) > 200 and all(share(sound, one) > 0.15 for one in hertz)
        return present and all(share(sound, one) < 0.01 for one in without)

    def shares(sound: array[int]) -> str:
        return ", ".join(f"{one} Hz {share(sound, one):.3f}" for one in hertz + without)

    await _until(media, fits, within, f"{hertz} without {without}", seconds=0.4, more=shares)


async def until_sound(media: Media, within: float = 10) -> None:
    """Wait until anything audible came in the last 200 ms."""
    await _until(media, lambda sound: rms(sound) > 200, within, "any sound")


async def until_packets(media: Media, seconds: float = 0.2, within: float = 10) -> None:
    """Wait until so many seconds of packets came in all, whatever they carry."""
    enough = media.packets_heard + int(seconds * 50)
    await _until(media, lambda _: media.packets_heard >= enough, within, f"{seconds} s of packets")


async def until_silence(media: Media, within: float = 10) -> None:
    """Wait until packets come and carry silence for 200 ms."""
    await _until(media, lambda sound: rms(sound) < 50, within, "silence")


async def _until(
    media: Media,
    fits: Callable[[array[int]], bool],
    within: float,
    what: str,
    *,
    seconds: float = 0.2,
    more: Callable[[array[int]], str] = lambda _: "",
) -> None:
    sound = media.heard(seconds)
    try:
        async with asyncio.timeout(within):
            while len(sound) < RATE * seconds or not fits(sound):
                await asyncio.sleep(0.05)
                sound = media.heard(seconds)
    except TimeoutError:
        raise AssertionError(
            f"not heard within {within} s: {what}; the last {seconds * 1000:.0f} ms have loudness "
            f"{rms(sound):.0f}, {media.packets_heard} packets in all {more(sound)}"
        ) from None
