"""What the IVR leaves behind for the dialplan and the ledger: the contract with extensions.d/ in one place."""

import structlog

from ivr.flow import NO_CHOICE, End, Position
from ivr.placement import LAST, Placement
from telephony.agi import AgiSession

log = structlog.get_logger(__name__)


class Handover:
    """The outgoing side of one call; `call_id` is the CALL_UUID that the dialplan set."""

    def __init__(self, session: AgiSession, call_id: str) -> None:
        self._session = session
        self._call_id = call_id
        self._told = ""

    async def menu(self, choice: str) -> None:
        """Say what was chosen, at once: who hangs up afterwards has still chosen it. Repeats are not sent.

        A caller who chose nothing is announced by the dialplan, when he enters the queue.
        """
        if choice in (self._told, NO_CHOICE):
            return
        self._told = choice
        await self._session.set_variable("__CALL_MENU", choice)
        await self._user_event("CallMenu", "Menu", choice)

    async def end(self, position: Position, end: End, place: Placement = LAST) -> None:
        """Set what the dialplan needs; IVR_NEXT comes last: with it the rest is complete."""
        log.info("IVR ended", ending=end.name, menu=position.menu, steps=position.steps)
        if end.name == "caller_gone":
            return
        session = self._session
        await self.menu(position.menu)
        if position.menu == NO_CHOICE:
            await session.set_variable("__CALL_MENU", NO_CHOICE)
        for name, value in position.collected.items():
            await session.set_variable(f"__IVR_{name}", value)
        if end.name == "emergency":
            await session.set_variable("__CALL_EMERGENCY", "1")
        if end.outcome:
            await self._user_event("CallOutcome", "Outcome", end.outcome)
        await session.set_variable("QUEUE_PRIO", str(max(end.priority, place.priority)))
        if place.position is not None:
            await session.set_variable("QUEUE_POSITION", str(place.position))
        if place.skill:
            await session.set_variable("QUEUE_SKILL", place.skill)
        if end.language:
            await session.set_variable("QUEUE_LANGUAGE", end.language)
        await session.set_variable("IVR_NEXT", end.name)

    async def _user_event(self, name: str, header: str, value: str) -> None:
        fields = f"{name},CallID: {self._call_id},{header}: {value}"
        await self._session.execute("UserEvent", fields)
