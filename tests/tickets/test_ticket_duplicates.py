"""Duplicates suggested for a draft (D03, spec 5.9): the score, where candidates come from, what people decide."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, select
from ticket_world import COMPLETE, World

from core.errors import Forbidden
from core.security import Principal
from tickets import schemas
from tickets.duplicates import THRESHOLD, Features, decide, jaccard, likeness
from tickets.errors import TicketNotFound
from tickets.links import TicketLink
from tickets.terms import Channel, State

pairs = st.frozensets(st.sampled_from(["停水", "供水", "水管", "学府", "府路", "小区"]))
feature_sets = st.builds(
    Features,
    callers=st.frozensets(st.sampled_from(["a", "b", "c"]), max_size=2),
    category=st.sampled_from([None, "11101", "11401"]),
    address=pairs,
    text=pairs,
)
STREET = {"street": "学府路", "community": "幸福小区", "category": "11101"}


@given(feature_sets, feature_sets)
def test_likeness_is_symmetric_and_between_nothing_and_one(one: Features, other: Features) -> None:
    assert likeness(one, other) == likeness(other, one)
    assert 0 <= likeness(one, other).score <= 1


@given(feature_sets, feature_sets)
def test_the_score_is_the_published_formula(one: Features, other: Features) -> None:
    alike = likeness(one, other)
    expected = (
        0.4 * bool(one.callers & other.callers)
        + 0.2 * (one.category is not None and one.category == other.category)
        + 0.2 * jaccard(one.address, other.address)
        + 0.2 * jaccard(one.text, other.text)
    )
    assert math.isclose(alike.score, expected, abs_tol=1e-6)


@given(feature_sets)
def test_a_matter_is_wholly_like_itself_in_what_is_known_of_it(one: Features) -> None:
    known = 0.4 * bool(one.callers) + 0.2 * (one.category is not None)
    known += 0.2 * bool(one.address) + 0.2 * bool(one.text)
    assert math.isclose(likeness(one, one).score, known, abs_tol=1e-6)


@given(feature_sets, feature_sets)
def test_without_a_known_caller_only_the_same_matter_at_the_same_place_is_shown(
    one: Features, other: Features
) -> None:
    """Why candidates can be read from indexes: nothing else can reach the threshold. X61."""
    alike = likeness(one, other)
    if alike.score >= THRESHOLD and not alike.same_caller:
        assert alike.same_category
        assert alike.address >= 0.5


def test_half_of_the_words_are_enough_for_the_same_caller() -> None:
    """A score of 0.4 + 0.2 · 0.5 is 0.5 and not a hair less."""
    one = Features(callers=frozenset("a"), text=frozenset({"停水"}))
    other = Features(callers=frozenset("a"), text=frozenset({"停水", "供水"}))
    assert likeness(one, other).score == THRESHOLD


async def shown(world: World, who: Principal, ticket: schemas.Ticket) -> list[schemas.Duplicate]:
    return await world.service.duplicates(who, ticket.id)


async def test_water_cuts_in_one_street_are_suggested_and_those_elsewhere_are_not(
    world: World,
) -> None:
    """Different callers, one street: the same place and words are needed."""
    wang, zhao = world.people.wang, world.people.zhao
    here = [
        await world.accepted(
            zhao,
            **STREET,
            title="幸福小区停水",
            content=f"今天早上六点起{number}号楼全楼停水",
            address=f"{number}号楼",
            contact_phone=f"1390000{number:04d}",
        )
        for number in range(1, 9)
    ]
    elsewhere = {"street": "渤海大街", "community": "万都小区", "address": "9号楼"}
    await world.accepted(
        zhao, **{**STREET, **elsewhere}, title="万都小区停水", contact_phone="13900002222"
    )
    heating = {**STREET, "category": "11401", "address": "3号楼"}
    await world.accepted(zhao, **heating, title="幸福小区停水", contact_phone="13900003333")
    draft = await world.draft(
        wang,
        {
            **STREET,
            "title": "幸福小区停水",
            "content": "今天早上六点起3号楼全楼停水",
            "address": "3号楼",
            "contact_phone": "13900009999",
        },
    )
    found = await shown(world, wang, draft)
    assert found[0].ticket.id == here[2].id
    assert found[0].score == 0.6
    assert not found[0].same_caller
    assert {each.ticket.id for each in found} <= {ticket.id for ticket in here}
    assert [each.score for each in found] == sorted((e.score for e in found), reverse=True)
    assert (await world.service.get(zhao, here[2].id)).state is State.TO_DISPATCH


async def test_a_message_of_the_same_person_and_matter_is_recognised_as_the_call_was(
    world: World,
) -> None:
    """D03: a call, and within 7 days a WeChat message, same phone and matter."""
    wang = world.people.wang
    call = await world.draft(wang, COMPLETE, call_id=world.ring(wang))
    call = await world.move(wang, call, "accept")
    world.clock.advance(days=6)
    message = await world.service.open_draft(wang, channel=Channel.WECHAT, idempotency_key="w1")
    message = await world.service.patch(
        wang,
        message.id,
        message.version,
        {"contact_phone": "139 0000 0001", "title": "停水好几天", "category": "11101"},
    )
    found = await shown(world, wang, message)
    assert [(each.ticket.id, each.same_caller) for each in found] == [(call.id, True)]
    assert found[0].ticket.caller_masked == "139****0001"


async def test_callers_who_withhold_their_number_are_never_one_person(world: World) -> None:
    """X61."""
    wang = world.people.wang
    for number in range(2):
        call = world.ring(wang, caller="anonymous", call_id=f"u{number}")
        draft = await world.draft(wang, {"title": "占道经营", "category": "40102"}, call_id=call)
    assert await shown(world, wang, draft) == []


async def test_what_is_older_than_thirty_days_invalid_or_another_matter_is_not_shown(
    world: World,
) -> None:
    wang, chief = world.people.wang, world.people.chief
    fields = {"contact_phone": "13900000001", "category": "11101", "title": "停水"}
    old = await world.draft(wang, fields)
    world.clock.advance(days=31)
    invalid = await world.draft(wang, {**fields, "invalid_reason": "静默"})
    invalid = await world.move(wang, invalid, "propose_invalid")
    await world.move(chief, invalid, "confirm_invalid")
    await world.draft(wang, {**fields, "category": "40102", "title": "占道经营"})
    draft = await world.draft(wang, fields)
    assert await shown(world, wang, draft) == []
    assert old.id != draft.id


async def test_an_empty_form_has_no_duplicates(world: World) -> None:
    """Empty says nothing: cf. zammad#4606."""
    wang = world.people.wang
    await world.draft(wang)
    assert await shown(world, wang, await world.draft(wang)) == []


