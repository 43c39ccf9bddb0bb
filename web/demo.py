"""Invented people, registers and history, so that a fresh installation in demo mode has something to show."""

from datetime import date
from pathlib import Path
from typing import Any

import structlog
import yaml
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.calendar import shipped_calendar
from core.clock import Clock
from core.config import Settings
from core.db import Database
from core.security import Account, Role, hash_password
from seats.models import Agent, HomeCompany
from seats.roster.demo import publish_rotation
from seats.rule_models import AgentSkill
from seats.skills import Skill
from tickets.keys import keys_of
from tickets.knowledge.publish import Content, publish_new
from tickets.register import Hotline, Unit, new_unit
from web.demo_calls import seed_calls
from web.demo_history import seed_history

log = structlog.get_logger(__name__)

DEMO_PASSWORD = "Demo-12345"
DATA = Path(__file__).parent / "demo_data"
FIRST = "op01"
COMPANY_SKILL: dict[str, Skill] = {
    HomeCompany.WATER: "water",
    HomeCompany.TRANSPORT: "transport",
    HomeCompany.HEATING: "heating",
}


async def seed_demo(database: Database, settings: Settings, clock: Clock) -> bool:
    """Fill a prepared database and return True; False outside demo mode or when it is filled already.

    Wants migrated tables and `TicketService.prepare`. The same clock gives the same data.
    """
    if not settings.demo:
        return False
    async with database.unit_of_work() as uow:
        session = uow.session
        if await session.scalar(select(Account.id).where(Account.username == FIRST)) is not None:
            return False
        operators, leader = await _people(session, clock)
        await publish_rotation(session, shipped_calendar(), clock)
        await _registers(session, clock)
        tickets = await seed_history(
            session, keys_of(settings), read("matters"), operators, leader, clock()
        )
        calls = await seed_calls(session, operators, clock())
    log.info("demo data", tickets=tickets, calls=calls)
    return True


def demo_logins() -> list[str]:
    """Return one line a login: user name, password and what the person is."""
    people = read("people")
    operators = [row[0] for row in people["operators"]]
    lines = [f"{operators[0]} … {operators[-1]} / {DEMO_PASSWORD}  话务员 operators"]
    for username, name, _roles in people["staff"]:
        lines.append(f"{username} / {DEMO_PASSWORD}  {name}")
    return lines


def read(name: str) -> Any:
    """Return a data file of the demo."""
    return yaml.safe_load((DATA / f"{name}.yaml").read_text(encoding="utf-8"))


async def _people(session: AsyncSession, clock: Clock) -> tuple[list[int], int]:
    """Add the accounts; return the ids of the operators and of the shift leader."""
    people = read("people")
    # One hash for all: argon2 is slow on purpose, and the password is printed anyway.
    password, now = hash_password(DEMO_PASSWORD), clock()

    def account(username: str, name: str, roles: list[str]) -> Account:
        return Account(
            username=username,
            display_name=name,
            password_hash=password,
            roles=[Role(role).value for role in roles],
            created_at=now,
        )

    operators = [account(row[0], row[1], [Role.OPERATOR]) for row in people["operators"]]
    staff = [account(*row) for row in people["staff"]]
    session.add_all([*operators, *staff])
    await session.flush()
    for number, (operator, row) in enumerate(zip(operators, people["operators"], strict=True), 1):
        session.add(
            Agent(account_id=operator.id, work_number=f"{1000 + number}", home_company=row[2])
        )
    await session.flush()
    for operator, row in zip(operators, people["operators"], strict=True):
        session.add(AgentSkill(account_id=operator.id, skill=COMPANY_SKILL[row[2]], level=2))
    await session.flush()
    leader = next(one for one in staff if Role.SHIFT_LEADER in one.roles)
    return [operator.id for operator in operators], leader.id


async def _registers(session: AsyncSession, clock: Clock) -> None:
    session.add_all(new_unit(name, kind) for kind, names in read("units").items() for name in names)
    await session.flush()
    units = {row.name: row.id for row in await session.execute(select(Unit.name, Unit.id))}
    await session.execute(insert(Hotline), [_hotline(row, units) for row in read("hotlines")])
    for title, unit, category, source_no, text in read("articles"):
        content = Content(
            title=title,
            text=text,
            source_no=source_no,
            source_url=f"https://example.invalid/kb/{source_no}",
        )
        await publish_new(session, units[unit], category, content, clock())


def _hotline(row: list[Any], units: dict[str, int]) -> dict[str, str | int | date | None]:
    number, name, owner, mode, merged_on, closed_on, skill = row
    return {
        "number": number,
        "name": name,
        "owner_unit_id": units[owner],
        "mode": mode,
        "merged_on": merged_on or None,
        "closed_on": closed_on or None,
        "greeting": f"您好，这里是{name},已并入12345政府服务热线。",
        "skill": skill,
    }
