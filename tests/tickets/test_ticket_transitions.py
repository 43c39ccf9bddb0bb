"""Moves of tickets: guards, numbers, two people at once, the same click twice, refusals on record."""

import asyncio
import re

import pytest
from ticket_world import COMPLETE, ENQUIRY, World

from core.errors import Forbidden
from tickets.errors import (
    FieldRefused,
    KeyReused,
    TicketIncomplete,
    TicketStale,
    TransitionRefused,
)
from tickets.events import TicketChanged


async def test_an_accepted_ticket_gets_a_readable_number_that_nobody_can_guess(
    world: World,
) -> None:
    """T04, X92."""
    numbers = set()
    for _ in range(3):
        ticket = await world.accepted(world.people.wang)
        assert ticket.number is not None
        assert re.fullmatch(r"261123-\d{8}", ticket.number)
        assert ticket.state == "TO_DISPATCH"
        assert ticket.accepted_at == world.clock()
        assert ticket.accepted_by_name == "王一"
        numbers.add(ticket.number)
    assert len(numbers) == 3
    changed = [event for event in world.published if isinstance(event, TicketChanged)]
    assert changed[-1].trigger == "accept"
    assert changed[-1].number in numbers


async def test_an_enquiry_is_answered_on_the_spot(world: World) -> None:
    """T02, C03."""
    ticket = await world.draft(world.people.wang, ENQUIRY)
    done = await world.move(world.people.wang, ticket, "answer", caller_heard=True)
    assert (done.state, bool(done.number), done.allowed_actions) == ("ANSWERED", True, [])


async def test_a_referral_gets_no_number_for_it_is_not_accepted(world: World) -> None:
    """T03, D-24."""
    fields = {"handling_class": "guidance", "referral_target": "110", "referral_result": "answered"}
    ticket = await world.draft(world.people.wang, fields)
    done = await world.move(world.people.wang, ticket, "refer")
    assert (done.state, done.number, done.accepted_at) == ("REFERRED", None, None)


async def test_what_is_missing_is_said_and_nothing_moves(world: World) -> None:
    ticket = await world.draft(world.people.wang, {"title": "停水"})
    shown = next(action for action in ticket.allowed_actions if action.trigger == "accept")
    with pytest.raises(TicketIncomplete) as refused:
        await world.move(world.people.wang, ticket, "accept")
    said = refused.value.details["missing"]
    assert said == [lack.model_dump() for lack in shown.missing]
    assert "缺少诉求类型" in refused.value.rendering()["zh"]
    after = await world.service.get(world.people.wang, ticket.id)
    assert (after.state, after.version) == ("DRAFT", ticket.version)


async def test_a_refusal_is_on_record(world: World) -> None:
    """6: every refusal writes an event when a ticket exists."""
    ticket = await world.draft(world.people.wang)
    for trigger, error in (
        ("accept", TicketIncomplete),
        ("resume", TransitionRefused),
        ("confirm_invalid", Forbidden),
    ):
        with pytest.raises(error):
            await world.move(world.people.wang, ticket, trigger)
    events = await world.service.events(world.people.wang, ticket.id)
    assert [(event.kind, event.data.get("code")) for event in events[1:]] == [
        ("refused", "TICKET_INCOMPLETE"),
        ("refused", "TRANSITION_REFUSED"),
        ("refused", "FORBIDDEN"),
    ]
    assert "anonymous" in events[1].data["missing"]


async def test_of_two_who_act_at_once_one_wins_and_the_other_sees_the_fresh_ticket(
    world: World,
) -> None:
    """X44."""
    wang, leader = world.people.wang, world.people.leader
    ticket = await world.draft(wang, COMPLETE)
    results = await asyncio.gather(
        world.move(wang, ticket, "accept"),
        world.move(leader, ticket, "accept"),
        world.move(leader, ticket, "propose_invalid"),
        return_exceptions=True,
    )
    won = [result for result in results if not isinstance(result, BaseException)]
    assert len(won) == 1
    for result in results:
        if isinstance(result, TicketStale):
            assert result.details["ticket"]["state"] == "TO_DISPATCH"
    moves = [e for e in await world.service.events(wang, ticket.id) if e.kind == "moved"]
    assert len(moves) == 1


async def test_the_same_click_sent_again_gives_the_same_result_and_one_event(
    world: World,
) -> None:
    """X45: also when both arrive at the same moment."""
    wang = world.people.wang
    ticket = await world.draft(wang, COMPLETE)
    results = await asyncio.gather(
        *(world.move(wang, ticket, "accept", idempotency_key="click") for _ in range(5))
    )
    assert len({(result.number, result.version) for result in results}) == 1
    moves = [e for e in await world.service.events(wang, ticket.id) if e.kind == "moved"]
    assert len(moves) == 1


async def test_a_key_of_another_request_is_refused(world: World) -> None:
    wang = world.people.wang
    ticket = await world.draft(wang, {**COMPLETE, "missing_info": "门牌号"})
    ticket = await world.move(wang, ticket, "request_info", idempotency_key="click")
    with pytest.raises(KeyReused):
        await world.move(wang, ticket, "resume", idempotency_key="click")