async def decided(world: World, ticket: schemas.Ticket, other: int, same: bool) -> schemas.Ticket:
    async with world.service.editing(world.people.wang, ticket.id) as draft:
        await decide(draft, other, same)
        return await draft.show()


async def test_linking_writes_an_event_and_never_merges(world: World) -> None:
    """T29: a repeat of the same caller; a related one of another; the earlier ticket stays as it was."""
    wang = world.people.wang
    first = await world.accepted(wang, contact_phone="13900000001")
    stranger = await world.accepted(wang, contact_phone="13900000002")
    draft = await world.draft(wang, {**COMPLETE, "contact_phone": "13900000001"})
    assert {each.ticket.id for each in await shown(world, wang, draft)} == {first.id, stranger.id}
    draft = await decided(world, draft, first.id, True)
    assert draft.related_ticket == first.id
    draft = await decided(world, draft, stranger.id, True)
    again = await decided(world, draft, stranger.id, True)
    assert (again.version, again.related_ticket) == (draft.version, first.id)
    assert await shown(world, wang, draft) == []
    events = [e for e in await world.service.events(wang, draft.id) if e.kind == "linked"]
    assert [e.data for e in events] == [
        {"other": first.id, "relation": "repeat"},
        {"other": stranger.id, "relation": "related"},
    ]
    assert (await world.service.get(wang, first.id)).version == first.version
    assert await world.service.verify_chain() is None


async def test_what_was_called_another_matter_is_not_suggested_again(world: World) -> None:
    wang = world.people.wang
    first = await world.accepted(wang)
    draft = await world.draft(wang, COMPLETE)
    draft = await decided(world, draft, first.id, False)
    assert await shown(world, wang, draft) == []
    assert draft.related_ticket is None
    async with world.database.reading() as session:
        assert await session.scalar(select(TicketLink.relation)) == "distinct"


async def test_only_who_may_edit_the_draft_decides(world: World) -> None:
    """X54."""
    people = world.people
    first = await world.accepted(people.wang)
    draft = await world.draft(people.wang, COMPLETE)
    with pytest.raises(TicketNotFound):
        await world.service.duplicates(people.zhao, draft.id)
    for other in (draft.id, 999_999):
        with pytest.raises(TicketNotFound):
            await decided(world, draft, other, True)
    with pytest.raises(Forbidden):
        async with world.service.editing(people.auditor, draft.id) as editing:
            await decide(editing, first.id, True)


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
async def test_no_query_for_candidates_reads_a_whole_table(world: World) -> None:
    """Ten million stored tickets must not be felt: each statement goes by an index or a primary key.

    Asked of SQLite: the planner of PostgreSQL scans small tables whatever their indexes.
    """
    wang = world.people.wang
    await world.accepted(wang, **STREET)
    draft = await world.draft(wang, {**COMPLETE, **STREET})
    asked: list[tuple[str, Any]] = []
    engine = world.database.engine.sync_engine

    def note(_c: object, _u: object, statement: str, values: object, *_rest: object) -> None:
        asked.append((statement, values))

    event.listen(engine, "before_cursor_execute", note)
    assert await shown(world, wang, draft)
    event.remove(engine, "before_cursor_execute", note)
    plans = []
    async with world.database.engine.connect() as connection:
        for statement, values in asked:
            if statement.startswith("SELECT"):
                rows = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
                plans += [row[-1] for row in rows]
    whole = [plan for plan in plans if plan.startswith(("SCAN ticket", "SCAN contact"))]
    assert len(plans) > 8
    assert whole == []
