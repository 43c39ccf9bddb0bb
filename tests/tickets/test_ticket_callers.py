"""What is known of a caller before a word is spoken (D-23, X61)."""

import pytest
from ticket_world import CALLER, World

from tickets.knowledge.publish import Content, publish_new
from tickets.register import Hotline, new_unit


async def accepted_call(world: World, call_id: str, **fields: object) -> int:
    wang = world.people.wang
    ticket = await world.draft(
        wang,
        {"caller_name": "张测试", "anonymous": False, "confidential": False, **fields},
        call_id=world.ring(wang, call_id=call_id),
    )
    return ticket.id


ENQUIRY = {
    "appeal_type": "enquiry",
    "category": "30502",
    "title": "缴费时间",
    "kb_source": "文件",
    "answer_text": "每月",
}


async def answered_call(world: World, call_id: str) -> None:
    ticket_id = await accepted_call(world, call_id, **ENQUIRY)
    ticket = await world.service.get(world.people.wang, ticket_id)
    await world.move(world.people.wang, ticket, "answer", caller_heard=True)


async def test_a_known_caller_has_a_name_and_his_tickets(world: World) -> None:
    first = await accepted_call(world, "c1", title="停水")
    await answered_call(world, "c2")
    summary = await world.service.caller_summary("+86 139 0000 0001")
    assert summary.known_name == "张测试"
    assert [line.id for line in summary.open_tickets] == [first]
    assert [line.title for line in summary.last_tickets] == ["缴费时间", "停水"]


@pytest.mark.parametrize("number", ["", "anonymous", "8001", "139"])
async def test_an_unknown_caller_is_nobody(world: World, number: str) -> None:
    """X61: withheld numbers are never one person."""
    await world.draft(
        world.people.wang,
        {"caller_name": "张测试"},
        call_id=world.ring(world.people.wang, caller=number),
    )
    summary = await world.service.caller_summary(number)
    assert (summary.known_name, summary.repeat) == ("", False)
    assert summary.last_tickets == summary.open_tickets == ()


@pytest.mark.parametrize("flag", ["anonymous", "confidential"])
async def test_who_wanted_to_stay_unknown_is_not_named(world: World, flag: str) -> None:
    await accepted_call(world, "c1", **{flag: True})
    assert (await world.service.caller_summary(CALLER)).known_name == ""


async def test_the_same_matter_twice_in_thirty_days_is_a_repeat(world: World) -> None:
    """D-23."""
    await answered_call(world, "c1")
    assert not (await world.service.caller_summary(CALLER)).repeat
    world.clock.advance(days=5)
    await answered_call(world, "c2")
    assert (await world.service.caller_summary(CALLER)).repeat
    world.clock.advance(days=26)
    assert not (await world.service.caller_summary(CALLER)).repeat


async def test_a_matter_still_open_makes_the_next_call_a_repeat(world: World) -> None:
    """D-23: whoever calls while his matter waits calls about it."""
    wang = world.people.wang
    from ticket_world import COMPLETE

    ticket = await world.draft(wang, COMPLETE, call_id=world.ring(wang))
    assert not (await world.service.caller_summary(CALLER)).repeat
    await world.move(wang, ticket, "accept")
    assert (await world.service.caller_summary(CALLER)).repeat


async def test_knowledge_of_the_dialled_line_comes_first(world: World) -> None:
    async with world.database.unit_of_work() as uow:
        heating, buses = new_unit("测试供热", "enterprise"), new_unit("测试公交", "enterprise")
        uow.session.add_all((heating, buses))
        await uow.session.flush()
        uow.session.add(
            Hotline(number="2880001", name="供热热线", owner_unit_id=heating.id, mode="merged")
        )
        for unit, title in ((buses, "公交线路"), (heating, "供热标准")):
            content = Content(
                title=title,
                text=title,
                source_no="测〔2026〕1号",
                source_url="https://example.invalid/1",
            )
            await publish_new(uow.session, unit.id, None, content, world.clock())
    summary = await world.service.caller_summary("", dnid="2880001")
    assert summary.hotline_name == "供热热线"
    assert [article.title for article in summary.knowledge] == ["供热标准"]
    general = await world.service.caller_summary("", dnid="2880001", menu="consultation")
    assert [article.title for article in general.knowledge] == ["供热标准", "公交线路"]
    assert (await world.service.caller_summary("", dnid="12345")).knowledge == ()


async def test_key_matters_of_the_last_days_are_shown_to_everybody(world: World) -> None:
    """C10: one burst main, many callers."""
    ticket = await world.accepted(world.people.wang, key_flag=True, key_reason="多人反映")
    summary = await world.service.caller_summary("")
    assert [(matter.title, matter.ticket_id) for matter in summary.key_matters] == [
        (ticket.title, ticket.id)
    ]
    world.clock.advance(days=8)
    assert (await world.service.caller_summary("")).key_matters == ()
