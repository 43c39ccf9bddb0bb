"""The demo data: invented, complete, the same each time, and quick."""

import re
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import event, func, select

from core.clock import FixedClock
from core.config import Settings
from core.db import Database
from core.events import LocalBus
from core.security import Account, authenticate, principal
from seats.models import Agent
from tickets.guards import Case
from tickets.identity import Keyring, Person
from tickets.knowledge.models import ArticleVersion
from tickets.lines import CallFacts
from tickets.models import Ticket, TicketToken
from tickets.register import Hotline, Unit
from tickets.search import Wanted
from tickets.service import TicketService
from tickets.states import TABLE, missing
from tickets.terms import State
from web.demo import DEMO_PASSWORD, demo_logins, seed_demo

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
INVENTED = re.compile(r"139000\d{5}|041729\d{5}")


class NoLines:
    """A hotline without a telephone."""

    async def call(self, call_id: str) -> CallFacts | None:
        return None

    async def live_caller(self, account_id: int) -> str:
        return ""


class Demo:
    def __init__(self, folder: Path, *, demo: bool = True, database_url: str = "") -> None:
        self.clock = FixedClock(NOW)
        self.settings = Settings(
            _env_file=None,
            demo=demo,
            data_dir=folder,
            secret_key=SecretStr("test-only-key"),
            database_url=database_url,
        )
        self.database = Database(self.settings.database, LocalBus())
        self.service = TicketService(
            self.database, clock=self.clock, settings=self.settings, lines=NoLines()
        )

    async def open(self) -> None:
        await self.database.create_all()
        await self.service.prepare()

    async def seed(self) -> bool:
        return await seed_demo(self.database, self.settings, self.clock)


@pytest.fixture
async def demo(tmp_path: Path) -> AsyncIterator[Demo]:
    demo = Demo(tmp_path)
    await demo.open()
    yield demo
    await demo.database.close()


async def test_seeding_is_quick_and_happens_once(demo: Demo) -> None:
    """The first start waits for it: bounded by what the database is asked, not by this machine's clock."""
    asked = 0

    def count(*_: object) -> None:
        nonlocal asked
        asked += 1

    event.listen(demo.database.engine.sync_engine, "before_cursor_execute", count)
    assert await demo.seed()
    event.remove(demo.database.engine.sync_engine, "before_cursor_execute", count)
    assert asked < 5_000
    assert not await demo.seed()
    async with demo.database.unit_of_work() as uow:
        session = uow.session
        assert await session.scalar(select(func.count()).select_from(Ticket)) == 300


async def test_outside_demo_mode_nothing_is_seeded(tmp_path: Path) -> None:
    demo = Demo(tmp_path, demo=False)
    await demo.open()
    assert not await demo.seed()
    async with demo.database.unit_of_work() as uow:
        session = uow.session
        assert await session.scalar(select(func.count()).select_from(Account)) == 0
    await demo.database.close()


async def test_fifteen_operators_of_three_companies_and_the_office_can_sign_in(demo: Demo) -> None:
    """B06: 15 = 3 x 5, the home company apart from all rights."""
    await demo.seed()
    async with demo.database.unit_of_work() as uow:
        session = uow.session
        companies = Counter(await session.scalars(select(Agent.home_company)))
        assert companies == {"市水务集团": 5, "市客运集团": 5, "市热电集团": 5}
        names = set(await session.scalars(select(Account.username)))
        assert {"op01", "shift01", "intake01", "coord01", "director01", "auditor01"} <= names
        assert await authenticate(session, "op15", DEMO_PASSWORD) is not None
    assert any(line.startswith("admin01") for line in demo_logins())


async def test_registers_are_filled(demo: Demo) -> None:
    """A03: at least 80 hotlines with owner; B10: units of the four kinds."""
    await demo.seed()
    async with demo.database.unit_of_work() as uow:
        session = uow.session
        hotlines = (await session.scalars(select(Hotline))).all()
        kinds = set(await session.scalars(select(Unit.kind)))
        articles = (await session.scalars(select(ArticleVersion))).all()
    assert len(hotlines) >= 80
    assert {"12345", "2881111", "8890"} <= {line.number for line in hotlines}
    assert all(line.owner_unit_id for line in hotlines)
    assert {line.mode_on(NOW.date()) for line in hotlines} == {"merged", "parallel", "closed"}
    assert kinds == {"county", "department", "affiliated", "enterprise"}
    assert len(articles) >= 30
    assert all(article.source_no and article.source_url for article in articles)


