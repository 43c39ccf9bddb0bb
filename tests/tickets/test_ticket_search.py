"""Lists, pages and search."""

import pytest
from ticket_world import World

from core.errors import Forbidden
from tickets.schemas import TicketList
from tickets.search import Wanted
from tickets.terms import State


async def find(world: World, text: str, **wanted: object) -> list[int]:
    found = await world.service.page(world.people.intake, Wanted(**wanted), office=True, query=text)
    return [line.id for line in found.tickets]


async def test_pages_follow_each_other_newest_first_without_gap_or_repeat(world: World) -> None:
    ids = [(await world.draft(world.people.wang)).id for _ in range(7)]
    seen: list[int] = []
    page = await world.service.page(world.people.intake, Wanted(limit=3), office=True)
    assert page.total_hint == 7
    while True:
        seen += [line.id for line in page.tickets]
        if page.next is None:
            break
        wanted = Wanted(limit=3, before=page.next)
        page = await world.service.page(world.people.intake, wanted, office=True)
        assert page.total_hint is None
    assert seen == ids[::-1]


async def test_mine_are_those_i_opened_or_worked_on(world: World) -> None:
    wang, zhao = world.people.wang, world.people.zhao
    mine = await world.draft(wang, {"title": "停水"})
    await world.draft(zhao, {"title": "停水"})
    own: TicketList = await world.service.page(wang, Wanted(), office=False)
    assert [line.id for line in own.tickets] == [mine.id]
    found = await world.service.page(wang, Wanted(), office=False, query="停水")
    assert [line.id for line in found.tickets] == [mine.id]


async def test_an_operator_does_not_list_the_office_and_a_unit_lists_nothing(world: World) -> None:
    """X54, X57."""
    for who in (world.people.wang, world.people.admin):
        with pytest.raises(Forbidden):
            await world.service.page(who, Wanted(), office=True)


async def test_lists_filter_by_state_and_by_what_waits_for_the_second_person(world: World) -> None:
    accepted = await world.accepted(world.people.wang)
    proposed = await world.draft(world.people.wang, {"invalid_reason": "骚扰"})
    await world.move(world.people.wang, proposed, "propose_invalid")
    await world.draft(world.people.wang)
    assert await find(world, "", state=State.TO_DISPATCH) == [accepted.id]
    assert await find(world, "", invalid_proposed=True) == [proposed.id]


async def test_numbers_in_lists_are_masked_also_for_the_owner(world: World) -> None:
    await world.draft(world.people.wang, call_id=world.ring(world.people.wang))
    own = await world.service.page(world.people.wang, Wanted(), office=False)
    assert own.tickets[0].caller_masked == "139****0001"


QUERIES = [
    ("停水", True),  # two characters (M04)
    ("水", True),  # one character
    ("全楼停水", True),
    ("停水 物业", True),  # every word, any place
    ("幸福 3号楼", True),
    ("ＡＢＣ大厦", True),  # full width, other case
    ("停电", False),
    ("停水 停电", False),
    ("水停", False),  # both characters occur, not beside each other
    ("楼全", False),
    ("%", False),
    ("_", False),
    ("''; --", False),
    ('"停水"', True),
    ("停%水", True),  # no wildcard: it parts two words, and both occur
    ("停%电", False),
    ("停" * 500, False),
]


async def test_search_finds_words_inside_chinese_text(world: World) -> None:
    """X87."""
    ticket = await world.accepted(world.people.wang, address="幸福小区3号楼abc大厦")
    await world.accepted(
        world.people.wang,
        title="路灯不亮",
        content="路口一盏灯坏了",
        purpose="修灯",
        address="渤海大街",
        complained_party="不详",
    )
    for query, found in QUERIES:
        assert await find(world, query) == ([ticket.id] if found else []), query


async def test_nothing_is_found_by_wildcards_but_the_characters_themselves(world: World) -> None:
    """X87: % and _ are not wildcards."""
    ticket = await world.draft(world.people.wang, {"title": "电费涨了50%还有_下划线"})
    assert await find(world, "50%") == [ticket.id]
    assert await find(world, "51%") == []
    assert await find(world, "_划线") == [ticket.id]
    assert await find(world, "%有%") == [ticket.id]
    assert await find(world, "%电%水%") == []


async def test_a_ticket_is_found_by_its_number(world: World) -> None:
    ticket = await world.accepted(world.people.wang)
    await world.accepted(world.people.wang)
    assert ticket.number is not None
    assert await find(world, ticket.number) == [ticket.id]
    assert await find(world, ticket.number.replace("-", " ")) == [ticket.id]


async def test_the_office_finds_a_caller_by_his_number_and_an_operator_does_not(
    world: World,
) -> None:
    """Operators never query arbitrary numbers."""
    wang = world.people.wang
    ticket = await world.draft(wang, {"title": "停水"}, call_id=world.ring(wang))
    assert await find(world, "+86 139 0000 0001") == [ticket.id]
    own = await world.service.page(wang, Wanted(), office=False, query="13900000001")
    assert own.tickets == []


async def test_search_pages_like_the_list(world: World) -> None:
    ids = [(await world.draft(world.people.wang, {"title": f"停水{n}"})).id for n in range(5)]
    assert await find(world, "停水", limit=2) == ids[:-3:-1]
    assert await find(world, "停水", limit=9, before=ids[2]) == ids[1::-1]
