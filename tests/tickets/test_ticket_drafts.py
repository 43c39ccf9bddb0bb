"""From a call to a draft, its continuous saving, and who may see it."""

import asyncio

import pytest
from sqlalchemy import func, select
from ticket_world import CALLER, COMPLETE, World

from core.errors import Forbidden, NotFound
from tickets.chain import TicketEvent
from tickets.errors import FieldRefused, NotEditable, TicketNotFound, TicketStale
from tickets.events import TicketChanged, TicketOpened
from tickets.models import Contact, Ticket


async def test_a_draft_is_filled_with_what_the_call_tells(world: World) -> None:
    call = world.ring(world.people.wang, caller="+86 139 0000 0001", menu="complaint")
    ticket = await world.draft(world.people.wang, call_id=call)
    assert (ticket.state, ticket.state_name, ticket.number) == ("DRAFT", "登记中", None)
    assert (ticket.channel, ticket.call_id, ticket.source_number) == ("phone", call, CALLER)
    assert (ticket.appeal_type, ticket.handling_class) == ("complaint", "appeal")
    assert ticket.contact_phone == CALLER
    assert (ticket.anonymous, ticket.confidential, ticket.public_ok) == (None, None, None)
    assert ticket.opened_by_name == "王一"
    assert ticket.editable
    opened = [event for event in world.published if isinstance(event, TicketOpened)]
    assert [(event.ticket_id, event.call_id) for event in opened] == [(ticket.id, call)]


async def test_one_call_has_one_draft_however_often_it_is_asked_for(world: World) -> None:
    """X45: also when listener and operator ask at the same moment."""
    wang = world.people.wang
    call = world.ring(wang)
    facts = world.lines.calls[call]
    ids = await asyncio.gather(
        *(world.service.open_for_call(facts, wang.account_id) for _ in range(8))
    )
    assert len({*ids, (await world.draft(wang, call_id=call)).id}) == 1
    async with world.database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(Contact)) == 1
        assert await session.scalar(select(func.count()).select_from(TicketEvent)) == 1


async def test_a_draft_without_a_call_is_opened_once_per_key(world: World) -> None:
    service, wang = world.service, world.people.wang
    first = await service.open_draft(wang, idempotency_key="a")
    again = await service.open_draft(wang, idempotency_key="a")
    other = await service.open_draft(world.people.zhao, idempotency_key="a")
    assert first.id == again.id != other.id
    assert (first.source_number, first.call_id) == ("", None)


async def test_the_call_of_another_operator_does_not_exist(world: World) -> None:
    """X54: nobody learns a number by naming a call."""
    call = world.ring(world.people.wang)
    for who, what in ((world.people.zhao, call), (world.people.wang, "no-such-call")):
        with pytest.raises(NotFound):
            await world.draft(who, call_id=what)


async def test_only_the_desk_opens_drafts(world: World) -> None:
    """X57."""
    for who in (world.people.admin, world.people.auditor, world.people.intake):
        with pytest.raises(Forbidden):
            await world.draft(who)


async def test_saving_cleans_the_fields_and_counts_the_version(world: World) -> None:
    """X64."""
    ticket = await world.draft(
        world.people.wang,
        {
            "title": "停水\x00\u202e了３天",
            "contact_phone": "+86 (139) 0000-0002",
            "content": "<b>急</b>'; DROP TABLE ticket; --\r\n第二行",
        },
    )
    assert ticket.title == "停水了3天"
    assert ticket.contact_phone == "13900000002"
    assert ticket.content == "<b>急</b>'; DROP TABLE ticket; --\n第二行"
    assert ticket.version == 2
    changed = [event for event in world.published if isinstance(event, TicketChanged)]
    assert [(event.version, event.trigger) for event in changed] == [(2, "")]


async def test_saving_the_same_again_changes_nothing(world: World) -> None:
    ticket = await world.draft(world.people.wang, {"title": "停水"})
    again = await world.service.patch(
        world.people.wang, ticket.id, ticket.version, {"title": "停水 "}
    )
    assert again.version == ticket.version


async def test_wrong_fields_are_all_named_and_nothing_is_saved(world: World) -> None:
    """X73: codes that are not in the tree; unknown fields."""
    ticket = await world.draft(world.people.wang)
    wrong = {
        "title": "停水",
        "category": "99999",
        "area": "110000",
        "referral_target": "911",
        "related_ticket": 4711,
        "colour": "red",
        "content": "水" * 10_000_000,
    }
    with pytest.raises(FieldRefused) as refused:
        await world.service.patch(world.people.wang, ticket.id, ticket.version, wrong)
    named = {problem["field"] for problem in refused.value.details["fields"]}
    assert named == set(wrong) - {"title"}
    assert (await world.service.get(world.people.wang, ticket.id)).title == ""


async def test_a_whole_class_is_no_category_and_a_retired_one_names_its_heir(world: World) -> None:
    """X73."""
    from tickets.register import Category

    async with world.database.unit_of_work() as uow:
        old = await uow.session.get_one(Category, "11101")
        old.active, old.replaced_by = False, "11104"
    ticket = await world.draft(world.people.wang)
    for code, hint in (("1", "第二级"), ("11101", "11104")):
        with pytest.raises(FieldRefused, match="FIELD_REFUSED") as refused:
            await world.service.patch(
                world.people.wang, ticket.id, ticket.version, {"category": code}
            )
        assert hint in refused.value.rendering()["zh"]


async def test_a_stale_save_gets_the_fresh_ticket(world: World) -> None:
    wang = world.people.wang
    ticket = await world.draft(wang)
    await world.service.patch(wang, ticket.id, ticket.version, {"title": "新"})
    with pytest.raises(TicketStale) as stale:
        await world.service.patch(wang, ticket.id, ticket.version, {"title": "旧"})
    assert stale.value.details["ticket"]["title"] == "新"
    assert stale.value.details["ticket"]["version"] == 2


