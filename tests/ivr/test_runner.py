"""The runner takes a caller through a flow over a real AGI socket and hands him to the dialplan."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.agi_peer import HANG_UP, AgiPeer, Heard

from core.clock import FixedClock
from ivr import speak
from ivr.hours import office_hours
from ivr.load import DEFAULT, load_flow, parse_flow
from ivr.nodes import Flow
from ivr.placement import Arrival, Placement
from ivr.progress import TicketProgress
from ivr.prompts import catalogue
from ivr.runner import Questions, Runner
from telephony.agi import AgiServer, AgiSession
from telephony.agi_script import SafeAgi, ScriptPool
from telephony.agi_wire import AgiRefused

CALL_ID = "c0ffee00-0000-4000-8000-000000000001"


@cache
def default() -> Flow:
    return load_flow(DEFAULT, catalogue())


@asynccontextmanager
async def serving(questions: Questions) -> AsyncIterator[AgiServer]:
    server = AgiServer(Runner(questions).call, "127.0.0.1", 0)
    await server.start()
    try:
        yield server
    finally:
        await server.close(grace=0)


async def call(*inputs: str, questions: Questions | None = None, **peer: object) -> Heard:
    async with serving(questions or Questions(flow_for=lambda dnid: default())) as server:
        return await AgiPeer(server.port, inputs, **peer).call()  # type: ignore[arg-type]


async def ticket_status(number: str, code: str) -> TicketProgress | None:
    if (number, code) != ("20261122000001", "0001"):
        return None
    return TicketProgress("with_unit", date(2026, 11, 30))


ASKING = Questions(flow_for=lambda dnid: default(), ticket_status=ticket_status)


@pytest.mark.parametrize(
    ("keys", "going", "menu"),
    [
        (["1"], "queue", "consultation"),
        (["2"], "queue", "complaint"),
        (["3"], "queue", "progress"),
        (["0"], "queue", "person"),
        (["9"], "emergency", "emergency"),
        ([], "queue", "none"),
        (["7", "*"], "queue", "none"),
    ],
)
async def test_each_key_leads_on_with_its_menu_word(keys: list[str], going: str, menu: str) -> None:
    heard = await call(*keys)
    assert heard.answered
    assert heard.prompts[0] == "hotline/greeting"
    assert heard.variables["IVR_NEXT"] == going
    assert heard.variables["__CALL_MENU"] == menu
    assert heard.commands[-1] == ("SET VARIABLE", ["IVR_NEXT", going])


async def test_the_choice_is_announced_when_it_is_made_with_the_calls_id() -> None:
    heard = await call("2")
    assert heard.user_events == [f"CallMenu,CallID: {CALL_ID},Menu: complaint"]


async def test_no_choice_is_left_to_the_dialplan_to_announce() -> None:
    assert (await call()).user_events == []


async def test_key_9_is_an_emergency_at_top_priority_with_nothing_more_said() -> None:
    heard = await call("9", impatient=True)
    assert heard.prompts == ["hotline/greeting"]
    assert heard.variables["__CALL_EMERGENCY"] == "1"
    assert heard.variables["QUEUE_PRIO"] == "100"


async def test_an_ordinary_call_has_no_emergency_mark() -> None:
    heard = await call("1")
    assert "__CALL_EMERGENCY" not in heard.variables
    assert heard.variables["QUEUE_PRIO"] == "0"


async def test_a_caller_hears_the_progress_of_his_ticket_with_its_date() -> None:
    heard = await call("3", "20261122000001#", "0001", questions=ASKING)
    said = [name.removeprefix("hotline/") for name in heard.prompts]
    assert said[:4] == ["greeting", "progress_number", "progress_code", "progress_with_unit"]
    assert said[4:-2] == ["progress_due", *speak.day(date(2026, 11, 30)), "due_end"]
    assert said[-2:] == ["progress_more", "queue_wait"]
    assert heard.variables["IVR_NEXT"] == "queue"


@pytest.mark.parametrize(
    "wrong", [("20261122000009#", "0001"), ("20261122000001#", "9999")], ids=["number", "code"]
)
async def test_wrong_number_and_wrong_code_sound_alike_and_three_are_a_person(
    wrong: tuple[str, str],
) -> None:
    heard = await call("3", *wrong * 3, questions=ASKING)
    again = ["hotline/progress_not_found", "hotline/progress_number", "hotline/progress_code"]
    assert heard.prompts == [
        "hotline/greeting",
        "hotline/progress_number",
        "hotline/progress_code",
        *again * 2,
        "hotline/queue_wait",
    ]
    assert heard.variables["IVR_NEXT"] == "queue"


async def never(number: str, code: str) -> TicketProgress | None:
    await asyncio.Event().wait()
    return None


async def broken(number: str, code: str) -> TicketProgress | None:
    raise ConnectionError("the database is gone")


@pytest.mark.parametrize("answer", [never, broken])
async def test_a_question_that_fails_or_hangs_leads_to_a_person(
    answer: Callable[[str, str], Awaitable[TicketProgress | None]], caplog: pytest.LogCaptureFixture
) -> None:
    questions = Questions(
        flow_for=lambda dnid: default(), ticket_status=answer, within_seconds=0.05
    )
    heard = await call("3", "20261122000001#", "0001", questions=questions)
    assert heard.variables["IVR_NEXT"] == "queue"


@pytest.mark.parametrize(("when", "inputs"), [
    ("greeting", [HANG_UP]),
    ("wrong key", ["8", HANG_UP]),
    ("number", ["3", HANG_UP]),
    ("code", ["3", "20261122000001#", HANG_UP]),
    ("answer", ["3", "20261122000001#", "0001", HANG_UP]),
    ("last prompt", ["1", HANG_UP]),
])  # fmt: skip
async def test_a_hang_up_anywhere_ends_cleanly_and_decides_nothing(
    when: str, inputs: list[str]
) -> None:
    heard = await call(*inputs, questions=ASKING)
    assert "IVR_NEXT" not in heard.variables


async def test_who_hangs_up_after_choosing_has_still_chosen() -> None:
    heard = await call("3", HANG_UP, questions=ASKING)
    assert heard.user_events == [f"CallMenu,CallID: {CALL_ID},Menu: progress"]


@pytest.mark.parametrize(
    "gone", ["greeting", "queue_wait", "progress_number", "progress_not_found"]
)
async def test_a_missing_prompt_never_costs_the_call(gone: str) -> None:
    heard = await call("3", "1#", "1111", questions=ASKING, missing=[f"hotline/{gone}"])
    assert heard.variables["IVR_NEXT"] == "queue"
    assert heard.variables["__CALL_MENU"] == "progress"


async def test_x69_a_blocked_number_is_rejected_but_can_report_an_emergency() -> None:
    async def is_blocked(number: str) -> bool:
        return number == "13900000001"

    questions = Questions(flow_for=lambda dnid: default(), is_blocked=is_blocked)
    rejected = await call("1", questions=questions)
    assert rejected.prompts == ["hotline/blocked", "hotline/goodbye"]
    assert rejected.user_events == [f"CallOutcome,CallID: {CALL_ID},Outcome: rejected"]
    assert rejected.variables["IVR_NEXT"] == "hangup"
    urgent = await call("9", questions=questions)
    assert urgent.variables["IVR_NEXT"] == "emergency"
    other = await call("1", questions=questions, callerid="13900000002")
    assert other.variables["IVR_NEXT"] == "queue"
    withheld = await call("1", questions=questions, callerid="unknown")
    assert withheld.variables["IVR_NEXT"] == "queue"


async def test_a_blacklist_that_does_not_answer_blocks_nobody() -> None:
    async def is_blocked(number: str) -> bool:
        raise ConnectionError

    questions = Questions(flow_for=lambda dnid: default(), is_blocked=is_blocked)
    assert (await call("1", questions=questions)).variables["IVR_NEXT"] == "queue"


async def test_a_caller_is_asked_a_place_for_told_of_it_and_placed_by_the_latest_answer() -> None:
    asked: list[Arrival] = []

    async def place(arrival: Arrival) -> Placement:
        asked.append(arrival)
        told = speak.queue_position(4)
        return Placement(priority=20, position=4 - len(asked), skill="heating", prompts=told)

    heard = await call("2", questions=Questions(flow_for=lambda dnid: default(), place=place))
    assert [arrival.menu for arrival in asked] == ["complaint", "complaint"]
    assert asked[0].call_id == CALL_ID
    assert heard.prompts[-3:] == [f"hotline/{name}" for name in speak.queue_position(4)]
    variables = heard.variables
    assert [variables[f"QUEUE_{name}"] for name in ("PRIO", "POSITION", "SKILL")] == [
        "20",
        "2",
        "heating",
    ]
    assert heard.commands[-1] == ("SET VARIABLE", ["IVR_NEXT", "queue"])


async def test_an_emergency_keeps_its_own_priority_whatever_the_place_says() -> None:
    async def place(arrival: Arrival) -> Placement:
        assert arrival.emergency
        return Placement(priority=20)

    heard = await call("9", questions=Questions(flow_for=lambda dnid: default(), place=place))
    assert (heard.variables["QUEUE_PRIO"], heard.variables["IVR_NEXT"]) == ("100", "emergency")


async def test_a_place_that_cannot_be_found_is_the_end_of_the_line() -> None:
    async def fails(arrival: Arrival) -> Placement:
        raise ConnectionError

    async def hangs(arrival: Arrival) -> Placement:
        await asyncio.Event().wait()
        raise AssertionError

    for place in (fails, hangs):
        questions = Questions(flow_for=lambda dnid: default(), place=place, within_seconds=0.05)
        variables = (await call("1", questions=questions)).variables
        assert (variables["QUEUE_PRIO"], variables["IVR_NEXT"]) == ("0", "queue")
        assert variables.keys().isdisjoint({"QUEUE_POSITION", "QUEUE_SKILL"})


EVENING = parse_flow(
    """
