"""The walk through a flow, pure: the shipped default and the kinds of nodes."""

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr import flow as walk
from ivr.flow import (
    MAX_STEPS,
    AskDigits,
    AskKey,
    End,
    Failed,
    Gone,
    Heard,
    Input,
    LookUpTicket,
    OpenNow,
    Pressed,
    Ran,
    RunScript,
    Say,
    Step,
    Told,
    Typed,
    advance,
    begin,
    without_lookups,
)
from ivr.load import DEFAULT, load_flow, parse_flow
from ivr.nodes import Flow
from ivr.prompts import catalogue

ANY_INPUT = st.one_of(
    st.builds(Heard, st.sampled_from(["", *"0123456789*#"])),
    st.builds(Pressed, st.sampled_from(["", *"0123456789*#"])),
    st.builds(Typed, st.text("0123456789*", max_size=20)),
    st.builds(OpenNow, st.booleans()),
    st.just(Told(None)),
    st.just(Told(("progress_closed",))),
    st.builds(Ran, st.booleans()),
    st.just(Failed()),
    st.just(Gone()),
)


@cache
def default() -> Flow:
    return load_flow(DEFAULT, catalogue())


def go(step: Step, *inputs: Input, flow: Flow | None = None) -> Step:
    for came in inputs:
        assert not isinstance(step.action, End), "over before all input was taken"
        step = advance(flow or default(), step.position, came)
    return step


@pytest.mark.parametrize(
    ("inputs", "ending", "menu"),
    [
        ([Pressed("1"), Heard()], "queue", "consultation"),
        ([Pressed("2"), Heard()], "queue", "complaint"),
        ([Pressed("0"), Heard()], "queue", "person"),
        ([Pressed("9")], "emergency", "emergency"),
        ([Pressed(""), Heard()], "queue", "none"),
        ([Pressed("5"), Pressed("7"), Heard()], "queue", "none"),
        ([Pressed("#"), Pressed(""), Heard()], "queue", "none"),
        ([Pressed("5"), Pressed("2"), Heard("4")], "queue", "complaint"),
        ([Pressed("5"), Pressed("9")], "emergency", "emergency"),
        ([Gone()], "caller_gone", "none"),
        ([Pressed("2"), Gone()], "caller_gone", "complaint"),
    ],
)
def test_the_default_flow_leads_every_caller_where_the_greeting_says(
    inputs: list[Input], ending: str, menu: str
) -> None:
    step = go(begin(default()), *inputs)
    assert isinstance(step.action, End)
    assert (step.action.name, step.position.menu) == (ending, menu)


def test_the_greeting_is_the_first_thing_heard_and_a_wrong_key_is_told_so() -> None:
    first = begin(default())
    assert first.action == AskKey(("greeting",), 4.0)
    assert go(first, Pressed("8")).action == AskKey(("wrong_key",), 4.0)


def test_key_9_goes_before_everybody_without_another_word() -> None:
    end = go(begin(default()), Pressed("9")).action
    assert end == End("emergency", priority=100)


def test_progress_asks_number_and_code_and_tells() -> None:
    step = go(begin(default()), Pressed("3"))
    assert step.action == AskDigits(("progress_number",), 20, 5.0)
    step = go(step, Typed("20261122000001"))
    assert step.action == AskDigits(("progress_code",), 4, 5.0)
    step = go(step, Typed("0001"))
    assert step.action == LookUpTicket("20261122000001", "0001")
    step = go(step, Told(("progress_closed",)))
    assert step.action == Say(("progress_closed",))
    step = go(step, Heard())
    assert step.action == AskKey(("progress_more",), 3.0)
    assert go(step, Pressed(""), Heard()).position.menu == "progress"


@pytest.mark.parametrize(
    "attempt",
    [
        [Typed("1"), Typed("0001"), Told(None)],
        [Typed("20261122000001"), Typed("9999"), Told(None)],
        [Typed("20261122000001"), Typed("12")],
        [Typed("20261122000001"), Typed("")],
        [Typed("")],
    ],
)
def test_a_wrong_number_and_a_wrong_code_sound_the_same_and_three_of_them_are_a_person(
    attempt: list[Input],
) -> None:
    same = AskDigits(("progress_not_found", "progress_number"), 20, 5.0)
    step = go(begin(default()), Pressed("3"), *attempt)
    assert step.action == same
    step = go(step, *attempt)
    assert step.action == same
    step = go(step, *attempt, Heard())
    assert step.action == End("queue")
    assert step.position.menu == "progress"


@pytest.mark.parametrize("inputs", [[Typed("0")], [Typed("20261122000001"), Typed("0")]])
def test_0_in_the_progress_dialogue_is_a_person(inputs: list[Input]) -> None:
    assert go(begin(default()), Pressed("3"), *inputs, Heard()).action == End("queue")