async def test_every_ticket_passed_the_guards_of_its_state(demo: Demo) -> None:
    await demo.seed()
    into = {
        State.ANSWERED: "answer",
        State.REFERRED: "refer",
        State.TO_DISPATCH: "accept",
        State.PENDING_INFO: "request_info",
        State.INVALID: "confirm_invalid",
    }
    rows = {row.trigger: row for row in TABLE}
    async with demo.database.unit_of_work() as uow:
        session = uow.session
        tickets = (await session.scalars(select(Ticket))).all()
    assert {ticket.state for ticket in tickets} == {*into, State.DRAFT}
    for ticket in tickets:
        if ticket.state in into:
            case = Case(
                form=ticket.form(),
                actor=0,
                caller_heard=True,
                invalid_proposed_by=ticket.invalid_proposed_by_id,
            )
            assert missing(rows[into[ticket.state]], case) == ()
        assert NOW - timedelta(days=29) < ticket.opened_at <= ticket.updated_at <= NOW
        assert bool(ticket.number) == bool(ticket.accepted_at)


async def test_the_chain_is_whole_and_goes_on(demo: Demo) -> None:
    """X93."""
    await demo.seed()
    assert await demo.service.verify_chain() is None
    async with demo.database.unit_of_work() as uow:
        session = uow.session
        operator = await session.scalar(select(Account).where(Account.username == "op01"))
    assert operator is not None
    await demo.service.open_draft(principal(operator))
    assert await demo.service.verify_chain() is None


async def test_the_tickets_can_be_searched_and_callers_are_known(demo: Demo) -> None:
    await demo.seed()
    async with demo.database.unit_of_work() as uow:
        session = uow.session
        clerk = await session.scalar(select(Account).where(Account.username == "intake01"))
        frequent = select(func.max(Ticket.person_id)).group_by(Ticket.source_hash)
        person = await session.get_one(
            Person, await session.scalar(frequent.order_by(func.count().desc()).limit(1))
        )
        number = Keyring(demo.settings).of(person).source_number
    assert clerk is not None
    found = await demo.service.page(principal(clerk), Wanted(), office=True, query="供暖")
    assert found.tickets
    summary = await demo.service.caller_summary(number, dnid="2960009", menu="consultation")
    assert summary.known_name
    assert summary.last_tickets
    assert summary.hotline_name == "供热服务热线"
    assert summary.knowledge


async def test_all_numbers_and_addresses_are_invented(demo: Demo) -> None:
    await demo.seed()
    async with demo.database.unit_of_work() as uow:
        session = uow.session
        people = Keyring(demo.settings)
        known = [people.of(person) for person in await session.scalars(select(Person))]
        for one in known:
            assert INVENTED.fullmatch(one.source_number)
            assert one.source_number == one.contact_phone == one.raw
        assert all(
            url.startswith("https://example.invalid/")
            for url in await session.scalars(select(ArticleVersion.source_url))
        )


async def test_the_same_clock_gives_the_same_data(demo: Demo, tmp_path: Path) -> None:
    other = Demo(tmp_path / "other")
    (tmp_path / "other").mkdir()
    await other.open()
    heads = []
    for each in (demo, other):
        await each.seed()
        async with each.database.reading() as session:
            tickets = (await session.execute(select(Ticket.number, Ticket.title))).all()
            tokens = await session.scalar(select(func.count()).select_from(TicketToken))
        heads.append((tickets, tokens))
    assert heads[0] == heads[1]
    await other.database.close()


@pytest.mark.postgresql
async def test_on_postgresql_too_new_tickets_get_numbers_behind_the_demo(
    tmp_path: Path, postgresql_url: str
) -> None:
    """Its sequences know nothing of rows that brought their numbers along."""
    demo = Demo(tmp_path, database_url=postgresql_url)
    await demo.open()
    assert await demo.seed()
    call = CallFacts(call_id="c" * 36, caller="13900000001", dnid="12345", started_at=NOW)
    opened = await demo.service.open_for_call(call, 1)
    async with demo.database.reading() as session:
        assert opened == await session.scalar(select(func.max(Ticket.id))) == 301
    assert await demo.service.verify_chain() is None
    await demo.database.close()
