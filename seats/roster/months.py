"""A month in the database: finding its versions, reading them as a Roster, changing cells, undoing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta

from pydantic import TypeAdapter
from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from core.calendar import WorkCalendar
from core.security import Account, Principal
from seats.models import Agent
from seats.roster.errors import BadMonth, NoRoster, NothingToUndo, RosterChanged
from seats.roster.models import (
    RULES_ID,
    RosterAbsence,
    RosterCell,
    RosterEdit,
    RosterRules,
    RosterVersion,
    VersionState,
)
from seats.roster.rules import Absence, Assignment, Person, Roster, Rules

RULES: TypeAdapter[Rules] = TypeAdapter(Rules)
AROUND = timedelta(days=14)
"""How far the neighbouring months are looked into: as far as a rule reaches."""


@dataclass(frozen=True)
class Cell:
    """What a version says of a person on a day; without shift and note it says nothing."""

    person: int
    day: date
    shift: str = ""
    fixed: bool = False
    note: str = ""

    @property
    def empty(self) -> bool:
        return not (self.shift or self.note or self.fixed)


@dataclass(frozen=True)
class Month:
    """A calendar month, written 2026-11."""

    first: date

    @property
    def last(self) -> date:
        return (self.first + timedelta(days=31)).replace(day=1) - timedelta(days=1)

    def __str__(self) -> str:
        return f"{self.first:%Y-%m}"

    def next(self, steps: int = 1) -> "Month":
        count = self.first.year * 12 + self.first.month - 1 + steps
        return Month(date(count // 12, count % 12 + 1, 1))

    @staticmethod
    def of(day: date) -> "Month":
        return Month(day.replace(day=1))

    @staticmethod
    def read(text: str) -> "Month":
        """Raises BadMonth for anything but yyyy-mm from 2016 to 2099."""
        try:
            month = Month(date.fromisoformat(f"{text}-01"))
        except ValueError:
            raise BadMonth(month=text[:16]) from None
        if str(month) != text or not 2016 <= month.first.year <= 2099:
            raise BadMonth(month=text[:16])
        return month


async def rules_in_force(session: AsyncSession) -> Rules:
    """Return the rules for new versions; the defaults until somebody has changed them."""
    row = await session.get(RosterRules, RULES_ID)
    return Rules() if row is None else RULES.validate_python(row.rules)


async def version_of(
    session: AsyncSession, month: Month, state: VersionState, *, lock: bool = False
) -> RosterVersion | None:
    query = select(RosterVersion).where(
        RosterVersion.month == str(month), RosterVersion.state == state
    )
    return await session.scalar(query.with_for_update() if lock else query)


async def draft_of(
    session: AsyncSession, month: Month, who: Principal, now: datetime
) -> RosterVersion:
    """Return the draft of the month, locked; a new one begins as a copy of what is published."""
    draft = await version_of(session, month, "draft", lock=True)
    if draft is not None:
        return draft
    number = await session.scalar(
        select(func.max(RosterVersion.number)).where(RosterVersion.month == str(month))
    )
    draft = RosterVersion(
        month=str(month),
        number=(number or 0) + 1,
        rules=RULES.dump_python(await rules_in_force(session), mode="json"),
        created_at=now,
        created_by=who.by,
    )
    session.add(draft)
    try:
        await session.flush()
    except IntegrityError as error:  # somebody else began one at the same moment
        raise RosterChanged() from error
    published = await version_of(session, month, "published")
    if published is not None:
        put_cells(session, draft, await cells_of(session, published))
    return draft


async def cells_of(session: AsyncSession, version: RosterVersion) -> list[Cell]:
    rows = await session.scalars(
        select(RosterCell)
        .where(RosterCell.version_id == version.id)
        .order_by(RosterCell.day, RosterCell.account_id)
    )
    return [Cell(row.account_id, row.day, row.shift, row.fixed, row.note) for row in rows]


def put_cells(session: AsyncSession, version: RosterVersion, cells: Iterable[Cell]) -> None:
    session.add_all(
        RosterCell(
            version_id=version.id,
            account_id=cell.person,
            day=cell.day,
            shift=cell.shift,
            fixed=cell.fixed,
            note=cell.note,
        )
        for cell in cells
    )


async def change(
    session: AsyncSession,
    version: RosterVersion,
    wanted: Sequence[Cell],
    *,
    what: str,
    by: str,
    now: datetime,
) -> int:
    """Put `wanted` in the place of the same person's and day's cells, remember what was; return how many differ."""
    before = {(cell.person, cell.day): cell for cell in await cells_of(session, version)}
    changes = []
    for cell in wanted:
        old = before.get((cell.person, cell.day), Cell(cell.person, cell.day))
        if old != cell:
            changes.append({"old": _plain(old), "new": _plain(cell)})
    if changes:
        await _apply(session, version, [_cell(each["new"]) for each in changes])
        session.add(RosterEdit(version_id=version.id, at=now, by=by, what=what, changes=changes))
    return len(changes)


async def undo(session: AsyncSession, version: RosterVersion) -> RosterEdit:
    """Take back the last step that is not undone yet; NothingToUndo without one."""
    edit = await last_edit(session, version)
    if edit is None:
        raise NothingToUndo()
    await _apply(session, version, [_cell(each["old"]) for each in edit.changes])
    edit.undone = True
    return edit


async def last_edit(session: AsyncSession, version: RosterVersion) -> RosterEdit | None:
    return await session.scalar(
        select(RosterEdit)
        .where(RosterEdit.version_id == version.id, RosterEdit.undone.is_(False))
        .order_by(RosterEdit.id.desc())
        .limit(1)
    )


def check_revision(version: RosterVersion | None, revision: int | None) -> None:
    """Raise RosterChanged if the screen that asks did not show the newest; None for no draft yet."""
    if (version.revision if version else None) != revision:
        raise RosterChanged()


async def roster_of(
    session: AsyncSession, month: Month, version: RosterVersion | None, calendar: WorkCalendar
) -> Roster:
    """Return the month as a Roster: this version's cells, and around it what is published."""
    rules = (
        RULES.validate_python(version.rules)
        if version is not None
        else await rules_in_force(session)
    )
    own = await cells_of(session, version) if version is not None else []
    around = await published_cells(session, month.first - AROUND, month.last + AROUND)
    cells = [*own, *(cell for cell in around if Month.of(cell.day) != month)]
    used = {cell.person for cell in own}
    return Roster(
        first=month.first,
        last=month.last,
        kinds={
            day: calendar.kind(day)
            for number in range((month.last - month.first).days + 1)
            for day in [month.first + timedelta(days=number)]
        },
        people=tuple(await people(session, also=used)),
        rules=rules,
        assignments=frozenset(
            Assignment(cell.person, cell.day, cell.shift) for cell in cells if cell.shift
        ),
        absences=tuple(await absences(session, month.first, month.last)),
    )


