"""A floor of the call centre for tests of faults: agents at seats, citizens who call, what Asterisk says of both."""

import asyncio
import re
from contextlib import AsyncExitStack
from dataclasses import dataclass

from core.config import Settings
from support.hotline import HotlineProcess, Operator, signed_in, until
from support.live_screen import Screen, live
from support.phones import Manner, SeatPhone, citizen, seat_phone
from telephony.own_asterisk import OwnAsterisk
from telephony.sip_call import SipCall
from telephony.sip_media import tone
from telephony.sip_phone import SipPhone

_MEMBER = re.compile(r"PJSIP/(\w+) (.*)")


@dataclass(frozen=True)
class AtSeat:
    """One agent: over HTTP, with the desk phone of the seat and the live connection."""

    operator: Operator
    phone: SeatPhone
    screen: Screen

    @property
    def talks(self) -> bool:
        """The phone of the seat has an answered call."""
        return any(call.answered.is_set() for call in self.phone.calls.values())


class Floor:
    """The parts of one test; people and phones leave when the floor closes."""

    def __init__(self, asterisk: OwnAsterisk, hotline: HotlineProcess) -> None:
        self.asterisk, self.hotline = asterisk, hotline
        self.calls: list[SipCall] = []
        self.agents: list[AtSeat] = []
        self._stack = AsyncExitStack()
        self._log_begins = hotline.log.stat().st_size

    @property
    def settings(self) -> Settings:
        return self.hotline.settings

    async def close(self) -> None:
        await self._stack.aclose()

    def log(self) -> str:
        """Return what the hotline has logged since this floor was opened."""
        return self.hotline.log.read_bytes()[self._log_begins :].decode()

    async def seated(
        self, username: str, seat: str, manner: Manner = "answer", *, hertz: float = 0
    ) -> AtSeat:
        """Bring an agent to a seat, with a phone and a screen, not ready."""
        enter = self._stack.enter_async_context
        phone = await enter(seat_phone(self.asterisk, f"seat{seat}", manner, hertz=hertz))
        operator = await enter(signed_in(self.hotline, username))
        taken = await operator.take_seat(seat)
        assert taken.status_code == 200, taken.text
        self._stack.push_async_callback(leave, operator)
        agent = AtSeat(operator, phone, await enter(live(operator)))
        self.agents.append(agent)
        return agent

    async def ready(
        self, username: str, seat: str, manner: Manner = "answer", *, hertz: float = 0
    ) -> AtSeat:
        """Bring an agent to a seat, ready for calls."""
        agent = await self.seated(username, seat, manner, hertz=hertz)
        await agent.operator.ready()
        return agent

    async def screen(self, operator: Operator) -> Screen:
        """Open another live connection of somebody, as a reload does."""
        return await self._stack.enter_async_context(live(operator))

    async def watching(self, username: str) -> Screen:
        """Open the live connection of somebody who has no seat."""
        operator = await self._stack.enter_async_context(signed_in(self.hotline, username))
        return await self._stack.enter_async_context(live(operator))

    def heartbeat(self, agent: AtSeat) -> "asyncio.Task[None]":
        """Let the agent's page say that it lives, until the returned task is cancelled."""

        async def beat() -> None:
            while True:
                await agent.screen.ping()
                await asyncio.sleep(0.5)

        task = asyncio.create_task(beat())
        self._stack.callback(task.cancel)
        return task

    async def past_the_grace(self, seconds: float) -> None:
        """Wait until a lease that was lost before now would have been judged."""
        limit = asyncio.get_running_loop().time() + seconds + 1.5

        async def judged() -> bool:
            return asyncio.get_running_loop().time() > limit

        await until(judged, within=seconds + 5, what="the grace over")

    async def caller(self, number: str, name: str = "") -> SipPhone:
        """Bring a citizen's phone."""
        return await self._stack.enter_async_context(citizen(self.asterisk, number, name))

    async def dialled(
        self, number: str, *, keys: str = "0", hertz: float = 0, to: str = "12345"
    ) -> SipCall:
        """Let a citizen dial and press `keys` as soon as somebody answers."""
        call = await (await self.caller(number)).dial(to)
        self.calls.append(call)
        if hertz:
            call.media.playing = tone(hertz)
        await call.until_answered(20)
        if keys:
            await call.press(keys)
        return call

    async def until_talk(self, within: float = 40) -> AtSeat:
        """Wait until some seat talks, and return it."""

        async def somebody() -> AtSeat | None:
            return next((agent for agent in self.agents if agent.talks), None)

        agent: AtSeat = await until(somebody, within=within, what="a seat that talks")
        return agent

    async def hang_up_all(self) -> None:
        """Let every citizen who dialled hang up."""
        await asyncio.gather(*(call.hang_up() for call in self.calls))

    async def drop_lines(self) -> None:
        """End every call at the phones without a word: the switch that carried them is gone."""
        phones = [agent.phone for agent in self.agents]
        for call in [*self.calls, *(call for phone in phones for call in phone.calls.values())]:
            await call.over(0, "the switch is gone")
        for phone in phones:
            phone.calls.clear()

    async def members(self) -> dict[str, str]:
        """Return what Asterisk's own console says of each queue member."""
        text = await self.asterisk.console(f"queue show {self.settings.queue}")
        return dict(_MEMBER.findall(text.partition("Callers:")[0].partition("No Callers")[0]))

    async def waiting(self) -> int:
        """Return how many callers wait, as Asterisk's own console says."""
        text = await self.asterisk.console(f"queue show {self.settings.queue}")
        return text.partition("Callers:")[2].count("PJSIP/")

    async def until_waiting(self, count: int, within: float = 20) -> None:
        async def enough() -> bool:
            return await self.waiting() == count

        await until(enough, within=within, what=f"{count} callers wait in Asterisk")


async def leave(operator: Operator) -> None:
    """Sign out, and so give the seat back."""
    response = await operator.client.delete("/api/session")
    assert response.status_code in (204, 401), response.text