async def test_of_many_saves_at_once_exactly_one_wins(world: World) -> None:
    """X44: no update is lost."""
    wang = world.people.wang
    ticket = await world.draft(wang)
    results = await asyncio.gather(
        *(
            world.service.patch(wang, ticket.id, ticket.version, {"title": f"第{n}次"})
            for n in range(10)
        ),
        return_exceptions=True,
    )
    won = [result for result in results if not isinstance(result, BaseException)]
    assert len(won) == 1
    assert sum(isinstance(result, TicketStale) for result in results) == 9
    assert (await world.service.get(wang, ticket.id)).title == won[0].title


async def test_a_stretch_of_saves_by_one_person_is_one_event(world: World) -> None:
    wang, leader = world.people.wang, world.people.leader
    ticket = await world.draft(wang)
    for who, title in ((wang, "一"), (wang, "二"), (leader, "三"), (wang, "四")):
        ticket = await world.service.patch(who, ticket.id, ticket.version, {"title": title})
    events = await world.service.events(wang, ticket.id)
    assert [(event.kind, event.by_name) for event in events] == [
        ("opened", "王一"),
        ("edited", "王一"),
        ("edited", "钱班长"),
        ("edited", "王一"),
    ]


async def test_what_has_left_the_desk_is_not_edited_any_more(world: World) -> None:
    """X43."""
    ticket = await world.accepted(world.people.wang)
    with pytest.raises(NotEditable):
        await world.service.patch(world.people.wang, ticket.id, ticket.version, {"title": "改"})


async def test_a_ticket_of_another_operator_does_not_exist(world: World) -> None:
    """X54: 404 and not 403, for reading, saving, moving and its history."""
    ticket = await world.draft(world.people.wang)
    zhao, service = world.people.zhao, world.service
    attempts = (
        service.get(zhao, ticket.id),
        service.events(zhao, ticket.id),
        service.patch(zhao, ticket.id, ticket.version, {"title": "x"}),
        world.move(zhao, ticket, "accept"),
        service.get(world.people.admin, ticket.id),
        service.get(world.people.unit, ticket.id),
        service.get(zhao, 4711),
    )
    for attempt in attempts:
        with pytest.raises(TicketNotFound):
            await attempt


async def test_the_caller_on_the_line_opens_his_tickets_to_the_operator(world: World) -> None:
    """A caller rings again with the missing facts and reaches somebody else."""
    wang, zhao = world.people.wang, world.people.zhao
    ticket = await world.draft(
        wang, {"missing_info": "门牌号"}, call_id=world.ring(wang, call_id="c1")
    )
    ticket = await world.move(wang, ticket, "request_info")
    world.ring(zhao, call_id="c2")
    assert (await world.service.get(zhao, ticket.id)).source_number == CALLER
    await world.move(zhao, ticket, "resume")
    world.hang_up(zhao)
    assert (
        await world.service.get(zhao, ticket.id)
    ).editable  # among his own since he worked on it


async def test_an_unknown_caller_on_the_line_opens_nobodys_tickets(world: World) -> None:
    """X61: two withheld numbers are not one person."""
    ticket = await world.draft(
        world.people.wang, call_id=world.ring(world.people.wang, caller="anonymous")
    )
    world.ring(world.people.zhao, caller="", call_id="c2")
    with pytest.raises(TicketNotFound):
        await world.service.get(world.people.zhao, ticket.id)


async def test_numbers_are_masked_except_for_those_who_handle_the_call(world: World) -> None:
    wang = world.people.wang
    ticket = await world.draft(
        wang, {**COMPLETE, "alt_phone": "0417-2912345"}, call_id=world.ring(wang)
    )
    world.hang_up(wang)
    own = await world.service.get(wang, ticket.id)
    assert (own.source_number, own.caller_name) == (CALLER, "张测试")
    for who in (world.people.leader, world.people.intake, world.people.auditor):
        seen = await world.service.get(who, ticket.id)
        assert seen.source_number == seen.contact_phone == "139****0001"
        assert seen.alt_phone == "041****2345"
        assert seen.caller_name == "张测试"


async def test_a_confidential_caller_is_named_only_to_those_who_handle_him(world: World) -> None:
    ticket = await world.draft(world.people.wang, {**COMPLETE, "confidential": True})
    assert (await world.service.get(world.people.wang, ticket.id)).caller_name == "张测试"
    assert (await world.service.get(world.people.intake, ticket.id)).caller_name == "***"


async def test_a_recording_is_noted_on_the_call(world: World) -> None:
    call = world.ring(world.people.wang)
    ticket = await world.draft(world.people.wang, call_id=call)
    assert not ticket.recording
    await world.service.recording_started(call)
    assert (await world.service.get(world.people.wang, ticket.id)).recording


async def test_words_of_danger_raise_the_banner(world: World) -> None:
    """X63."""
    ticket = await world.draft(world.people.wang, {"content": "厨房着火了"})
    assert [warning.target for warning in ticket.warnings] == ["119"]


async def test_a_related_ticket_may_be_named_by_its_number(world: World) -> None:
    """X72: two matters in one call."""
    first = await world.accepted(world.people.wang)
    second = await world.draft(world.people.wang, {"related_ticket": first.number})
    assert second.related_ticket == first.id


async def test_search_text_follows_the_form(world: World) -> None:
    ticket = await world.draft(world.people.wang, {"title": "停水"})
    await world.service.patch(world.people.wang, ticket.id, ticket.version, {"title": "停电"})
    async with world.database.reading() as session:
        row = await session.get_one(Ticket, ticket.id)
        assert "停电" in row.search_text
        assert "停水" not in row.search_text
