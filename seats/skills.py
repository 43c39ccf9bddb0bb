"""Skills: who has which, what each staffed seat stands for now, and the penalty that says so in Asterisk (pure)."""

from collections.abc import Iterable, Mapping
from typing import Literal, get_args

Skill = Literal["general", "water", "transport", "heating", "hotline", "language"]
"""Fields of the three companies, merged hotlines without a field of their own, dialects and foreign languages.

Everybody can do `general`: nobody is entered for it, and a caller who asks for it waits for nobody in particular.
"""
SKILLS: tuple[Skill, ...] = get_args(Skill)
SOUGHT: tuple[Skill, ...] = SKILLS[1:]
"""The skills that a caller may be kept for."""

Level = Literal[1, 2, 3]
"""1 can help out, 2 knows the field, 3 is the one to ask."""
LEVELS: tuple[Level, ...] = get_args(Level)

Skills = Mapping[Skill, int]
_BAND = 10
UNSKILLED = 0


def penalty(skill: Skill, level: int) -> int:
    """Return the penalty of a seat that stands for `skill`: ten for each skill, the best lowest."""
    return SKILLS.index(skill) * _BAND + LEVELS[-1] - level


def window(skill: Skill, least_level: int) -> tuple[int, int]:
    """Return the lowest and the highest penalty of the seats that stand for `skill` with `least_level` or more."""
    return penalty(skill, LEVELS[-1]), penalty(skill, least_level)


def stand_for(staffed: Mapping[str, Skills]) -> dict[str, Skill | None]:
    """Return what each staffed seat stands for: one of its own skills, or None for a seat that has none.

    A queue member has one penalty and so one skill at a time. As many skills as possible are covered; among those
    answers each skill goes to who knows it best, and a seat that is not needed elsewhere takes what it knows best.
    The same people at the same seats always give the same answer.
    """
    holders = _cover(staffed)
    chosen = {seat: skill for skill, seat in holders.items()}
    return {seat: chosen.get(seat) or _best(skills) for seat, skills in staffed.items()}


def penalties(staffed: Mapping[str, Skills]) -> dict[str, int]:
    """Return the penalty of each staffed seat."""
    stands = stand_for(staffed)
    return {
        seat: penalty(skill, staffed[seat][skill]) if skill else UNSKILLED
        for seat, skill in stands.items()
    }


def _cover(staffed: Mapping[str, Skills]) -> dict[Skill, str]:
    """Return a seat for as many sought skills as can have one each (a maximum matching, by augmenting paths)."""
    holders: dict[Skill, str] = {}
    for skill in SOUGHT:
        _find_holder(skill, staffed, holders, set())
    return holders


def _find_holder(
    skill: Skill, staffed: Mapping[str, Skills], holders: dict[Skill, str], tried: set[str]
) -> bool:
    for seat in _by_knowledge(skill, staffed):
        if seat in tried:
            continue
        tried.add(seat)
        taken = next((other for other, holder in holders.items() if holder == seat), None)
        if taken is None or _find_holder(taken, staffed, holders, tried):
            holders[skill] = seat
            return True
    return False


def _by_knowledge(skill: Skill, staffed: Mapping[str, Skills]) -> Iterable[str]:
    able = [seat for seat, skills in staffed.items() if skill in skills]
    # Who knows nothing else comes first: the others may be needed elsewhere.
    return sorted(able, key=lambda seat: (-staffed[seat][skill], len(staffed[seat]), seat))


def _best(skills: Skills) -> Skill | None:
    return max(skills, key=lambda skill: (skills[skill], -SKILLS.index(skill)), default=None)