async def published_cells(session: AsyncSession, first: date, last: date) -> list[Cell]:
    """Return what is published for the days from `first` to `last`."""
    rows = await session.scalars(
        select(RosterCell)
        .join(RosterVersion, RosterVersion.id == RosterCell.version_id)
        .where(RosterVersion.state == "published", RosterCell.day.between(first, last))
        .order_by(RosterCell.day, RosterCell.account_id)
    )
    return [Cell(row.account_id, row.day, row.shift, row.fixed, row.note) for row in rows]


async def people(session: AsyncSession, also: Iterable[int] = ()) -> list[Person]:
    """Return the operators on the books, by work number; disabled accounts only if they are in `also`."""
    rows = await session.execute(
        select(Agent, Account.display_name)
        .join(Account, Account.id == Agent.account_id)
        .where(Account.disabled.is_(False) | Account.id.in_(list(also)))
        .order_by(Agent.work_number)
    )
    return [
        Person(
            row.Agent.account_id, row.display_name, row.Agent.home_company, row.Agent.work_number
        )
        for row in rows
    ]


async def absences(session: AsyncSession, first: date, last: date) -> list[Absence]:
    """Return approved leave and training that touches the days from `first` to `last`."""
    rows = await session.scalars(
        select(RosterAbsence)
        .where(
            RosterAbsence.state == "approved",
            RosterAbsence.first <= last,
            RosterAbsence.last >= first,
        )
        .order_by(RosterAbsence.id)
    )
    return [Absence(row.account_id, row.first, row.last, row.kind) for row in rows]


async def existing_draft(session: AsyncSession, month: Month) -> RosterVersion:
    """Return the draft, locked; NoRoster if there is none."""
    draft = await version_of(session, month, "draft", lock=True)
    if draft is None:
        raise NoRoster(month=str(month))
    return draft


async def _apply(session: AsyncSession, version: RosterVersion, cells: Sequence[Cell]) -> None:
    """Replace cells, and raise the revision: one who read the version before comes too late."""
    for cell in cells:
        await session.execute(
            delete(RosterCell).where(
                RosterCell.version_id == version.id,
                RosterCell.account_id == cell.person,
                RosterCell.day == cell.day,
            )
        )
    put_cells(session, version, [cell for cell in cells if not cell.empty])
    version.revision += 1
    await session.flush()


def _plain(cell: Cell) -> dict[str, object]:
    return {**asdict(cell), "day": cell.day.isoformat()}


def _cell(plain: Mapping[str, object]) -> Cell:
    return CELL.validate_python(plain)


CELL: TypeAdapter[Cell] = TypeAdapter(Cell)
