"""The calendar in the database: proposal, second person, what is in force (5.3, X19-X21, X58), on both databases."""

from collections.abc import AsyncIterator
from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from support.calendar_files import ADMIN, AT, KONG, LEADER, ZHANG, year_file

from core.calendar import WorkCalendar, shipped_calendar
from core.calendar_book import all_versions, diff_of, load_calendar, open_book
from core.calendar_changes import (
    CalendarChanged,
    LocalOrder,
    Proposal,
    approve,
    propose_order,
    propose_paper,
    reject,
)
from core.calendar_errors import (
    OlderVersion,
    OrderRefused,
    ProposalDecided,
    ProposalOpen,
    SamePerson,
    SameVersion,
)
from core.calendar_file import read_paper
from core.calendar_live import LiveCalendar
from core.calendar_models import CalendarVersion, VersionState
from core.calendar_paper import DayKind
from core.clock import SHANGHAI
from core.db import Database
from core.errors import Forbidden, NotFound, Unprocessable
from core.events import LocalBus
from core.security import AuditRow, Principal

NEW_YEAR_MAKEUP = date(2026, 12, 27)
SNOW = LocalOrder("营政办〔2026〕8号", "暴雪停工", date(2026, 11, 26), date(2026, 11, 28), off=True)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    url = f"sqlite+aiosqlite:///{tmp_path}/calendar.db"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgresql_url")
    database = Database(url, LocalBus())
    await database.create_all()
    yield database
    await database.close()


async def propose(database: Database, who: Principal = ZHANG, **how: object) -> Proposal:
    async with database.unit_of_work() as uow:
        return await propose_paper(uow, read_paper("y.yaml", year_file(**how)), who, AT)  # type: ignore[arg-type]


async def order(database: Database, wanted: LocalOrder, who: Principal = ZHANG) -> Proposal:
    async with database.unit_of_work() as uow:
        return await propose_order(uow, wanted, who, AT)


async def agree(database: Database, made: Proposal, who: Principal = KONG) -> None:
    assert made.version is not None
    async with database.unit_of_work() as uow:
        await approve(uow, made.version.id, who, AT)


async def in_force(database: Database) -> WorkCalendar:
    async with database.reading() as session:
        return await load_calendar(session)


async def states(database: Database) -> list[VersionState]:
    async with database.reading() as session:
        return [version.state for version in await all_versions(session)][::-1]


async def test_without_any_version_the_shipped_years_are_in_force(database: Database) -> None:
    assert (await in_force(database)).version == shipped_calendar().version


async def test_a_year_is_in_force_only_after_a_second_person_approved_it(
    database: Database,
) -> None:
    """X58, D-33: until then it stays provisional."""
    made = await propose(database)
    assert made.outcome == "new"
    assert (await in_force(database)).provisional(date(2027, 6, 1))
    with pytest.raises(SamePerson):
        await agree(database, made, ZHANG)
    await agree(database, made)
    calendar = await in_force(database)
    assert not calendar.provisional(date(2027, 6, 1))
    assert calendar.kind(date(2027, 2, 5)) is DayKind.HOLIDAY
    assert calendar.kind(NEW_YEAR_MAKEUP) is DayKind.MAKEUP
    due = calendar.due(datetime(2026, 12, 18, 12, tzinfo=SHANGHAI), 10)
    assert (due.last_day, due.provisional) == (date(2026, 12, 31), False)


@pytest.mark.parametrize("who", [LEADER, ADMIN])
async def test_only_the_office_may_propose_and_decide(database: Database, who: Principal) -> None:
    made = await propose(database)
    with pytest.raises(Forbidden):
        await propose(database, who, year=2028)
    with pytest.raises(Forbidden):
        await agree(database, made, who)
    with pytest.raises(Forbidden):
        await order(database, SNOW, who)


async def test_proposal_and_decision_are_audited_with_the_content(database: Database) -> None:
    made = await propose(database)
    await agree(database, made)
    async with database.reading() as session:
        rows = (await session.scalars(select(AuditRow).order_by(AuditRow.id))).all()
        found = [(row.action, row.by, row.target, row.details["digest"]) for row in rows]
    version = made.version
    assert version is not None
    assert found == [
        (action, who.by, f"calendar_version:{version.id}", version.digest)
        for action, who in (("calendar_proposed", ZHANG), ("calendar_approved", KONG))
    ]


async def test_the_same_file_twice_is_one_proposal_and_once_approved_nothing_at_all(
    database: Database,
) -> None:
    """X20."""
    first, again = await propose(database), await propose(database, KONG)
    assert first.version is not None
    assert again.version is not None
    assert (again.outcome, again.version.id) == ("open", first.version.id)
    await agree(database, first)
    assert (await propose(database)).outcome == "in_force"
    assert await states(database) == [VersionState.APPROVED]


async def test_an_older_version_and_one_of_the_same_number_are_refused(database: Database) -> None:
    """X20: also against the years that are shipped."""
    await agree(database, await propose(database, revision=2))
    with pytest.raises(OlderVersion):
        await propose(database, published="2026-11-19")
    with pytest.raises(OlderVersion):
        await propose(database, revision=1)
    with pytest.raises(SameVersion) as refused:
        await propose(database, revision=2, without="2027-10-07")
    assert refused.value.details == {"year": 2027, "next": 3}
    with pytest.raises(OlderVersion):
        await propose(database, year=2026, published="2025-11-03")
    assert await states(database) == [VersionState.APPROVED]