name: evening
start: hours
nodes:
  hours: {kind: hours, open: street, closed: person}
  street: {kind: collect, prompts: greeting, into: STREET, next: old, otherwise: person}
  old: {kind: script, script: heating, next: person, otherwise: urgent}
  person: {kind: queue, priority: 5, language: en}
  urgent: {kind: queue, emergency: true}
""",
    "evening.yaml",
    catalogue(),
    {"heating"},
)


@pytest.mark.parametrize(
    ("hour", "asked"), [(0, True), (9, True), (10, False), (23, False)]
)  # UTC; 08:00 to 17:30 in Shanghai
async def test_hours_follow_the_clock_of_shanghai(hour: int, asked: bool) -> None:
    questions = Questions(
        flow_for=lambda dnid: EVENING,
        is_open=office_hours(lambda day: True),
        clock=FixedClock(datetime(2026, 11, 23, hour, 15, tzinfo=UTC)),
    )
    heard = await call(questions=questions)
    assert ("hotline/greeting" in heard.prompts) == asked


async def test_a_pyst2_script_runs_as_a_node_and_its_failure_takes_the_other_way() -> None:
    pool = ScriptPool(threads=2)

    def heating(agi: SafeAgi) -> None:
        agi.set_variable("HEATING", agi.get_variable("__CALL_MENU") + "王")
        if agi.get_option("district", "12", 1000) == "2":
            raise RuntimeError("its own bug")

    async def absent(session: AgiSession) -> None:
        raise AgiRefused("no thread is free")

    def questions(script: Callable[[AgiSession], Awaitable[None]]) -> Questions:
        return Questions(flow_for=lambda dnid: EVENING, scripts={"heating": script})

    well = await call("123#", "1", questions=questions(pool.node(heating)))
    assert well.variables["HEATING"] == "王"
    assert well.variables["__IVR_STREET"] == "123"
    assert (well.variables["QUEUE_PRIO"], well.variables["QUEUE_LANGUAGE"]) == ("5", "en")
    ill = await call("123#", "2", questions=questions(pool.node(heating)))
    assert ill.variables["IVR_NEXT"] == "emergency"
    full = await call("123#", questions=questions(absent))
    assert full.variables["IVR_NEXT"] == "emergency"
    pool.close()


async def test_a_changed_flow_takes_effect_on_the_next_call_and_not_on_this_one() -> None:
    flows = iter([default(), EVENING])
    questions = Questions(flow_for=lambda dnid: next(flows))
    async with serving(questions) as server:
        first = await AgiPeer(server.port, ["1"]).call()
        second = await AgiPeer(server.port, []).call()
    assert first.variables["__CALL_MENU"] == "consultation"
    assert second.variables["QUEUE_PRIO"] == "5"


inputs = st.lists(
    st.one_of(
        st.sampled_from([*"0123456789*#", ""]),
        st.just(HANG_UP),
        st.sampled_from(["20261122000001#", "0001", "9999#"]),
    ),
    max_size=12,
)


@settings(max_examples=40, deadline=None)
@given(inputs, st.booleans())
def test_any_sequence_of_keys_pauses_and_hang_ups_ends_in_a_queue_or_a_hang_up(
    keys: list[str], impatient: bool
) -> None:
    heard = asyncio.run(call(*keys, questions=ASKING, impatient=impatient))
    going = heard.variables.get("IVR_NEXT")
    assert going in ("queue", "emergency") or (going is None and HANG_UP in keys)
