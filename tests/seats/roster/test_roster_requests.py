"""Leave, training and swaps: who may do what, and what comes of it."""

from datetime import date
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from roster_world import NOVEMBER, RosterWorld, day_of, roster

from core.errors import Forbidden, NotFound
from seats.roster import absences, mine, swaps
from seats.roster.absences import Wanted
from seats.roster.conflicts import HARD_FOR_PEOPLE, conflicts
from seats.roster.errors import (
    AbsenceBackwards,
    AbsenceDecided,
    AbsenceOverlaps,
    SwapConflicts,
    SwapNotPossible,
    SwapStateRefused,
)
from seats.roster.models import RosterSwap
from seats.roster.requests import TRANSITIONS as REQUESTS
from seats.roster.requests import next_state as next_request
from seats.roster.swap_states import (
    OPEN,
    PARTY,
    STATES,
    TRANSITIONS,
    TRIGGERS,
    allowed,
    next_state,
)
from seats.roster.swaps import Offer, new_problems, swapped
from seats.roster.views import SwapView, WishView


def test_every_pair_of_state_and_trigger_is_in_the_table_or_leads_nowhere() -> None:
    for state, trigger in product(STATES, TRIGGERS):
        after = next_state(state, trigger)
        assert after == TRANSITIONS.get((state, trigger))
        assert (after is not None) == (trigger in allowed(state, PARTY[trigger]))
    ends = {state for state in STATES if not [pair for pair in TRANSITIONS if pair[0] == state]}
    assert set(STATES) - ends == OPEN


def test_a_request_that_was_refused_or_withdrawn_is_over() -> None:
    assert {before for before, _ in REQUESTS} == {"asked", "approved"}
    assert next_request("refused", "approve") is None


async def test_leave_is_asked_for_by_the_person_and_granted_by_the_manager(
    world: RosterWorld,
) -> None:
    who = world.operators[0]
    (asked,) = await absences.enter(world.room, _leave(who.account_id, "11-26", "11-27"), who)
    assert asked.state == "asked"
    await world.publish_rotation()
    assert not [each for each in (await world.view()).conflicts if each.code == "ABSENT"]
    granted = await absences.decide(world.room, asked.id, "approve", world.boss)
    assert granted.state == "approved"
    found = [each for each in (await world.view()).conflicts if each.code == "ABSENT"]
    assert {each.people for each in found} == {(who.account_id,)}
    with pytest.raises(AbsenceDecided):
        await absences.decide(world.room, asked.id, "refuse", world.boss)
    assert (await absences.decide(world.room, asked.id, "withdraw", who)).state == "withdrawn"
    assert await world.audited() == [
        "roster.absence.asked", "roster.absence.approved", "roster.absence.withdrawn",
    ]  # fmt: skip


async def test_b17_a_training_is_entered_for_several_people_with_topic_and_result(
    world: RosterWorld,
) -> None:
    people = tuple(each.account_id for each in world.operators[:3])
    wanted = Wanted(people, "training", day_of("11-26"), day_of("11-26"), "停水停热政策")
    entered = await absences.enter(world.room, wanted, world.boss)
    assert {each.state for each in entered} == {"approved"}
    done = await absences.set_result(world.room, entered[0].id, "合格", world.boss)
    assert (done.note, done.result) == ("停水停热政策", "合格")


async def test_nobody_enters_or_decides_for_another_and_dates_must_make_sense(
    world: RosterWorld,
) -> None:
    one, two = world.operators[:2]
    with pytest.raises(Forbidden):
        await absences.enter(world.room, _leave(two.account_id, "11-26", "11-27"), one)
    with pytest.raises(AbsenceBackwards):
        await absences.enter(world.room, _leave(one.account_id, "11-27", "11-26"), one)
    (mine_,) = await absences.enter(world.room, _leave(one.account_id, "11-26", "11-27"), one)
    with pytest.raises(AbsenceOverlaps):
        await absences.enter(world.room, _leave(one.account_id, "11-27", "11-30"), one)
    with pytest.raises(Forbidden):
        await absences.decide(world.room, mine_.id, "approve", one)
    with pytest.raises(NotFound):
        await absences.decide(world.room, mine_.id, "withdraw", two)


