"""An operator's browser: the pages and controls of the desktop by their test ids."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, Locator, Page, expect

from support.hotline import HotlineProcess
from web.demo import DEMO_PASSWORD

# The strongest frequency in the sound that the page receives from the caller, and how loud it is (0 to 1).
_LISTEN = """async () => {
  const stream = document.querySelector('[data-testid=remote-audio]').srcObject
  if (!stream) return { hertz: 0, level: 0 }
  window.__ear ??= new AudioContext()
  await window.__ear.resume()
  const analyser = new AnalyserNode(window.__ear, { fftSize: 8192, smoothingTimeConstant: 0 })
  new MediaStreamAudioSourceNode(window.__ear, { mediaStream: stream }).connect(analyser)
  await new Promise((done) => setTimeout(done, 500))
  const bins = new Float32Array(analyser.frequencyBinCount)
  analyser.getFloatFrequencyData(bins)
  const samples = new Float32Array(analyser.fftSize)
  analyser.getFloatTimeDomainData(samples)
  const top = bins.indexOf(Math.max(...bins))
  return {
    hertz: (top * window.__ear.sampleRate) / analyser.fftSize,
    level: Math.sqrt(samples.reduce((sum, s) => sum + s * s, 0) / samples.length),
  }
}"""


class Desk:
    """One tab of one operator, from the sign-in page on."""

    def __init__(self, page: Page, base: str) -> None:
        self.page, self.base = page, base
        self.problems: list[str] = []
        page.on("pageerror", lambda error: self.problems.append(str(error)))

    def part(self, test_id: str) -> Locator:
        return self.page.get_by_test_id(test_id)

    async def sign_in(self, username: str) -> None:
        await self.page.goto(self.base)
        await self.part("signin-username").fill(username)
        await self.part("signin-password").fill(DEMO_PASSWORD)
        await self.part("signin-submit").click()

    async def take_seat(self, seat: str) -> None:
        """Choose a seat, pass the headset and network check, and arrive at the desk (not ready)."""
        await self.part(f"seat-{seat}").click()
        await expect(self.part("check-enter")).to_be_enabled(timeout=20_000)
        await self.part("check-enter").click()
        await expect(self.part("desk")).to_be_visible()

    async def ready(self) -> None:
        await expect(self.part("ready")).to_be_enabled(timeout=20_000)
        await self.part("ready").click()
        await self.in_state("ready")

    async def in_state(self, *states: str, within: float = 15) -> None:
        pattern = re.compile(f"^({'|'.join(states)})$")
        await expect(self.part("agent-state")).to_have_attribute(
            "data-state", pattern, timeout=within * 1000
        )

    async def hears(self) -> tuple[float, float]:
        """Return the strongest frequency in hertz and the level of what the caller says."""
        heard = await self.page.evaluate(_LISTEN)
        return heard["hertz"], heard["level"]


@asynccontextmanager
async def desk_tab(browser: Browser, hotline: HotlineProcess) -> AsyncIterator[Desk]:
    """Yield a desk in a fresh browser profile, at the sign-in page or before it."""
    context = await browser.new_context(
        locale="zh-CN", viewport={"width": 1440, "height": 900}, permissions=["microphone"]
    )
    try:
        yield Desk(await context.new_page(), hotline.base)
    finally:
        await context.close()


@asynccontextmanager
async def staffed_desk(
    browser: Browser, hotline: HotlineProcess, username: str, seat: str
) -> AsyncIterator[Desk]:
    """Yield a desk whose operator sits at `seat` and is ready."""
    async with desk_tab(browser, hotline) as desk:
        await desk.sign_in(username)
        await desk.take_seat(seat)
        await desk.ready()
        yield desk
