"""A ticket room over a fresh database, with the people who work in it and a telephone that tests play."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from pydantic import SecretStr

from core.clock import FixedClock
from core.config import Settings
from core.db import Database
from core.events import Event, LocalBus
from core.security import Account, Principal, Role, principal
from tickets import schemas
from tickets.lines import CallFacts
from tickets.service import TicketService
from tickets.transitions import Command

START = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # Monday 10:00 in Yingkou
CALLER = "13900000001"

COMPLETE = {
    "caller_name": "张测试",
    "anonymous": False,
    "confidential": False,
    "public_ok": True,
    "appeal_type": "complaint",
    "handling_class": "appeal",
    "category": "11101",
    "title": "幸福小区停水",
    "content": "今天早上六点开始全楼停水,物业说不知道原因。",
    "area": "210802",
    "address": "幸福小区3号楼",
    "occurred_at": "今天 6:00",
    "complained_party": "幸福小区物业",
    "purpose": "尽快恢复供水",
    "urgency": "normal",
}
"""A form that may be dispatched."""

ENQUIRY = {
    "appeal_type": "enquiry",
    "handling_class": "enquiry",
    "category": "30502",
    "title": "水费缴纳时间",
    "kb_source": "营水〔2026〕1号",
    "answer_text": "每月 1 至 15 日缴费。",
}
"""A form that may be answered on the spot."""


@dataclass
class FakeLines:
    """Calls as the switch would tell them."""

    calls: dict[str, CallFacts] = field(default_factory=dict)
    live: dict[int, str] = field(default_factory=dict)

    async def call(self, call_id: str) -> CallFacts | None:
        return self.calls.get(call_id)

    async def live_caller(self, account_id: int) -> str:
        return self.live.get(account_id, "")


@dataclass
class People:
    wang: Principal
    zhao: Principal
    leader: Principal  # takes calls as well
    chief: Principal
    intake: Principal
    auditor: Principal
    admin: Principal
    unit: Principal


class World:
    def __init__(self, folder: Path, url: str) -> None:
        self.clock = FixedClock(START)
        self.settings = Settings(
            _env_file=None, demo=False, data_dir=folder, secret_key=SecretStr("test-only-key")
        )
        bus = LocalBus()
        self.published: list[Event] = []
        bus.watch(Event, self._note)
        self.database = Database(url, bus)
        self.lines = FakeLines()
        self.service = TicketService(
            self.database, clock=self.clock, settings=self.settings, lines=self.lines
        )
        self._keys = count(1)
        self.people: People

    async def open(self, *, migrated: bool = False) -> None:
        await (self.database.migrate() if migrated else self.database.create_all())
        await self.service.prepare()
        self.people = People(
            wang=await self._person("王一", Role.OPERATOR),
            zhao=await self._person("赵二", Role.OPERATOR),
            leader=await self._person("钱班长", Role.SHIFT_LEADER, Role.OPERATOR),
            chief=await self._person("郑值班", Role.SHIFT_LEADER),
            intake=await self._person("孙受理", Role.INTAKE),
            auditor=await self._person("李审计", Role.AUDITOR),
            admin=await self._person("周管理", Role.ADMIN),
            unit=await self._person("吴经办", Role.UNIT_HANDLER),
        )

    async def close(self) -> None:
        await self.database.close()

    def ring(
        self, who: Principal, caller: str = CALLER, call_id: str = "c1", menu: str = ""
    ) -> str:
        """A call that was offered to `who` and is at his seat now; returns the call id."""
        self.lines.calls[call_id] = CallFacts(
            call_id=call_id,
            caller=caller,
            started_at=self.clock(),
            dnid="12345",
            menu=menu,
            agents=frozenset({who.account_id}),
        )
        self.lines.live[who.account_id] = caller
        return call_id

    def hang_up(self, who: Principal) -> None:
        self.lines.live.pop(who.account_id, None)

    async def draft(
        self, who: Principal, fields: dict[str, object] | None = None, call_id: str | None = None
    ) -> schemas.Ticket:
        """A draft of `who`, filled in, without a call unless one is named."""
        ticket = await self.service.open_draft(who, call_id=call_id)
        if not fields:
            return ticket
        return await self.service.patch(who, ticket.id, ticket.version, fields)

    async def accepted(self, who: Principal, **changes: object) -> schemas.Ticket:
        ticket = await self.draft(who, {**COMPLETE, **changes})
        return await self.move(who, ticket, "accept")

    async def move(
        self, who: Principal, ticket: schemas.Ticket, trigger: str, **command: object
    ) -> schemas.Ticket:
        """Send a command with a key of its own unless one is given."""
        filled = {"idempotency_key": f"k{next(self._keys)}", "version": ticket.version, **command}
        return await self.service.transition(who, ticket.id, Command(trigger=trigger, **filled))

    async def _note(self, event: Event) -> None:
        self.published.append(event)

    async def _person(self, name: str, *roles: Role) -> Principal:
        async with self.database.unit_of_work() as uow:
            account = Account(
                username=name,
                display_name=name,
                password_hash="-",
                roles=[role.value for role in roles],
                created_at=self.clock(),
            )
            uow.session.add(account)
            await uow.session.flush()
            return principal(account)
