"""A caller's place in the line: what queue rules, ledger, elderly list and hotline register say of him."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import Clock
from core.db import Database
from core.errors import HotlineError
from ivr import speak
from ivr.placement import LAST, Arrival, Placement
from seats.elderly import is_elderly
from seats.expected_wait import anybody_free, expected_minutes
from seats.queue_rules import QueueRules
from seats.rule_book import RuleBook
from seats.rule_timeline import Kind, holds_no_seat
from seats.service import SeatService
from seats.skills import SOUGHT
from telephony.calls import Call
from telephony.comeback import is_owed_a_call, kept_since, place_among
from telephony.numbers import normalise
from telephony.queries import call_lines
from telephony.switch import Switch, Waiting
from tickets.register import Hotline

MOST_CALLS = 20


@dataclass(frozen=True)
class _Caller:
    """What is known of the caller: why he goes before others, and since when he waits ('' and None for most)."""

    kind: Kind = "ordinary"
    since: datetime | None = None


class Placing:
    """Answers `ivr.runner` when a flow ends at a person; remembers who of those in the line came back."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        rules: RuleBook,
        seats: SeatService,
        switch: Switch,
        live: Mapping[str, Call],
    ) -> None:
        self._database, self._clock = database, clock
        self._rules, self._seats = rules, seats
        self._switch, self._live = switch, live
        self._kept: dict[str, datetime] = {}

    async def __call__(self, arrival: Arrival) -> Placement:
        """Return where the caller goes; raises what database or switch raise, which costs him nothing but this."""
        if arrival.emergency:
            return LAST
        now = self._clock()
        rules = (await self._rules.in_force()).rules
        line = await self._line(now)
        async with self._database.reading() as session:
            caller = await self._caller(session, normalise(arrival.caller), rules, now)
            place = await self._place(session, arrival, caller, rules, line)
            ahead = _ahead(place, line)
            told = await self._told(session, rules, ahead, now)
        if caller.since is not None:
            self._kept[arrival.call_id] = caller.since
        return replace(place, prompts=told)

    async def _line(self, now: datetime) -> list[tuple[int, datetime]]:
        """Return priority and beginning of everybody who waits, in Asterisk's order; [] while it cannot be asked."""
        try:
            entries = await self._switch.queue_entries()
        except (HotlineError, TimeoutError, OSError):
            return []
        self._kept = {id_: since for id_, since in self._kept.items() if id_ in self._live}
        by_leg = {leg: call.id for call in self._live.values() for leg in call.legs}
        return [(entry.priority, self._since(entry, by_leg, now)) for entry in entries]

    def _since(self, entry: Waiting, by_leg: Mapping[str, str], now: datetime) -> datetime:
        call_id = by_leg.get(entry.uniqueid, "")
        call = self._live.get(call_id)
        joined = call.queued_at if call else None
        return self._kept.get(call_id) or joined or now - timedelta(seconds=entry.waited_seconds)

    async def _caller(
        self, session: AsyncSession, number: str, rules: QueueRules, now: datetime
    ) -> _Caller:
        """Return the strongest reason to serve him before others: the list, a place of his own, a call we owe."""
        if not number:
            return _Caller()
        if rules.elderly_priority and await is_elderly(session, number):
            return _Caller("elderly")
        calls = await call_lines(session, caller=number, limit=MOST_CALLS)
        within = timedelta(minutes=rules.redial_minutes)
        if rules.redial_minutes and (since := kept_since(calls, now, within)):
            return _Caller("redial", since)
        if rules.promised_priority and is_owed_a_call(calls, now):
            return _Caller("promised")
        return _Caller()

    async def _place(
        self,
        session: AsyncSession,
        arrival: Arrival,
        caller: _Caller,
        rules: QueueRules,
        line: list[tuple[int, datetime]],
    ) -> Placement:
        if caller.kind == "elderly":
            return Placement(priority=rules.elderly_priority)
        if caller.kind == "promised":
            return Placement(priority=rules.promised_priority)
        position = place_among(line, caller.since) if caller.since else None
        free_choice = holds_no_seat(rules, caller.kind)
        skill = "" if free_choice else await self._skill(session, arrival, rules)
        return Placement(position=position, skill=skill)

    async def _skill(self, session: AsyncSession, arrival: Arrival, rules: QueueRules) -> str:
        """Return the skill of the menu choice or the dialled hotline, '' unless somebody who has it works now."""
        call = self._live.get(arrival.call_id)
        hotline = await session.get(Hotline, call.dnid if call else arrival.dnid)
        wanted = rules.menu_skills.get(arrival.menu) or (hotline.skill if hotline else "")
        skill = next((skill for skill in SOUGHT if skill == wanted), None)
        return skill if skill and await self._seats.on_duty(skill) else ""

    async def _told(
        self, session: AsyncSession, rules: QueueRules, ahead: int, now: datetime
    ) -> tuple[str, ...]:
        """Return what he hears of his place: nothing where a seat can ring at once."""
        if not ahead and await anybody_free(session):
            return ()
        told = speak.queue_position(ahead + 1) if rules.tell_position else ()
        minutes = await expected_minutes(session, ahead, now) if rules.tell_wait else None
        if minutes is not None:
            told += ("queue_wait_before", *speak.count(minutes, "unit_minute"))
        return told


def _ahead(place: Placement, line: list[tuple[int, datetime]]) -> int:
    if place.position is not None:
        return min(place.position - 1, len(line))
    if place.priority:
        return sum(priority >= place.priority for priority, _ in line)
    return len(line)
