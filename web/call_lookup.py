"""Questions about calls that the upper rooms ask, answered from the live table and the ledger."""

from collections.abc import Mapping

from core.db import Database
from core.errors import NotFound
from telephony import queries
from telephony.calls import Call
from telephony.numbers import normalise, place
from tickets.lines import CallFacts
from tickets.schemas import TicketLine as TicketRow
from tickets.service import TicketService
from web.call_book import agents_of, caller_lines
from web.caller_lore import Lore
from web.live_hub import Hub
from web.live_state import KeyMatter, Knowledge, TicketLine


class CallLookup:
    """Implements `tickets.lines.Lines`; `live` is the bridge's table, which is ahead of the ledger."""

    def __init__(self, database: Database, live: Mapping[str, Call], hub: Hub) -> None:
        self._database = database
        self._live = live
        self._hub = hub

    async def call(self, call_id: str) -> CallFacts | None:
        """Return what a ticket needs of a call, None for an unknown id."""
        async with self._database.reading(brief=True) as session:
            agents = await agents_of(session, call_id) | self._agents_now(call_id)
            live = self._live.get(call_id)
            if live is not None:
                return _facts(live, agents)
            try:
                row = await queries.call(session, call_id)
            except NotFound:
                return None
        return CallFacts(
            call_id=row.id,
            caller=row.caller,
            started_at=row.started_at,
            dnid=row.dnid,
            menu=row.menu,
            recording=bool(row.recording),
            agents=agents,
        )

    async def live_caller(self, account_id: int) -> str:
        """Return the number that rings or talks at the agent's seat now, '' for none."""
        call = self._hub.desk(account_id).call
        return call.caller if call and call.state != "ended" else ""

    def _agents_now(self, call_id: str) -> frozenset[int]:
        return frozenset(
            account_id
            for account_id, desk in self._hub.desks.items()
            if desk.call and desk.call.call_id == call_id
        )


async def caller_lore(
    database: Database, tickets: TicketService, caller: str, dnid: str, menu: str
) -> Lore:
    """Return everything that the screen-pop shows of a caller beyond the call itself."""
    summary = await tickets.caller_summary(caller, dnid=dnid, menu=menu)
    async with database.reading(brief=True) as session:
        calls = await caller_lines(session, normalise(caller))
    return Lore(
        place=place(normalise(caller)),
        hotline_name=summary.hotline_name,
        known_name=summary.known_name,
        repeat=summary.repeat,
        last_calls=calls,
        open_tickets=[ticket_line(row) for row in summary.open_tickets],
        key_matters=[
            KeyMatter(title=each.title, ticket_id=each.ticket_id) for each in summary.key_matters
        ],
        knowledge=[Knowledge(id=each.id, title=each.title) for each in summary.knowledge],
    )


def ticket_line(row: TicketRow) -> TicketLine:
    return TicketLine(
        id=row.id,
        number=row.number,
        state=row.state,
        state_name=row.state_name,
        title=row.title,
        category_name=row.category_name,
        opened_at=row.opened_at,
    )


def _facts(call: Call, agents: frozenset[int]) -> CallFacts:
    return CallFacts(
        call_id=call.id,
        caller=call.caller,
        started_at=call.started_at,
        dnid=call.dnid,
        menu=call.menu,
        recording=bool(call.recording),
        agents=agents,
    )