async def test_a_swap_goes_from_offer_over_acceptance_to_the_changed_roster(
    world: RosterWorld,
) -> None:
    await _publish(world, (0, "11-26", "day"), (1, "11-27", "evening"))
    one, two, other = world.operators[:3]
    made = await swaps.offer(
        world.room, Offer(two.account_id, day_of("11-26"), day_of("11-27"), "孩子家长会"), one
    )
    assert (made.shift, made.back_shift, made.allowed) == ("day", "evening", ["withdraw"])
    assert [each.allowed for each in await _seen(world, 1)] == [["accept", "decline"]]
    with pytest.raises(SwapStateRefused):
        await swaps.move(world.room, made.id, "approve", world.boss)
    with pytest.raises(NotFound):
        await swaps.move(world.room, made.id, "accept", other)
    await swaps.move(world.room, made.id, "accept", two)
    assert (await swaps.list_swaps(world.room, world.boss))[0].allowed == ["approve", "refuse"]
    done = await swaps.move(world.room, made.id, "approve", world.boss)
    assert done.state == "approved"
    assert [each.state for each in await _seen(world, 0)] == ["approved"]
    assert await _shifts(world) == {(0, "11-27"): "evening", (1, "11-26"): "day"}
    assert [action for action in await world.audited() if "swap" in action] == [
        "roster.swap.offered", "roster.swap.accepted", "roster.swap.approved",
    ]  # fmt: skip


async def test_two_on_the_same_day_exchange_their_shifts(world: RosterWorld) -> None:
    await _publish(world, (0, "11-26", "day"), (1, "11-26", "evening"))
    await _agreed(world, Offer(world.operators[1].account_id, day_of("11-26"), day_of("11-26")))
    assert await _shifts(world) == {(0, "11-26"): "evening", (1, "11-26"): "day"}


async def test_a_draft_under_way_gets_the_swap_too(world: RosterWorld) -> None:
    await _publish(world, (0, "11-26", "day"))
    await world.edit((5, "11-28", "night"))
    await _agreed(world, Offer(world.operators[1].account_id, day_of("11-26")))
    assert await world.shift_of(1, "11-26", state="draft") == "day"
    assert await world.shift_of(0, "11-26", state="draft") == ""


async def test_an_offer_that_would_break_a_hard_rule_is_refused_with_the_rule(
    world: RosterWorld,
) -> None:
    await _publish(world, (0, "11-26", "day"), (1, "11-25", "evening"))
    with pytest.raises(SwapConflicts) as refused:
        await swaps.offer(
            world.room, Offer(world.operators[1].account_id, day_of("11-26")), world.operators[0]
        )
    assert "只休息 8 小时" in refused.value.rendering()["zh"]


async def test_approval_becomes_a_refusal_when_the_roster_has_changed_meanwhile(
    world: RosterWorld,
) -> None:
    await _publish(world, (0, "11-26", "day"))
    one, two = world.operators[:2]
    made = await swaps.offer(world.room, Offer(two.account_id, day_of("11-26")), one)
    await swaps.move(world.room, made.id, "accept", two)
    await _publish(world, (1, "11-25", "evening"))
    refused = await swaps.move(world.room, made.id, "approve", world.boss)
    assert refused.state == "refused"
    assert "只休息 8 小时" in refused.reason
    assert await world.shift_of(0, "11-26") == "day"


async def test_a_swap_whose_shift_is_gone_or_whose_day_has_come_lapses(world: RosterWorld) -> None:
    await _publish(world, (0, "11-26", "day"), (0, "11-27", "day"))
    one, two = world.operators[:2]
    gone = await swaps.offer(world.room, Offer(two.account_id, day_of("11-26")), one)
    late = await swaps.offer(world.room, Offer(two.account_id, day_of("11-27")), one)
    await _publish(world, (0, "11-26", ""))
    assert (await swaps.move(world.room, gone.id, "accept", two)).state == "lapsed"
    world.clock.advance(days=4)
    assert (await swaps.move(world.room, late.id, "accept", two)).state == "lapsed"


