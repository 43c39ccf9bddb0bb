"""The operators on the books: work number and home company (B06)."""

from sqlalchemy.ext.asyncio import AsyncSession

from core.security import Account
from seats.models import Agent, HomeCompany


async def register_agent(
    session: AsyncSession, account: Account, work_number: str, company: HomeCompany
) -> Agent:
    """Enter the account as an operator, or correct the entry.

    The company employs the person and stays employer (B06); the entry gives no role and no unit rights.
    """
    agent = await session.get(Agent, account.id)
    if agent is None:
        agent = Agent(account_id=account.id)
        session.add(agent)
    agent.work_number, agent.home_company = work_number, company.value
    await session.flush()
    return agent


async def agent_of(session: AsyncSession, account_id: int) -> Agent | None:
    """Return the operator's entry, None for somebody who is not on the books."""
    return await session.get(Agent, account_id)
