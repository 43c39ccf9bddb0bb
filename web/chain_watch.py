"""Once a day the ticket event chain is compared with yesterday's head, and its new head goes into a file."""

import asyncio
from pathlib import Path

import structlog

from core.clock import SHANGHAI, Clock
from core.security import Role
from tickets.chain_heads import append_head, read_heads
from tickets.service import TicketService
from web.live_hub import Hub
from web.live_state import Notice

log = structlog.get_logger(__name__)


class ChainWatch:
    """Writes `file`; alarms the shift leaders at a broken chain, and writes no head then."""

    def __init__(self, tickets: TicketService, hub: Hub, clock: Clock, file: Path) -> None:
        self._tickets, self._hub, self._clock = tickets, hub, clock
        self._file = file
        self._alarmed = 0

    async def daily(self) -> None:
        """Do today's part unless it is done; to be called again and again."""
        today = self._clock().astimezone(SHANGHAI).date()
        heads = await asyncio.to_thread(read_heads, self._file)
        if heads and heads[-1].day >= today:
            return None
        bad = await self._tickets.verify_chain(since=heads[-1]) if heads else None
        if bad is not None:
            return self._alarm(bad)
        head = await self._tickets.chain_head()
        await asyncio.to_thread(append_head, self._file, head)
        log.info("head of the event chain exported", position=head.position)
        return None

    def _alarm(self, position: int) -> None:
        if position == self._alarmed:
            return
        self._alarmed = position
        log.error("the event chain is broken", position=position)
        notice = Notice(
            level="alarm",
            code="CHAIN_BROKEN",
            zh=f"工单事件链自第 {position} 条起与记录不符，请立即通知系统管理员",
            en=f"The ticket event chain is broken from event {position} on: tell the administrator",
        )
        self._hub.notify(notice, frozenset({Role.SHIFT_LEADER}))