def test_a_lookup_that_fails_is_a_person() -> None:
    inputs = [Pressed("3"), Typed("20261122000001"), Typed("0001"), Failed(), Heard()]
    assert go(begin(default()), *inputs).action == End("queue")


def test_without_a_function_to_ask_nobody_is_asked_for_a_number() -> None:
    flow = without_lookups(default())
    step = go(begin(flow), Pressed("3"), flow=flow)
    assert step.action == Say(())
    step = go(step, Heard(), Heard(), flow=flow)
    assert step.action == End("queue")
    assert step.position.menu == "progress"


def test_a_key_that_cuts_the_ticket_answer_short_is_the_answer_to_the_next_menu() -> None:
    inputs = [Pressed("3"), Typed("20261122000001"), Typed("0001"), Told(("progress_closed",))]
    assert go(begin(default()), *inputs, Heard("9")).action == End("emergency", priority=100)


def test_x69_a_blocked_caller_still_has_the_emergency_key_and_is_else_rejected() -> None:
    first = begin(default(), blocked=True)
    assert first.action == AskKey(("blocked",), 3.0)
    assert go(first, Pressed("9")).action == End("emergency", priority=100)
    assert go(first, Pressed("1"), Heard()).action == End("hangup", outcome="rejected")


EVERY_KIND = """
name: every kind
start: hours
nodes:
  hours: {kind: hours, open: news, closed: person}
  news: {kind: play, prompts: [goodbye], next: street}
  street: {kind: collect, prompts: greeting, into: STREET, digits: 3, tries: 2, next: old, otherwise: person}
  old: {kind: script, script: heating, next: person, otherwise: bye}
  person: {kind: queue, prompts: queue_wait, priority: 7, language: en}
  bye: {kind: hang-up, prompts: goodbye}
"""


def every_kind() -> Flow:
    return parse_flow(EVERY_KIND, "every.yaml", catalogue(), {"heating"})


def test_hours_play_collect_and_script_lead_on() -> None:
    flow = every_kind()
    step = go(begin(flow), OpenNow(True), Heard(), Typed(""), Typed("123"), flow=flow)
    assert step.action == RunScript("heating")
    assert step.position.collected == {"STREET": "123"}
    step = go(step, Ran(well=True), Heard(), flow=flow)
    assert step.action == End("queue", priority=7, language="en")


@pytest.mark.parametrize(
    ("inputs", "ending"),
    [
        ([OpenNow(False), Heard()], "queue"),
        ([Failed(), Heard(), Typed(""), Typed(""), Heard()], "queue"),
        ([OpenNow(True), Heard(), Typed("1"), Ran(well=False), Heard()], "hangup"),
        ([OpenNow(True), Heard(), Typed("1"), Failed(), Heard()], "hangup"),
        ([Pressed("1")], "queue"),
    ],
)
def test_failures_take_the_other_way(inputs: list[Input], ending: str) -> None:
    flow = every_kind()
    end = go(begin(flow), *inputs, flow=flow).action
    assert isinstance(end, End)
    assert end.name == ending


@given(st.lists(ANY_INPUT, max_size=80), st.sampled_from([False, True]), st.booleans())
def test_whatever_a_caller_does_the_flow_ends_by_itself_with_a_name(
    inputs: list[Input], blocked: bool, every: bool
) -> None:
    flow = every_kind() if every else default()
    step = begin(flow, blocked=blocked)
    taken = 0
    for came in (*inputs, *[Pressed(""), Heard(), Typed("")] * (3 * MAX_STEPS)):
        if isinstance(step.action, End):
            break
        step = advance(flow, step.position, came)
        taken += 1
    assert isinstance(step.action, End)
    assert step.action.name in walk.EndingName.__args__
    assert taken <= MAX_STEPS + 1


@given(st.lists(st.sampled_from("0123456789*#"), max_size=100))
def test_a_caller_who_only_presses_wrong_keys_is_with_a_person_after_two(keys: list[str]) -> None:
    wrong = [key for key in keys if key not in "12309"][:2]
    step = go(begin(default()), *map(Pressed, wrong))
    assert (step.position.node == "person") == (len(wrong) == 2)


def test_a_caller_who_asks_for_progress_again_and_again_gets_a_person_in_the_end() -> None:
    step = begin(default())
    script = [Pressed("3"), Typed("1"), Typed("0001"), Told(("progress_closed",)), Heard()]
    for came in script * MAX_STEPS:
        if isinstance(step.action, End):
            break
        step = advance(default(), step.position, came)
    assert step.action == End("queue")
