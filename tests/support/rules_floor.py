"""A floor whose queue rules a shift leader changes: short waits, a line in Asterisk's own order, a duty mobile."""

import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from support.aftermath import ledger
from support.floor import Floor
from support.ground import Ground, floor_on, running_ground
from support.hotline import Operator, signed_in, until
from support.phones import SeatPhone
from support.ports import free_ports
from telephony.models import CallRow

DUTY_MOBILE = "13900000999"
HEATING_LINE = "2960009"
"""A merged hotline of the demo's register: its callers ask for the skill heating."""
_CALLER = re.compile(r"\d+\. (PJSIP/trunk-[0-9a-f]+) ")

QUICK: dict[str, Any] = {
    "widening": [
        {"after_seconds": 0, "least_level": 1},
        {"after_seconds": 4, "least_level": 0},
    ]
}


class RulesFloor(Floor):
    """A floor with its shift leader signed in."""

    def __init__(self, ground: Ground, leader: Operator) -> None:
        super().__init__(ground.asterisk, ground.hotline)
        self.leader = leader

    async def rules(self) -> dict[str, Any]:
        answer: dict[str, Any] = await self.leader.get("/api/queue-rules")
        return answer

    async def put_rules(self, **changes: Any) -> httpx.Response:
        """Apply the rules in force with `changes`."""
        now = await self.rules()
        body = {
            "rules": {**now["rules"], **changes},
            "reason": "试验",
            "based_on": now["version"],
        }
        return await self.leader.client.put("/api/queue-rules", json=body)

    async def with_rules(self, **changes: Any) -> None:
        """Apply what is shipped but for `changes`; it must be taken over."""
        now = await self.rules()
        body = {"reason": "试验", "based_on": now["version"], "rules": {**changes}}
        answer = await self.leader.client.put("/api/queue-rules", json=body)
        assert answer.status_code == 200, answer.text

    async def line(self) -> list[str]:
        """Return the numbers of those who wait, in Asterisk's own order."""
        queue = await self.asterisk.console(f"queue show {self.settings.queue}")
        numbers = {row[0]: row[7] for row in await self._channels()}
        return [numbers[name] for name in _CALLER.findall(queue.partition("Callers:")[2])]

    async def until_line(self, *numbers: str, within: float = 20) -> None:
        """Wait until exactly these callers wait, in this order."""
        seen: list[str] = []

        async def so() -> bool:
            seen[:] = await self.line()
            return seen == list(numbers)

        try:
            await until(so, within=within, what="the line")
        except AssertionError:
            raise AssertionError(f"the line is {seen}, not {list(numbers)}") from None

    async def until_outcome(self, number: str) -> CallRow:
        """Wait until the last call of this caller is over; return it with its offers."""

        async def over() -> CallRow | None:
            row = await self.last_call(number)
            return row if row and row.outcome else None

        row: CallRow = await until(over, what=f"an outcome for {number}")
        return row

    async def until_talking(self, number: str) -> None:
        """Wait until the ledger says that this caller talks with a seat."""

        async def talks() -> bool:
            row = await self.last_call(number)
            return row is not None and row.phase == "talking"

        await until(talks, what=f"{number} talks")

    async def until_doing(self, number: str, application: str) -> None:
        """Wait until the dialplan does this with the caller."""

        async def so() -> bool:
            return any(row[5] == application and row[7] == number for row in await self._channels())

        await until(so, what=f"{number} in {application}")

    async def _channels(self) -> list[list[str]]:
        shown = await self.asterisk.console("core show channels concise")
        return [row for line in shown.splitlines() if len(row := line.split("!")) > 7]

    async def last_call(self, number: str) -> CallRow | None:
        query = (
            select(CallRow)
            .where(CallRow.caller == number)
            .order_by(CallRow.started_at.desc())
            .options(selectinload(CallRow.offers))
            .limit(1)
        )
        async with ledger(self) as database, database.reading() as session:
            row = await session.scalar(query)
            session.expunge_all()
            return row

    async def duty_mobile(self, *, answers: bool) -> SeatPhone:
        """Bring the duty mobile beyond the trunk."""
        s = self.settings
        phone = SeatPhone(
            DUTY_MOBILE,
            server=(s.sip_host, s.sip_port),
            local_host=s.trunk_host,
            local_port=s.trunk_port,
        )
        phone.manner = "answer" if answers else "reject"
        return await self._stack.enter_async_context(phone)


@asynccontextmanager
async def rules_floor_on(ground: Ground, tmp_path: Path) -> AsyncIterator[RulesFloor]:
    """Yield a floor; afterwards the ledger must be whole and nobody left, as on every other."""
    async with (
        signed_in(ground.hotline, "shift01") as leader,
        floor_on(ground, tmp_path, RulesFloor(ground, leader)) as floor,
    ):
        assert isinstance(floor, RulesFloor)
        yield floor


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def rules_ground(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ground]:
    (trunk_port,) = free_ports(1, socket.SOCK_DGRAM)
    async with running_ground(
        tmp_path_factory.mktemp("rules"),
        wrap_up_seconds=1,
        trunk_port=trunk_port,
        duty_mobiles=[DUTY_MOBILE],
        numbers=["12345", HEATING_LINE],
    ) as ground:
        yield ground


@pytest_asyncio.fixture(loop_scope="session")
async def rules_floor(rules_ground: Ground, tmp_path: Path) -> AsyncIterator[RulesFloor]:
    async with rules_floor_on(rules_ground, tmp_path) as floor:
        yield floor
