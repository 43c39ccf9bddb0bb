"""Queue rules as values: what is refused and why, what they mean for Asterisk, what a waiting caller meets."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seats.queue_rules import LIMITS, QueueRules, Widening, config_of, problems_of
from seats.rule_timeline import Caller, Step, timeline
from seats.skills import SOUGHT, penalty
from telephony.queue_config import EVERYBODY

MOBILE = "13900000999"


def widening(*steps: tuple[int, int]) -> tuple[Widening, ...]:
    return tuple(Widening(after_seconds=after, least_level=level) for after, level in steps)


def test_what_is_shipped_may_be_applied() -> None:
    assert problems_of(QueueRules(), []) == []


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"ring_seconds": 4}, "ring_seconds", "OUT_OF_LIMITS"),
        ({"ring_seconds": 121}, "ring_seconds", "OUT_OF_LIMITS"),
        ({"elderly_priority": 100}, "elderly_priority", "OUT_OF_LIMITS"),
        ({"comfort_seconds": 5}, "comfort_seconds", "OUT_OF_LIMITS"),
        ({"widening": ()}, "widening", "WRONG_NUMBER_OF_STEPS"),
        ({"widening": widening((5, 1), (15, 0))}, "widening", "FIRST_STEP_LATE"),
        ({"widening": widening((0, 3), (15, 1))}, "widening", "NEVER_EVERYBODY"),
        ({"widening": widening((0, 3), (9, 1), (9, 0))}, "widening", "STEPS_OUT_OF_ORDER"),
        ({"widening": widening((0, 1), (9, 2), (20, 0))}, "widening", "STEPS_OUT_OF_ORDER"),
        ({"widening": widening((0, 4), (9, 0))}, "widening", "UNKNOWN_LEVEL"),
        ({"widening": widening((0, 1), (61, 0))}, "widening", "EVERYBODY_TOO_LATE"),
        ({"overflow_number": "13900000998"}, "overflow_number", "NOT_ALLOWED"),
        ({"unstaffed": "overflow"}, "overflow_number", "OVERFLOW_NUMBER_MISSING"),
        ({"after_longest_wait": "overflow"}, "overflow_number", "OVERFLOW_NUMBER_MISSING"),
    ],
)
def test_a_bad_rule_is_refused_by_field_and_reason_in_both_languages(
    changes: dict[str, Any], field: str, code: str
) -> None:
    problems = problems_of(replace(QueueRules(), **changes), [MOBILE])
    assert [(problem.field, problem.code) for problem in problems] == [(field, code)]
    assert problems[0].zh
    assert problems[0].en.isascii()


def test_every_limit_is_of_a_field_and_the_emergency_stays_above_all_priorities() -> None:
    assert LIMITS.keys() <= QueueRules.__dataclass_fields__.keys()
    assert max(LIMITS["elderly_priority"][1], LIMITS["promised_priority"][1]) < 100


@given(
    strategy=st.sampled_from(("leastrecent", "random")),
    steps=st.sampled_from((((0, 1), (15, 0)), ((0, 3), (5, 2), (10, 1), (60, 0)), ((0, 0),))),
)
def test_in_asterisk_each_window_holds_the_seats_of_that_skill_and_level_alone(
    strategy: Any, steps: tuple[tuple[int, int], ...]
) -> None:
    config = config_of(QueueRules(strategy=strategy, widening=widening(*steps)), 7)
    assert [skill.skill for skill in config.skills] == list(SOUGHT)
    for each in config.skills:
        for window, (after, least) in zip(each.windows, steps, strict=True):
            assert window.after_seconds == after
            for skill in SOUGHT:
                for level in (1, 2, 3):
                    inside = window.lowest <= penalty(skill, level) <= window.highest
                    assert inside == (least == 0 or (skill == each.skill and level >= least))
            assert window.everybody == (least == 0)
        assert each.windows[-1].highest == EVERYBODY


def offered(steps: list[Step]) -> list[tuple[int, int | None, int | None]]:
    return [(step.at, step.until, step.seats) for step in steps if step.what == "offered"]


DAY = Caller(skill="heating", seats=10, of_skill=((2, 2), (1, 1)))


def test_by_day_a_caller_is_kept_for_his_skill_and_then_for_everybody() -> None:
    assert offered(timeline(QueueRules(), DAY)) == [(0, 15, 3), (15, 1800, 10)]
    finer = replace(QueueRules(), widening=widening((0, 2), (8, 1), (20, 0)))
    assert offered(timeline(finer, DAY)) == [(0, 8, 2), (8, 20, 3), (20, 1800, 10)]


@pytest.mark.parametrize(
    "changes",
    [
        {"seats": 2},
        {"of_skill": ()},
        {"skill": "general"},
        {"kind": "elderly"},
        {"kind": "redial"},
        {"kind": "promised"},
        {"kind": "emergency"},
    ],
)
def test_who_is_kept_for_nobody_may_be_offered_to_everybody_at_once(
    changes: dict[str, Any],
) -> None:
    """B05: by night two seats take every call; priority waits for no skill."""
    caller = replace(DAY, **changes)
    assert offered(timeline(QueueRules(), caller)) == [(0, 1800, caller.seats)]


def test_a_privilege_that_is_switched_off_is_none() -> None:
    rules = replace(QueueRules(), elderly_priority=0, promised_priority=0, redial_minutes=0)
    for kind in ("elderly", "promised", "redial"):
        assert len(offered(timeline(rules, replace(DAY, kind=kind)))) == 2  # type: ignore[arg-type]


def test_after_the_longest_wait_come_alarm_duty_mobile_and_message() -> None:
    rules = replace(QueueRules(), after_longest_wait="overflow", overflow_number=MOBILE)
    ends = [(step.at, step.what) for step in timeline(rules, DAY)][-4:]
    assert ends == [(1800, "limit"), (1800, "alarm"), (1800, "overflow"), (1830, "message")]


def test_with_nobody_staffed_managers_are_alarmed_at_once() -> None:
    steps = timeline(QueueRules(), Caller(seats=0))
    assert [(step.at, step.what) for step in steps] == [(0, "alarm"), (0, "message")]


@given(
    comfort=st.sampled_from((0, 15, 40, 600)),
    seats=st.integers(0, 12),
    kind=st.sampled_from(("ordinary", "elderly", "emergency")),
)
def test_a_timeline_is_in_order_and_somebody_may_be_offered_the_call_at_every_second(
    comfort: int, seats: int, kind: Any
) -> None:
    rules = replace(QueueRules(), comfort_seconds=comfort)
    steps = timeline(rules, Caller(skill="water", kind=kind, seats=seats, of_skill=((1, seats),)))
    assert [step.at for step in steps] == sorted(step.at for step in steps)
    spans = offered(steps)
    if seats:
        assert spans[0][0] == 0
        assert spans[-1] == (spans[-1][0], rules.longest_wait_seconds, seats)
        assert all(a[1] == b[0] for a, b in pairwise(spans))
    assert steps[-1].what == "message"
    assert all(step.zh and step.en.isascii() for step in steps)