async def test_a_later_version_takes_the_place_of_the_earlier(database: Database) -> None:
    await agree(database, await propose(database))
    later = await propose(database, revision=2, without="2026-12-27")
    assert (await in_force(database)).is_workday(NEW_YEAR_MAKEUP)
    await agree(database, later)
    assert not (await in_force(database)).is_workday(NEW_YEAR_MAKEUP)
    assert await states(database) == [VersionState.SUPERSEDED, VersionState.APPROVED]


async def test_of_a_year_one_proposal_waits_at_a_time(database: Database) -> None:
    made = await propose(database)
    with pytest.raises(ProposalOpen):
        await propose(database, KONG, without="2027-10-07")
    assert (await propose(database, year=2028, published="2027-11-01")).outcome == "new"
    async with database.unit_of_work() as uow:
        assert made.version is not None
        await reject(uow, made.version.id, "漏了一天", ZHANG, AT)  # withdrawn by himself
    assert (await propose(database, KONG)).outcome == "new"


async def test_a_proposal_is_decided_once(database: Database) -> None:
    made = await propose(database)
    assert made.version is not None
    await agree(database, made)
    with pytest.raises(ProposalDecided):
        await agree(database, made)
    async with database.unit_of_work() as uow:
        with pytest.raises(ProposalDecided):
            await reject(uow, made.version.id, "太晚", KONG, AT)
        with pytest.raises(Unprocessable):
            await reject(uow, made.version.id, "  ", KONG, AT)
        with pytest.raises(NotFound):
            await reject(uow, 999, "没有", KONG, AT)


async def test_a_newer_version_by_another_way_makes_a_waiting_one_too_old(
    database: Database,
) -> None:
    """A program update may ship what waits for approval here."""
    made = await propose(database, published="2026-11-20")
    assert made.version is not None
    async with database.unit_of_work() as uow:
        version = await uow.session.get_one(CalendarVersion, made.version.id)
        version.year = 2026
        version.published = date(2025, 11, 3)
    with pytest.raises(OlderVersion):
        await agree(database, made)


async def test_the_diff_names_each_day_that_becomes_another_kind(database: Database) -> None:
    made = await propose(database)
    assert made.version is not None
    async with database.reading() as session:
        diff = diff_of(await open_book(session), made.version)
    assert diff.was_provisional
    by_day = {change.day: change for change in diff.changes}
    assert by_day[NEW_YEAR_MAKEUP][1:] == (DayKind.REST, "", DayKind.MAKEUP, "元旦")
    assert by_day[date(2027, 2, 5)][1:] == (DayKind.WORK, "", DayKind.HOLIDAY, "春节")
    assert date(2027, 1, 1) not in by_day  # it was one before, by law
    assert len(by_day) == 18 - 1 + 3  # off-days but one, and the make-up days


async def test_everybody_hears_which_days_changed_after_the_commit(database: Database) -> None:
    heard: list[CalendarChanged] = []
    live = LiveCalendar(database)

    async def listen(event: CalendarChanged) -> None:
        heard.append(event)

    database.bus.watch(CalendarChanged, listen)
    database.bus.watch(CalendarChanged, live.on_changed)
    assert live.is_workday(date(2026, 11, 27))
    await agree(database, await order(database, SNOW))
    snow = (date(2026, 11, 26), date(2026, 11, 27), date(2026, 11, 28))
    assert [(event.days, event.confirmed) for event in heard] == [(snow, ())]
    assert not live.is_workday(date(2026, 11, 27))
    assert CalendarChanged.from_json(heard[0].to_json()) == heard[0]
    await agree(database, await propose(database))
    assert (len(heard[1].days), heard[1].confirmed) == (20, (2027,))


async def test_a_local_order_needs_two_people_and_is_lifted_by_another_order(
    database: Database,
) -> None:
    """5.3: own layer, with document number; the later order wins."""
    made = await order(database, SNOW)
    assert (await order(database, SNOW, KONG)).outcome == "open"
    with pytest.raises(SamePerson):
        await agree(database, made, ZHANG)
    await agree(database, made)
    calendar = await in_force(database)
    assert (calendar.name(date(2026, 11, 27)), calendar.document(date(2026, 11, 27))) == (
        "暴雪停工",
        "营政办〔2026〕8号",
    )
    lifted = LocalOrder(
        "营政办〔2026〕9号", "恢复上班", date(2026, 11, 27), date(2026, 11, 28), off=False
    )
    await agree(database, await order(database, lifted))
    calendar = await in_force(database)
    kinds = [calendar.kind(date(2026, 11, day)) for day in (26, 27, 28)]
    assert kinds == [DayKind.HOLIDAY, DayKind.WORK, DayKind.MAKEUP]


@pytest.mark.parametrize(
    "wanted",
    [
        LocalOrder("1号", "倒着", date(2026, 11, 26), date(2026, 11, 25), off=True),
        LocalOrder("1号", "太长", date(2026, 11, 1), date(2026, 12, 2), off=True),
        LocalOrder(" ", "没有文号", date(2026, 11, 26), date(2026, 11, 26), off=True),
        LocalOrder("1号", " ", date(2026, 11, 26), date(2026, 11, 26), off=True),
    ],
)
async def test_an_order_that_makes_no_sense_is_refused(
    database: Database, wanted: LocalOrder
) -> None:
    with pytest.raises(OrderRefused):
        await order(database, wanted)
    assert await states(database) == []


async def test_an_order_that_is_in_force_already_is_refused(database: Database) -> None:
    await agree(database, await order(database, SNOW))
    with pytest.raises(OrderRefused):
        await order(database, SNOW)
