"""What the validator refuses (spec/telephony.md 3), with file, line and node in the message."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.errors import PROBLEMS, FlowInvalid, Problem
from ivr.load import DEFAULT, parse_flow

PROMPTS = {"hello", "bye"}


def problems(text: str) -> list[Problem]:
    try:
        parse_flow(text, "test.yaml", PROMPTS, {"heating"})
    except FlowInvalid as invalid:
        return list(invalid.problems)
    return []


def flow(*nodes: str, start: str = "a") -> str:
    return "\n".join(["name: t", f"start: {start}", "nodes:", *(f"  {node}" for node in nodes)])


MENU = "a: {kind: menu, prompts: hello, choices: {'1': {next: q}}, otherwise: q}"
QUEUE = "q: {kind: queue}"


def test_a_sound_flow_has_no_problems() -> None:
    assert problems(flow(MENU, QUEUE)) == []


@pytest.mark.parametrize(
    ("text", "code", "node", "line"),
    [
        (flow("a: {kind: fax, next: q}", QUEUE), "unknown_kind", "a", 4),
        (flow("a: {kind: transfer, next: q}", QUEUE), "not_available", "a", 4),
        (flow("a: {kind: callback, next: q}", QUEUE), "not_available", "a", 4),
        (flow("a: {kind: survey, next: q}", QUEUE), "not_available", "a", 4),
        (flow("a: {kind: play, prompts: hello, next: x}", QUEUE), "unknown_node", "a", 4),
        (flow(MENU.replace("next: q", "next: nobody"), QUEUE), "unknown_node", "a", 4),
        (flow(MENU, QUEUE, start="nowhere"), "unknown_node", "", 1),
        (flow("a: {kind: play, prompts: gone, next: q}", QUEUE), "unknown_prompt", "a", 4),
        (
            flow("a: {kind: script, script: x, next: q, otherwise: q}", QUEUE),
            "unknown_script",
            "a",
            4,
        ),
        (flow("a: {kind: play, next: q}", QUEUE), "missing_field", "a", 4),
        (flow("a: {kind: play, prompts: hello}", QUEUE), "missing_field", "a", 4),
        (flow("a: {prompts: hello}", QUEUE), "missing_field", "a", 4),
        (
            flow(MENU.replace("kind: menu", "kind: menu, colour: red"), QUEUE),
            "unknown_field",
            "a",
            4,
        ),
        (flow(MENU, QUEUE, "z: {kind: queue}"), "unreachable", "z", 6),
        (flow(MENU, QUEUE, QUEUE), "duplicate", "", 6),
        (flow(MENU.replace("'1'", "'12'"), QUEUE), "bad_value", "a", 4),
        (flow(MENU.replace("kind: menu", "kind: menu, tries: 9"), QUEUE), "bad_value", "a", 4),
        (flow(MENU.replace("kind: menu", "kind: menu, tries: many"), QUEUE), "bad_value", "a", 4),
        (flow(MENU.replace("kind: menu", "kind: menu, tries: 1.5"), QUEUE), "bad_value", "a", 4),
        (flow(MENU.replace("{'1': {next: q}}", "{}"), QUEUE), "bad_value", "a", 4),
        (flow(MENU.replace("{'1': {next: q}}", "[1]"), QUEUE), "shape", "a", 4),
        (flow(MENU, "q: {kind: queue, emergency: perhaps}"), "bad_value", "q", 5),
        (flow(MENU, "q: {kind: hang-up, outcome: angry}"), "bad_value", "q", 5),
        (
            flow(
                "a: {kind: collect, prompts: hello, into: 'x;y', next: q, otherwise: q}",
                QUEUE,
            ),
            "bad_value",
            "a",
            4,
        ),
        (flow("a: {kind: play, prompts: hello, next: a}"), "dead_end", "a", 4),
        (flow("a: {kind: hours, open: b, closed: b}", "b: {kind: hang-up}"), "no_person", "a", 4),
        (
            flow(
                "a: {kind: hours, open: b, closed: q}",
                "b: {kind: play, prompts: hello, next: a}",
                QUEUE,
            ),
            "silent_loop",
            "a",
            4,
        ),
        (
            flow(
                "a: {kind: menu, prompts: hello, choices: {'1': {next: b}}, otherwise: q}",
                "b: {kind: menu, prompts: hello, choices: {'1': {next: c}}, otherwise: q}",
                "c: {kind: menu, prompts: hello, choices: {'1': {next: q}}, otherwise: q}",
                QUEUE,
            ),
            "too_deep",
            "c",
            6,
        ),
        ("name: [", "yaml", "", 1),
        ("", "shape", "", 1),
        ("- a", "shape", "", 1),
        ("x" * 70_000, "too_large", "", 1),
        ("name: t\nstart: a\nnodes: 5", "shape", "", 3),
    ],
)
def test_an_unsafe_flow_is_refused_with_its_place(
    text: str, code: str, node: str, line: int
) -> None:
    found = problems(text)
    assert (code, node) in {(problem.code, problem.node) for problem in found}
    here = next(p for p in found if (p.code, p.node) == (code, node))
    assert here.line == line
    assert str(here).startswith(f"test.yaml:{line}: ")
    assert not node or f"node '{node}'" in str(here)


def test_a_way_back_to_the_first_menu_is_neither_a_loop_nor_depth() -> None:
    back = (
        "b: {kind: menu, prompts: hello, choices: {'0': {next: q}, '*': {next: a}}, otherwise: q}"
    )
    assert problems(flow(MENU.replace("next: q", "next: b"), back, QUEUE)) == []


def test_all_problems_are_told_at_once_and_in_order() -> None:
    found = problems(flow("a: {kind: fax}", "b: {kind: survey}", "c: {kind: play}"))
    assert [problem.code for problem in found] == [
        "unknown_kind",
        "not_available",
        "missing_field",
        "missing_field",
    ]


def test_the_refusal_carries_its_findings_for_the_screen() -> None:
    with pytest.raises(FlowInvalid) as refused:
        parse_flow(flow("a: {kind: fax}"), "test.yaml", PROMPTS)
    body = refused.value.rendering()
    assert refused.value.status == 422
    assert body["details"]["problems"][0]["line"] == 4
    assert "fax" in body["zh"]


def test_every_problem_has_words_in_both_languages() -> None:
    for code in PROBLEMS:
        problem = Problem("f.yaml", 1, "n", code, "x")
        assert problem.text("zh")
        assert problem.text("en")


SHIPPED = DEFAULT.read_text("utf-8")


@given(st.data())
def test_a_damaged_flow_file_is_refused_and_never_crashes(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(SHIPPED)))
    end = data.draw(st.integers(start, min(len(SHIPPED), start + 40)))
    junk = data.draw(st.text(max_size=8))
    problems(SHIPPED[:start] + junk + SHIPPED[end:])
