"""An operator's browser: the pages and controls of the desktop by their test ids."""

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Browser, Locator, Page, expect

from support.hotline import GIVEN_BACK, HotlineProcess, until
from web.demo import DEMO_PASSWORD

# The strongest frequency in the sound that the page receives from the caller, and how loud it is (0 to 1).
_LISTEN = """async () => {
  const stream = document.querySelector('[data-testid=remote-audio]').srcObject
  if (!stream?.getAudioTracks().length) return { hertz: 0, level: 0 }
  window.__ear ??= new AudioContext()
  await window.__ear.resume()
  const analyser = new AnalyserNode(window.__ear, { fftSize: 8192, smoothingTimeConstant: 0 })
  const source = new MediaStreamAudioSourceNode(window.__ear, { mediaStream: stream })
  source.connect(analyser)
  await new Promise((done) => setTimeout(done, 300))
  const bins = new Float32Array(analyser.frequencyBinCount)
  analyser.getFloatFrequencyData(bins)
  const samples = new Float32Array(analyser.fftSize)
  analyser.getFloatTimeDomainData(samples)
  source.disconnect()
  const top = bins.indexOf(Math.max(...bins))
  return {
    hertz: (top * window.__ear.sampleRate) / analyser.fftSize,
    level: Math.sqrt(samples.reduce((sum, s) => sum + s * s, 0) / samples.length),
  }
}"""
AUDIBLE = 0.02

# On a busy machine a page may take seconds to draw what is already true.
expect.set_options(timeout=15_000)

# In which order the screen-pop, the ringing call and the softphone's ring are first drawn.
_WATCH_RING = """() => {
  window.__order = []
  const part = (id) => document.querySelector(`[data-testid=${id}]`)
  const note = (name, is) => is && !window.__order.includes(name) && window.__order.push(name)
  new MutationObserver(() => {
    note('pop', part('pop').dataset.callId !== '')
    note('call', part('call-panel').dataset.state === 'ringing')
    note('phone', !part('call-answer').disabled)
  }).observe(document.body, { subtree: true, childList: true, attributes: true })
}"""

# Noise suppression and its kin take a steady tone for noise, and eat it.
_PLAIN_SOUND = """localStorage['hotline.audio'] ??=
  '{"noiseSuppression":false,"autoGainControl":false,"echoCancellation":false}'"""


class Desk:
    """One tab of one operator, from the sign-in page on."""

    def __init__(self, page: Page, hotline: HotlineProcess) -> None:
        self.page, self.hotline, self.base = page, hotline, hotline.base
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

    async def come_back(self, seat: str) -> None:
        """Take a seat without the pages that lead there, as a desk that was open before; not ready."""
        taken = await self.request("PUT", "/api/seats/mine", seat=seat)
        assert taken["session"]["seat"] == seat
        await self.page.goto(f"{self.base}/desk")
        await expect(self.part("desk")).to_be_visible(timeout=20_000)

    async def ready(self) -> None:
        await expect(self.part("ready")).to_be_enabled(timeout=20_000)
        await self.part("ready").click()
        await self.in_state("ready")

    async def leave(self) -> bool:
        """Give the seat back without the page, if this person has one; False while the seat rings or talks."""
        status, _ = await self._fetch("DELETE", "/api/seats/mine")
        return status in GIVEN_BACK

    async def answer(self) -> None:
        """Take the ringing call with the keyboard, and wait until both talk."""
        await expect(self.part("call-answer")).to_be_enabled(timeout=20_000)
        await self.press("F2")
        await self.in_state("talking")

    async def press(self, key: str) -> None:
        await self.page.keyboard.press(key)

    async def in_state(self, *states: str, within: float = 15) -> None:
        await self._shows("agent-state", "data-state", states, within)

    async def call_is(self, *states: str, within: float = 15) -> None:
        """Wait until the call on the screen is ringing, talking, held, ended, or '' for none."""
        await self._shows("call-panel", "data-state", states, within)

    async def rings_from(self, number: str, within: float = 25) -> None:
        """Wait until the seat rings for a call from `number`."""
        await self.in_state("ringing", within=within)
        await expect(self.part("call-number")).to_have_text(number)

    async def reason_is(self, reason: str, within: float = 15) -> None:
        await self._shows("agent-state", "data-reason", (reason,), within)

    async def hears(self) -> tuple[float, float]:
        """Return the strongest frequency in hertz and the level of what the caller says."""
        heard = await self.page.evaluate(_LISTEN)
        return heard["hertz"], heard["level"]

    async def until_hears(self, hertz: float, within: float = 15) -> None:
        """Wait until a tone of `hertz` is the loudest thing that comes from the caller."""
        await until(lambda: self._hears(hertz), within=within, what=f"the page hears {hertz:g} Hz")

    async def until_deaf_to(self, hertz: float, within: float = 15) -> None:
        """Wait until a tone of `hertz` no longer comes from the caller."""

        async def is_deaf() -> bool:
            return not await self._hears(hertz)

        await until(is_deaf, within=within, what=f"the page no longer hears {hertz:g} Hz")

    async def watch_ring(self) -> None:
        """Note from now on in which order things of the next call are drawn; see `ring_order`."""
        await self.page.evaluate(_WATCH_RING)

    async def ring_order(self) -> list[str]:
        """Return pop, call and phone in the order in which they came on the screen."""
        await expect(self.part("call-answer")).to_be_enabled()
        order: list[str] = await self.page.evaluate("() => window.__order")
        return order

    async def request(self, method: str, path: str, **body: Any) -> Any:
        """Ask the API as this page's person; AssertionError unless it agrees."""
        status, answer = await self._fetch(method, path, body)
        assert status < 400, answer
        return answer

    async def _hears(self, hertz: float) -> bool:
        strongest, level = await self.hears()
        return level > AUDIBLE and abs(strongest - hertz) < 10

    async def _shows(
        self, part: str, attribute: str, values: tuple[str, ...], within: float
    ) -> None:
        pattern = re.compile(f"^({'|'.join(values)})$")
        await expect(self.part(part)).to_have_attribute(attribute, pattern, timeout=within * 1000)

    async def _fetch(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        response = await self.page.context.request.fetch(
            f"{self.base}{path}", method=method, headers=self.hotline.headers, data=body or None
        )
        text = await response.text()
        is_json = "json" in response.headers.get("content-type", "") and text
        return response.status, json.loads(text) if is_json else text


@asynccontextmanager
async def desk_tab(
    browser: Browser, hotline: HotlineProcess, *, timezone: str = ""
) -> AsyncIterator[Desk]:
    """Yield a desk in a fresh browser profile, at the sign-in page or before it.

    A test that fails inside leaves a picture of the page beside the hotline's log.
    """
    context = await browser.new_context(
        locale="zh-CN",
        viewport={"width": 1440, "height": 900},
        permissions=["microphone"],
        timezone_id=timezone or None,
    )
    await context.add_init_script(_PLAIN_SOUND)
    page = await context.new_page()
    try:
        yield Desk(page, hotline)
    except Exception:
        await page.screenshot(path=hotline.log.with_name(f"desk-{id(page)}.png"))
        raise
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


async def first_to_ring(*desks: Desk, within: float = 25) -> Desk:
    """Return the desk that rings, whichever of them it is."""

    async def ringing() -> Desk | None:
        for desk in desks:
            if await desk.part("call-panel").get_attribute("data-state") == "ringing":
                return desk
        return None

    desk: Desk = await until(ringing, within=within, what="a seat rings")
    return desk
