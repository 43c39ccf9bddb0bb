"""Skills become penalties: what each staffed seat stands for, and who may be offered what (pure)."""

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from seats.skills import SOUGHT, UNSKILLED, Skill, penalties, penalty, stand_for, window

SEATS = ("seat01", "seat02", "seat03", "seat04")
some_skills = st.dictionaries(st.sampled_from(SOUGHT), st.integers(1, 3), max_size=4)
staffings = st.dictionaries(st.sampled_from(SEATS), some_skills, max_size=4)


@given(staffings)
def test_a_seat_stands_for_one_of_its_own_skills_and_for_none_only_without_any(
    staffed: dict[str, dict[Skill, int]],
) -> None:
    for seat, skill in stand_for(staffed).items():
        assert (skill in staffed[seat]) if staffed[seat] else (skill is None)


@given(staffings)
def test_as_many_skills_are_covered_as_any_choice_could_cover(
    staffed: dict[str, dict[Skill, int]],
) -> None:
    covered = {skill for skill in stand_for(staffed).values() if skill}
    assert len(covered) == _most_covered(staffed)


@given(staffings)
def test_the_answer_does_not_depend_on_the_order_of_signing_in(
    staffed: dict[str, dict[Skill, int]],
) -> None:
    for order in permutations(staffed):
        assert stand_for({seat: staffed[seat] for seat in order}) == stand_for(staffed)


def test_who_alone_knows_a_language_stands_for_it_while_others_know_the_field() -> None:
    staffed: dict[str, dict[Skill, int]] = {
        "seat01": {"water": 3, "language": 1},
        "seat02": {"water": 2},
    }
    assert stand_for(staffed) == {"seat01": "language", "seat02": "water"}
    assert stand_for({"seat01": staffed["seat01"]})["seat01"] == "water"


def test_the_field_goes_to_who_knows_it_best() -> None:
    staffed: dict[str, dict[Skill, int]] = {
        "seat01": {"heating": 1, "water": 1},
        "seat02": {"heating": 3, "water": 1},
    }
    assert stand_for(staffed) == {"seat01": "water", "seat02": "heating"}


def test_the_best_of_a_skill_is_rung_first_and_no_window_holds_the_unskilled() -> None:
    assert penalty("water", 3) < penalty("water", 2) < penalty("water", 1)
    everywhere = penalties({"seat01": {}, "seat02": {"heating": 2}})
    assert everywhere == {"seat01": UNSKILLED, "seat02": penalty("heating", 2)}
    for skill in SOUGHT:
        lowest, highest = window(skill, 1)
        assert not lowest <= UNSKILLED <= highest
        for other in SOUGHT:
            inside = [lowest <= penalty(other, level) <= highest for level in (1, 2, 3)]
            assert inside == [other == skill] * 3


def _most_covered(staffed: dict[str, dict[Skill, int]]) -> int:
    """Try every choice of one skill a seat."""
    best: set[frozenset[Skill]] = {frozenset()}
    for skills in staffed.values():
        best = {covered | {skill} for covered in best for skill in skills} | best
    return max(len(covered) for covered in best)