async def test_what_cannot_be_swapped_is_said(world: RosterWorld) -> None:
    await _publish(world, (0, "11-26", "day"), (0, "11-23", "day"), (1, "11-26", "day"))
    one, two, three = world.operators[:3]
    for wanted in (
        Offer(two.account_id, day_of("11-26")),  # works himself
        Offer(two.account_id, day_of("11-28")),  # nothing to give
        Offer(two.account_id, day_of("11-23")),  # is today
    ):
        with pytest.raises(SwapNotPossible):
            await swaps.offer(world.room, wanted, one)
    await swaps.offer(world.room, Offer(three.account_id, day_of("11-26")), one)
    with pytest.raises(SwapNotPossible):
        await swaps.offer(world.room, Offer(world.operators[4].account_id, day_of("11-26")), one)


@given(st.sampled_from(["night", "day", "evening"]), st.sampled_from(["night", "day", "evening"]))
def test_a_swap_moves_shifts_and_makes_or_loses_none(given: str, back: str) -> None:
    before = roster(NOVEMBER, (1, "11-26", given), (2, "11-27", back), (3, "11-26", "day"))
    swap = RosterSwap(
        giver=1, taker=2, day=date(2026, 11, 26), shift=given,
        back_day=date(2026, 11, 27), back_shift=back,
    )  # fmt: skip
    after = swapped(before.assignments, swap)
    assert sorted((row.day, row.shift) for row in after) == sorted(
        (row.day, row.shift) for row in before.assignments
    )
    new = {
        each for each in conflicts(before.with_assignments(after)) if each.code in HARD_FOR_PEOPLE
    }
    assert set(new_problems(before, swap)) == new - set(conflicts(before))


async def test_my_roster_has_my_weeks_my_swaps_and_nobody_elses_requests(
    world: RosterWorld,
) -> None:
    await world.publish_rotation()
    one = world.operators[0]
    await absences.enter(
        world.room, _leave(world.operators[1].account_id, "11-26", "11-27"), world.operators[1]
    )
    await mine.set_wish(world.room, one, WishView(day_of("12-24"), "", avoid=True))
    await mine.set_wish(world.room, one, WishView(day_of("12-24"), "day", avoid=False))
    seen = await mine.my_roster(world.room, one)
    assert (seen.first, seen.last) == (date(2026, 11, 23), date(2026, 12, 27))
    assert seen.published == ["2026-11", "2026-12"]
    assert seen.absences == []
    assert seen.wishes == [WishView(day_of("12-24"), "day", avoid=False)]
    own = {cell.day for cell in seen.cells if cell.person == one.account_id}
    assert day_of("11-25") in own
    await mine.drop_wish(world.room, one, day_of("12-24"))
    assert (await mine.my_roster(world.room, one)).wishes == []


def _leave(person: int, first: str, last: str) -> Wanted:
    return Wanted((person,), "leave", day_of(first), day_of(last), "事假")


async def _publish(world: RosterWorld, *rows: tuple[int, str, str]) -> None:
    await world.edit(*rows)
    await world.publish()


async def _agreed(world: RosterWorld, wanted: Offer) -> None:
    made = await swaps.offer(world.room, wanted, world.operators[0])
    await swaps.move(world.room, made.id, "accept", world.operators[1])
    done = await swaps.move(world.room, made.id, "approve", world.boss)
    assert done.state == "approved", done.reason


async def _seen(world: RosterWorld, who: int) -> list[SwapView]:
    return (await mine.my_roster(world.room, world.operators[who])).swaps


async def _shifts(world: RosterWorld) -> dict[tuple[int, str], str]:
    places = {each.account_id: place for place, each in enumerate(world.operators)}
    return {
        (places[cell.person], f"{cell.day:%m-%d}"): cell.shift
        for cell in (await world.view(NOVEMBER, "published")).cells
        if cell.shift
    }
