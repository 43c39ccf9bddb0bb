"""Ticket numbers: the day, which a person can read, and digits that nobody can guess (X92)."""

import secrets
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import SHANGHAI
from tickets.models import Ticket


def draw_number(now: datetime) -> str:
    """Return a fresh number like 261122-48317752: only digits, so that it can be keyed on a telephone."""
    return f"{now.astimezone(SHANGHAI):%y%m%d}-{secrets.randbelow(10**8):08d}"


async def free_number(session: AsyncSession, now: datetime) -> str:
    """Return a number that no ticket has."""
    while True:
        number = draw_number(now)
        if await session.scalar(select(Ticket.id).where(Ticket.number == number)) is None:
            return number