async def test_the_caller_is_asked_three_times_and_then_the_ticket_goes_on(world: World) -> None:
    """T05."""
    wang = world.people.wang
    ticket = await world.draft(wang, {**COMPLETE, "missing_info": "门牌号"})
    for _ in range(3):
        ticket = await world.move(wang, ticket, "request_info")
        assert ticket.state == "PENDING_INFO"
        assert ticket.editable
        ticket = await world.move(wang, ticket, "resume")
    with pytest.raises(TicketIncomplete):
        await world.move(wang, ticket, "request_info")
    assert (await world.move(wang, ticket, "accept")).state == "TO_DISPATCH"


async def test_invalid_takes_two_people(world: World) -> None:
    """T06."""
    wang, leader = world.people.wang, world.people.leader
    ticket = await world.draft(wang, {"invalid_reason": "无声电话"})
    with pytest.raises(Forbidden):
        await world.move(wang, ticket, "confirm_invalid")
    with pytest.raises(TicketIncomplete):
        await world.move(leader, ticket, "confirm_invalid")
    ticket = await world.move(wang, ticket, "propose_invalid")
    assert (ticket.state, ticket.invalid_proposed) == ("DRAFT", True)
    done = await world.move(leader, ticket, "confirm_invalid")
    assert (done.state, done.number) == ("INVALID", None)
    told = [event for event in world.published if isinstance(event, TicketChanged)][-1]
    assert (told.account_id, told.by) == (wang.account_id, leader.by)  # his page follows


async def test_who_proposed_cannot_confirm_and_a_declined_proposal_is_gone(world: World) -> None:
    """T06: the shift leader took this call himself."""
    leader = world.people.leader
    ticket = await world.draft(leader, {"invalid_reason": "骚扰"})
    ticket = await world.move(leader, ticket, "propose_invalid")
    with pytest.raises(TicketIncomplete) as refused:
        await world.move(leader, ticket, "confirm_invalid")
    assert [lack["field"] for lack in refused.value.details["missing"]] == ["second_person"]
    declined = await world.move(leader, ticket, "decline_invalid", reason="有诉求")
    assert not declined.invalid_proposed


async def test_the_office_corrects_before_dispatch_with_a_reason_on_record(world: World) -> None:
    """T33."""
    ticket = await world.accepted(world.people.wang, caller_name="张测试")
    fields = {"category": "11104", "caller_name": "李测试"}
    with pytest.raises(TicketIncomplete):
        await world.move(world.people.intake, ticket, "correct", fields=fields)
    done = await world.move(
        world.people.intake, ticket, "correct", fields=fields, reason="来电人更正"
    )
    assert (done.category, done.version) == ("11104", ticket.version + 1)
    event = (await world.service.events(world.people.intake, ticket.id))[-1]
    assert event.data["before"] == {"category": "11101"}
    assert event.data["after"] == {"category": "11104"}
    assert event.data["changed"] == ["caller_name", "category"]
    assert "测试" not in str(event.data)  # names do not enter the chain


async def test_a_correction_that_makes_the_form_incomplete_leaves_it_as_it_was(
    world: World,
) -> None:
    ticket = await world.accepted(world.people.wang)
    with pytest.raises(TicketIncomplete):
        await world.move(world.people.intake, ticket, "correct", fields={"title": ""}, reason="试")
    assert (await world.service.get(world.people.intake, ticket.id)).title == ticket.title


async def test_the_last_fields_may_come_with_the_move_itself(world: World) -> None:
    """One click, one transaction: what is wanted at the end is saved with it, or nothing is."""
    wang = world.people.wang
    ticket = await world.draft(wang, {"handling_class": "guidance"})
    fields = {"referral_target": "12388", "referral_result": "guided"}
    with pytest.raises(TicketIncomplete):
        await world.move(wang, ticket, "refer", fields={"referral_target": "12388"})
    assert (await world.service.get(wang, ticket.id)).referral_target is None
    done = await world.move(wang, ticket, "refer", fields=fields)
    assert (done.state, done.referral_target, done.version) == (
        "REFERRED",
        "12388",
        ticket.version + 1,
    )


async def test_who_may_not_edit_sends_no_fields(world: World) -> None:
    ticket = await world.draft(world.people.wang, {"invalid_reason": "骚扰"})
    ticket = await world.move(world.people.wang, ticket, "propose_invalid")
    with pytest.raises(FieldRefused):
        await world.move(
            world.people.chief, ticket, "confirm_invalid", fields={"invalid_reason": "其他"}
        )
    assert (await world.move(world.people.chief, ticket, "confirm_invalid")).state == "INVALID"


async def test_an_auditor_sees_everything_and_changes_nothing(world: World) -> None:
    """X57."""
    ticket = await world.draft(world.people.wang, COMPLETE)
    seen = await world.service.get(world.people.auditor, ticket.id)
    assert (seen.allowed_actions, seen.editable) == ([], False)
    with pytest.raises(Forbidden):
        await world.move(world.people.auditor, ticket, "accept")
    with pytest.raises(Forbidden):
        await world.service.patch(world.people.auditor, ticket.id, ticket.version, {"title": "x"})


async def test_time_in_the_record_never_runs_backwards(world: World) -> None:
    """X26."""
    wang = world.people.wang
    ticket = await world.draft(wang, {**COMPLETE, "missing_info": "门牌号"})
    world.clock.advance(hours=-1)
    await world.move(wang, ticket, "request_info")
    times = [event.at for event in await world.service.events(wang, ticket.id)]
    assert times == sorted(times)
