"""Telephones lent to shift leaders who are at no seat."""

from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from core.security import Principal
from seats.errors import SwitchUnavailable
from seats.floor.errors import NoManagerPhone
from seats.floor.models import ManagerPhone
from seats.leases import lock_plan
from seats.room import SWITCH_FAILURES, SeatRoom
from telephony.provision import manager_phone_name

TIME_TO_REGISTER = timedelta(seconds=30)


async def lend(room: SeatRoom, who: Principal) -> str:
    """Return the SIP name of the telephone lent to `who`, the same one every time.

    When all are lent, one whose holder's page is gone (no registration) changes hands. NoManagerPhone.
    """
    async with room.reading() as session:
        held = await session.scalar(
            select(ManagerPhone).where(ManagerPhone.account_id == who.account_id)
        )
    if held is not None:
        return held.endpoint
    try:
        registered = await room.switch.reachable_endpoints()
    except SWITCH_FAILURES as error:
        raise SwitchUnavailable() from error
    try:
        return await _take_free(room, who, registered)
    except IntegrityError:
        # Another process lent one to the same person at the same moment.
        return await lend(room, who)


async def give_back(room: SeatRoom, account_id: int) -> None:
    """The shift leader signs out."""
    async with room.database.unit_of_work() as uow:
        await uow.session.execute(delete(ManagerPhone).where(ManagerPhone.account_id == account_id))


async def _take_free(room: SeatRoom, who: Principal, registered: frozenset[str]) -> str:
    now, count = room.clock(), room.settings.manager_phones
    async with room.database.unit_of_work() as uow:
        await lock_plan(uow.session)
        lent = {row.endpoint: row for row in await uow.session.scalars(select(ManagerPhone))}
        for endpoint in map(manager_phone_name, range(1, count + 1)):
            row = lent.get(endpoint)
            if row is None:
                uow.session.add(
                    ManagerPhone(endpoint=endpoint, account_id=who.account_id, lent_at=now)
                )
                return endpoint
        for endpoint, row in sorted(lent.items()):
            if endpoint not in registered and row.lent_at < now - TIME_TO_REGISTER:
                row.account_id, row.lent_at = who.account_id, now
                return endpoint
    raise NoManagerPhone(count=count)
