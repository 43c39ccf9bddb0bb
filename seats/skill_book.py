"""The skills of the operators in the database, and the queue members that follow them."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import structlog
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.security import Account, Principal, audit
from seats.effects import Penalties
from seats.errors import NotAnOperator
from seats.leases import leases
from seats.models import Agent
from seats.plan_changes import MAY_PLAN
from seats.room import SWITCH_FAILURES, SeatRoom
from seats.rule_models import AgentSkill
from seats.skills import Skill, Skills, penalties, stand_for
from telephony.errors import NotMember

log = structlog.get_logger(__name__)

ON_DUTY = frozenset({"ready", "ringing", "talking", "wrap_up"})
"""States of an agent for whom a caller may reasonably be kept a few seconds."""


@dataclass(frozen=True)
class AgentSkills:
    """One row of the matrix; `seat` and `stands_for` while the agent is signed in, '' otherwise."""

    account_id: int
    name: str
    work_number: str
    home_company: str
    skills: dict[Skill, int]
    seat: str = ""
    stands_for: Skill | None = None


async def matrix(session: AsyncSession) -> list[AgentSkills]:
    """Return every operator with what he knows and what his seat stands for now, by work number."""
    known = await _skills(session)
    staffed = {row.account_id: row for row in await leases(session)}
    stands = stand_for(await _staffed(session, known))
    people = await session.execute(
        select(Agent, Account.display_name)
        .join(Account, Account.id == Agent.account_id)
        .order_by(Agent.work_number)
    )
    rows = []
    for agent, name in people:
        lease = staffed.get(agent.account_id)
        rows.append(
            AgentSkills(
                account_id=agent.account_id,
                name=name,
                work_number=agent.work_number,
                home_company=agent.home_company,
                skills=dict(known.get(agent.account_id, {})),
                seat=lease.seat_number if lease else "",
                stands_for=stands.get(lease.endpoint) if lease else None,
            )
        )
    return rows


async def set_skills(
    room: SeatRoom, account_id: int, skills: Mapping[Skill, int], by: Principal
) -> None:
    """Set what an operator knows, from now on and for callers who wait already; audited. NotAnOperator."""
    by.require(*MAY_PLAN)
    async with room.database.unit_of_work() as uow:
        session = uow.session
        if await session.get(Agent, account_id) is None:
            raise NotAnOperator()
        before = dict((await _skills(session)).get(account_id, {}))
        await session.execute(delete(AgentSkill).where(AgentSkill.account_id == account_id))
        session.add_all(
            AgentSkill(account_id=account_id, skill=skill, level=level)
            for skill, level in skills.items()
        )
        audit(
            session, room.clock(), by.by, "agent.skills", f"account:{account_id}",
            old=before, new=dict(skills),
        )  # fmt: skip
    room.effects.request(Penalties())


async def penalties_now(session: AsyncSession) -> dict[str, int]:
    """Return the penalty that the member of every staffed seat should have."""
    return penalties(await _staffed(session, await _skills(session)))


async def on_duty(session: AsyncSession, skill: Skill) -> bool:
    """Tell whether a seat that stands for `skill` is staffed and not in a pause."""
    stands = stand_for(await _staffed(session, await _skills(session)))
    return any(
        stands.get(row.endpoint) == skill and row.state in ON_DUTY for row in await leases(session)
    )


async def align_penalties(room: SeatRoom) -> None:
    """Give the members the penalties that their agents' skills demand; what fails is left to the next comparison."""
    async with room.reading() as session:
        wanted = await penalties_now(session)
    try:
        for member in await room.switch.members():
            penalty = wanted.get(member.endpoint, member.penalty)
            if penalty == member.penalty:
                continue
            try:
                await room.switch.set_penalty(member.endpoint, penalty)
            except NotMember:
                continue
    except SWITCH_FAILURES as error:
        log.warning("penalties not aligned", error=repr(error))


async def _skills(session: AsyncSession) -> dict[int, Skills]:
    known: dict[int, dict[Skill, int]] = defaultdict(dict)
    for row in await session.scalars(select(AgentSkill)):
        known[row.account_id][row.skill] = row.level
    return dict(known)


async def _staffed(session: AsyncSession, known: Mapping[int, Skills]) -> dict[str, Skills]:
    return {row.endpoint: known.get(row.account_id, {}) for row in await leases(session)}
