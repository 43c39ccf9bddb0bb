"""What happens because two rooms meet: a draft for an answered call, who I am, leaving seat and session together."""

from contextlib import suppress

from core.security import Principal
from seats.errors import NotAtASeat, SwitchUnavailable
from seats.floor.events import MonitorUpdated
from seats.schemas import SessionOut
from telephony.events import CallAnswered, RecordingStarted
from web.models import CallAgent
from web.wiring import Hotline


class Meetings:
    """The acts that need more than one room of `hotline`."""

    def __init__(self, hotline: Hotline) -> None:
        self._hotline = hotline

    async def open_draft(self, event: CallAnswered) -> None:
        """The agent who answered gets a draft ticket with the call's facts in it."""
        hotline = self._hotline
        account_id = hotline.hub.account_at(event.endpoint)
        facts = await hotline.lines.call(event.call_id)
        if account_id is not None and facts is not None:
            await hotline.tickets.open_for_call(facts, account_id)

    async def note_recording(self, event: RecordingStarted) -> None:
        """Note on the draft that there is a recording; a draft that is opened later sees for itself."""
        call = self._hotline.calls.get(event.call_id)
        if call is None or call.segments:
            await self._hotline.tickets.recording_started(event.call_id)

    async def note_take_over(self, event: MonitorUpdated) -> None:
        """Who took a call over from a telephone that is no seat has talked in it, and may see it."""
        if event.mode != "take_over" or event.ended_at is not None:
            return
        row = CallAgent(
            call_id=event.call_id,
            account_id=event.account_id,
            seat=event.phone.removeprefix("seat"),
            at=event.at,
        )
        async with self._hotline.database.unit_of_work() as uow:
            await uow.session.merge(row)

    async def describe(self, who: Principal) -> dict[str, object]:
        """Return `Me`: the person, his roles and the seat that he holds."""
        held = await self._hotline.seats.session_of(who.account_id)
        return {
            "account_id": who.account_id,
            "username": who.username,
            "display_name": who.display_name,
            "roles": sorted(role.value for role in who.roles),
            "seat": SessionOut.model_validate(held) if held else None,
            "demo": self._hotline.settings.demo,
        }

    async def sign_out(self, who: Principal, token: str) -> None:
        """Leave the seat with the session; CallInProgress while the seat rings or talks."""
        # Without the switch the seat's lease lapses by itself once the browser is gone.
        with suppress(NotAtASeat, SwitchUnavailable):
            await self._hotline.seats.sign_out(who)
        await self._hotline.floor.give_phone_back(who.account_id)
        self._hotline.hub.signed_out(who.account_id, token)
