"""Takes a caller through a flow: does what `flow.advance` says, and tells the dialplan where to go on."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

import structlog

from core.clock import Clock, utc_now
from ivr import flow as walk
from ivr.flow import Step
from ivr.handover import Handover
from ivr.hours import IsOpen
from ivr.nodes import Flow
from ivr.patience import Patience
from ivr.placement import LAST, Arrival, Place, Placement
from ivr.progress import TicketProgress, spoken
from ivr.surge import Banner
from telephony.agi import ALL_KEYS, AgiSession
from telephony.agi_wire import AgiHangup, AgiRefused

log = structlog.get_logger(__name__)

INFORM_KEY, EMERGENCY_KEY = "1", "9"
OFFER_SECONDS = 3.0

TicketQuestion = Callable[[str, str], Awaitable[TicketProgress | None]]
NodeScript = Callable[[AgiSession], Awaitable[None]]


@dataclass(frozen=True, kw_only=True)
class Questions:
    """What the IVR may ask the rooms above, and how long it waits; a question without a function is not asked.

    `place` is asked last, when a caller is on his way to the queue; without an answer he joins at its end.
    `ticket_status(number, code)` gives None for a wrong number and for a wrong code alike. `flow_for(dnid)`
    is asked once per call: a changed flow takes effect on the next one. A question that fails or takes too
    long is answered in the caller's favour: not blocked, open, a person.
    """

    flow_for: Callable[[str], Flow]
    ticket_status: TicketQuestion | None = None
    is_open: IsOpen | None = None
    is_blocked: Callable[[str], Awaitable[bool]] | None = None
    place: Place | None = None
    banner: Callable[[], Awaitable[Banner | None]] | None = None
    inform: Callable[[int, str, str], Awaitable[None]] | None = None
    scripts: Mapping[str, NodeScript] = field(default_factory=dict)
    clock: Clock = utc_now
    within_seconds: float = 3.0


class Runner:
    """The handler of the AGI server: one `call` per caller; keeps nothing between calls.

    Prompts are looked for under `folder` in Asterisk's sounds. Before it returns, IVR_NEXT is set to
    `queue`, `emergency` or `hangup`; without it the dialplan takes its own way to a person.
    """

    def __init__(self, questions: Questions, *, folder: str = "hotline") -> None:
        self._ask = questions
        self._folder = folder
        self._patience = Patience(questions.within_seconds)

    async def call(self, session: AgiSession) -> None:
        """Run the flow for one caller, to its end or until the caller goes."""
        call_id = await session.get_variable("CALL_UUID")
        with structlog.contextvars.bound_contextvars(call_id=call_id):
            flow = self._ask.flow_for(session.headers.get("dnid", ""))
            if self._ask.ticket_status is None:
                flow = walk.without_lookups(flow)
            blocked = bool(flow.blocked) and await self._is_blocked(session.caller)
            await session.answer()
            await self._walk(session, call_id, flow, walk.begin(flow, blocked=blocked))

    async def _walk(self, session: AgiSession, call_id: str, flow: Flow, step: Step) -> None:
        handover = Handover(session, call_id)
        told = False
        while True:
            if not told and walk.is_before_person(flow, step):
                told = True
                step = await self._before_person(session, call_id, step)
            if isinstance(step.action, walk.End):
                break
            try:
                await handover.menu(step.position.menu)
                came = await self._do(session, step.action)
            except AgiHangup:
                came = walk.Gone()
            step = walk.advance(flow, step.position, came)
        place = await self._place(session, call_id, step.position, step.action)
        await handover.end(step.position, step.action, place)

    async def _place(
        self, session: AgiSession, call_id: str, position: walk.Position, end: walk.End
    ) -> Placement:
        """Find the caller's place, tell him, and look again: the line has moved while he listened."""
        if end.name not in ("queue", "emergency"):
            return LAST
        arrival = Arrival(
            call_id=call_id,
            caller=session.caller,
            dnid=session.headers.get("dnid", ""),
            menu=position.menu,
            emergency=end.name == "emergency",
        )
        place = await self._asked_place(arrival)
        if not place.prompts:
            return place
        await self._say(session, place.prompts)
        return await self._asked_place(arrival)

    async def _asked_place(self, arrival: Arrival) -> Placement:
        place = self._ask.place
        if place is None:
            return LAST
        return await self._patience.ask("place in the line unknown", lambda: place(arrival), LAST)

    async def _before_person(self, session: AgiSession, call_id: str, step: Step) -> Step:
        """Say the surge banner, if there is one; whatever fails, the caller goes on."""
        banner = await self._banner()
        if banner is None:
            return step
        try:
            key = await self._say(session, (banner.prompt,))
            offers = banner.offers_inform and session.caller and self._ask.inform is not None
            if offers and not key:
                key = await self._press(session, ("surge_offer",), OFFER_SECONDS)
            if key == EMERGENCY_KEY:
                return walk.to_emergency(step.position)
            if offers and key == INFORM_KEY and await self._inform(banner, call_id, session.caller):
                await self._say(session, ("surge_noted", "goodbye"))
                return walk.to_callback(step.position)
        except AgiHangup:
            return walk.gone(step.position)
        return step

    async def _banner(self) -> Banner | None:
        if self._ask.banner is None:
            return None
        return await self._patience.ask("surge banner unknown", self._ask.banner, None)

    async def _inform(self, banner: Banner, call_id: str, caller: str) -> bool:
        """Tell whether it is noted; who is not on the list must not be sent away."""
        inform = self._ask.inform
        if inform is None:
            return False

        async def noted() -> bool:
            await inform(banner.surge_id, call_id, caller)
            return True

        return await self._patience.ask("caller could not be noted", noted, False)

    async def _do(self, session: AgiSession, action: walk.Action) -> walk.Input:
        """Do one action and return what came of it; a caller who hangs up raises AgiHangup."""
        match action:
            case walk.Say(prompts=prompts):
                return walk.Heard(await self._say(session, prompts))
            case walk.AskKey(prompts=prompts, seconds=seconds):
                return walk.Pressed(await self._press(session, prompts, seconds))
            case walk.AskDigits():
                return walk.Typed(await self._collect(session, action))
            case walk.LookAtHours():
                return self._hours()
            case walk.LookUpTicket(number=number, code=code):
                return await self._ticket(number, code)
            case walk.RunScript(script=script):
                return await self._script(session, script)
            case walk.End():
                return walk.Failed()

    async def _say(self, session: AgiSession, prompts: tuple[str, ...]) -> str:
        """Play what can be played: a missing prompt is passed over, it must not cost the call."""
        for prompt in self._files(prompts):
            try:
                if key := await session.stream_file(prompt, ALL_KEYS):
                    return key
            except AgiRefused:
                log.error("prompt cannot be played", prompt=prompt)
        return ""

    async def _press(self, session: AgiSession, prompts: tuple[str, ...], seconds: float) -> str:
        try:
            return await session.press(self._files(prompts), seconds)
        except AgiRefused:
            log.error("prompt cannot be played", prompts=prompts)
            return await session.wait_for_digit(seconds)

    async def _collect(self, session: AgiSession, ask: walk.AskDigits) -> str:
        try:
            silence = self._files(("silence",))[0]
            return await session.collect(
                self._files(ask.prompts), ask.digits, ask.seconds, silence=silence
            )
        except AgiRefused:
            log.error("prompt cannot be played", prompts=ask.prompts)
            return ""

    def _files(self, prompts: tuple[str, ...]) -> list[str]:
        return [f"{self._folder}/{prompt}" for prompt in prompts]

    def _hours(self) -> walk.Input:
        if self._ask.is_open is None:
            return walk.Failed()
        try:
            return walk.OpenNow(self._ask.is_open(self._ask.clock()))
        except Exception:
            log.exception("opening hours unknown")
            return walk.Failed()

    async def _ticket(self, number: str, code: str) -> walk.Input:
        ticket_status = self._ask.ticket_status
        if ticket_status is None:
            return walk.Failed()

        async def told() -> walk.Input:
            progress = await ticket_status(number, code)
            return walk.Told(None if progress is None else spoken(progress))

        return await self._patience.ask("ticket progress unknown", told, walk.Failed())

    async def _is_blocked(self, caller: str) -> bool:
        is_blocked = self._ask.is_blocked
        if is_blocked is None or not caller:
            return False
        return await self._patience.ask("blacklist unknown", lambda: is_blocked(caller), False)

    async def _script(self, session: AgiSession, name: str) -> walk.Input:
        try:
            await self._ask.scripts[name](session)
        except AgiHangup:
            raise
        except Exception:
            log.exception("script failed", script=name)
            return walk.Ran(well=False)
        return walk.Ran(well=True)
