"""Headless Chromium with a tone for a microphone, driven by Playwright."""

import math
import struct
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, async_playwright

CHROMIUM = "/usr/bin/chromium"
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]


@asynccontextmanager
async def chromium(microphone: Path) -> AsyncIterator[Browser]:
    """Yield a browser whose microphone plays the WAV file `microphone` over and over."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=[*QUIET, f"--use-file-for-fake-audio-capture={microphone}"],
        )
        try:
            yield browser
        finally:
            await browser.close()


def write_tone(path: Path, hertz: float, seconds: float = 1.0, rate: int = 48_000) -> Path:
    """Write a mono 16-bit WAV of a sine at a third of full scale; whole periods, so that it loops cleanly."""
    samples = (
        int(0.33 * 32767 * math.sin(2 * math.pi * hertz * n / rate))
        for n in range(int(rate * seconds))
    )
    with wave.open(str(path), "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(rate)
        wav.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))
    return path
