"""What a person sees and wishes of his own roster."""

from datetime import date, timedelta

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import SHANGHAI
from core.errors import Unprocessable
from core.security import Principal
from seats.roster.board import absence_views, day_views
from seats.roster.models import RosterWish
from seats.roster.months import RULES, Month, people, published_cells, rules_in_force, version_of
from seats.roster.room import RosterRoom
from seats.roster.rules import Rules
from seats.roster.swaps import swaps_for
from seats.roster.views import ColleagueView, MyRoster, WishView

WEEKS = 5
WISH_AHEAD = timedelta(days=92)


async def my_roster(room: RosterRoom, who: Principal) -> MyRoster:
    """Return this week and the four that follow, Monday to Sunday, as far as they are published."""
    today = room.clock().astimezone(SHANGHAI).date()
    first = today - timedelta(days=today.weekday())
    last = first + timedelta(days=7 * WEEKS - 1)
    async with room.database.reading() as session:
        calendar = await room.calendar_for(session)
        months = sorted({str(Month.of(first)), str(Month.of(last)), str(Month.of(today))})
        versions = [await version_of(session, Month.read(month), "published") for month in months]
        wishes = await session.scalars(
            select(RosterWish)
            .where(RosterWish.account_id == who.account_id, RosterWish.day >= today)
            .order_by(RosterWish.day)
        )
        return MyRoster(
            person=who.account_id,
            today=today,
            first=first,
            last=last,
            days=day_views(
                calendar, [first + timedelta(days=n) for n in range((last - first).days + 1)]
            ),
            shifts=(await _rules(session, today)).shifts,
            cells=await published_cells(session, first, last),
            colleagues=[
                ColleagueView(person.id, person.name)
                for person in await people(session)
                if person.id != who.account_id
            ],
            absences=await absence_views(session, today, date.max, who.account_id),
            swaps=await swaps_for(session, who),
            wishes=[WishView(row.day, row.shift, row.avoid) for row in wishes],
            published=[
                month
                for month, version in zip(months, versions, strict=True)
                if version is not None
            ],
        )


async def set_wish(room: RosterRoom, who: Principal, wish: WishView) -> None:
    """Prefer or avoid a shift ("" for any) on a day to come, in the place of an earlier wish for it."""
    today = room.clock().astimezone(SHANGHAI).date()
    if not today < wish.day <= today + WISH_AHEAD:
        raise Unprocessable(missing="三个月内的日期 (a day within three months)")
    async with room.database.unit_of_work() as uow:
        await _forget(uow.session, who, wish.day)
        if wish.shift and wish.shift not in (await rules_in_force(uow.session)).by_code:
            raise Unprocessable(missing="班次 (shift)")
        uow.session.add(
            RosterWish(account_id=who.account_id, day=wish.day, shift=wish.shift, avoid=wish.avoid)
        )


async def drop_wish(room: RosterRoom, who: Principal, day: date) -> None:
    async with room.database.unit_of_work() as uow:
        await _forget(uow.session, who, day)


async def _forget(session: AsyncSession, who: Principal, day: date) -> None:
    await session.execute(
        delete(RosterWish).where(RosterWish.account_id == who.account_id, RosterWish.day == day)
    )


async def _rules(session: AsyncSession, today: date) -> Rules:
    version = await version_of(session, Month.of(today), "published")
    return RULES.validate_python(version.rules) if version else await rules_in_force(session)
