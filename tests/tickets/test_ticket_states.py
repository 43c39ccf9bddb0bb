"""The whole table: every (state, trigger, role), and the guards that the rows name."""

import pytest

from core.errors import Forbidden
from core.security import Role
from tickets.errors import TransitionRefused
from tickets.form import FIELDS, Form
from tickets.guards import GUARDS, Case
from tickets.labels import label, sections
from tickets.states import TABLE, TRIGGERS, Action, allowed_actions, find_row, missing, next_state
from tickets.terms import HandlingClass, ReferralResult, State
from tickets.transitions import EFFECTS

DESK = {Role.OPERATOR, Role.NETWORK_CLERK}
OFFICE = {Role.INTAKE, Role.COORDINATION, Role.OFFICE_DIRECTOR}
EXPECTED = {
    (None, "open"): (State.DRAFT, DESK),
    (State.DRAFT, "answer"): (State.ANSWERED, DESK),
    (State.DRAFT, "refer"): (State.REFERRED, DESK),
    (State.DRAFT, "accept"): (State.TO_DISPATCH, DESK),
    (State.DRAFT, "request_info"): (State.PENDING_INFO, DESK),
    (State.PENDING_INFO, "resume"): (State.DRAFT, DESK),
    (State.DRAFT, "propose_invalid"): (State.DRAFT, DESK),
    (State.DRAFT, "confirm_invalid"): (State.INVALID, {Role.SHIFT_LEADER}),
    (State.DRAFT, "decline_invalid"): (State.DRAFT, {Role.SHIFT_LEADER}),
    (State.TO_DISPATCH, "correct"): (State.TO_DISPATCH, OFFICE),
}
COMPLETE = Form(
    anonymous=True,
    confidential=False,
    public_ok=False,
    appeal_type="complaint",
    handling_class="appeal",
    category="11101",
    title="停水",
    content="停水一天",
    area="210802",
    address="幸福小区",
    occurred_at="今天",
    complained_party="物业",
    purpose="恢复供水",
    urgency="normal",
)


@pytest.mark.parametrize("trigger", sorted(TRIGGERS))
@pytest.mark.parametrize("state", [None, *State])
def test_every_state_trigger_and_role_gives_what_the_specification_says(
    state: State | None, trigger: str
) -> None:
    for role in Role:
        if (state, trigger) not in EXPECTED:
            with pytest.raises(TransitionRefused):
                next_state(state, trigger, {role})
            continue
        new, roles = EXPECTED[state, trigger]
        if role in roles:
            assert next_state(state, trigger, {role}) is new
        else:
            with pytest.raises(Forbidden):
                next_state(state, trigger, {role})


def test_an_unknown_trigger_is_refused_like_any_other_impossible_move() -> None:
    with pytest.raises(TransitionRefused):
        next_state(State.DRAFT, "delete", set(Role))


def test_the_table_has_one_row_for_a_state_and_trigger() -> None:
    assert len({(row.old, row.trigger) for row in TABLE}) == len(TABLE) == len(EXPECTED)


def test_every_guard_and_effect_is_used_and_every_name_in_the_table_exists() -> None:
    assert {name for row in TABLE for name in row.guards} == set(GUARDS)
    assert {name for row in TABLE for name in row.effects} == set(EFFECTS)


def test_nothing_leaves_a_terminal_state() -> None:
    """X43."""
    terminal = {State.ARCHIVED, State.REFERRED, State.MERGED, State.INVALID, State.WITHDRAWN}
    assert not {row.old for row in TABLE} & terminal


def test_the_enquiry_answered_from_the_knowledge_base_lacks_nothing() -> None:
    """C03, T02."""
    form = Form(
        appeal_type="enquiry",
        category="30502",
        title="水费",
        kb_source="营水〔2026〕1号",
        answer_text="每月缴费",
    )
    assert lacking("answer", Case(form=form, actor=1, caller_heard=True)) == []
    assert lacking("answer", Case(form=form, actor=1)) == ["caller_heard"]


def test_only_an_enquiry_is_answered_on_the_spot_and_only_from_a_source() -> None:
    """T02."""
    assert lacking("answer", Case(form=Form(appeal_type="help"), actor=1)) == [
        *("appeal_type", "kb_source", "category", "title", "answer_text", "caller_heard")
    ]


def test_acceptance_asks_for_every_starred_field() -> None:
    """C05, 5.10."""
    starred = {
        *("anonymous", "confidential", "public_ok", "appeal_type", "handling_class"),
        *("category", "title", "content", "area", "urgency"),
    }
    assert starred <= set(lacking("accept", Case(form=Form(), actor=1)))
    assert lacking("accept", Case(form=COMPLETE, actor=1)) == []


@pytest.mark.parametrize("name", ["occurred_at", "address", "complained_party", "purpose"])
def test_the_five_elements_or_a_note_of_what_is_missing(name: str) -> None:
    """T04."""
    form = changed(COMPLETE, **{name: ""})
    assert lacking("accept", Case(form=form, actor=1)) == [name]
    noted = changed(form, missing_info="来电人不清楚")
    assert lacking("accept", Case(form=noted, actor=1)) == []


def test_a_complaint_about_officials_names_the_unit_even_with_a_note() -> None:
    """C02."""
    form = changed(COMPLETE, category="20101", complained_party="", missing_info="不详")
    assert lacking("accept", Case(form=form, actor=1)) == ["complained_party"]


def test_an_enquiry_is_dispatched_only_after_a_knowledge_search() -> None:
    """C07."""
    form = changed(COMPLETE, appeal_type="enquiry", handling_class="enquiry")
    assert lacking("accept", Case(form=form, actor=1)) == ["kb_query"]
    assert lacking("accept", Case(form=changed(form, kb_query="水费"), actor=1)) == []


def test_class_and_type_must_fit() -> None:
    """C06: an appeal is no enquiry."""
    form = changed(COMPLETE, handling_class="enquiry")
    assert lacking("accept", Case(form=form, actor=1)) == ["handling_class"]


def test_a_key_matter_needs_its_reason() -> None:
    """C10."""
    for form in (changed(COMPLETE, key_flag=True), changed(COMPLETE, handling_class="key")):
        assert lacking("accept", Case(form=form, actor=1)) == ["key_reason"]


@pytest.mark.parametrize("result", ["answered", "guided", "caller_hung_up"])
def test_guidance_is_referred_and_never_dispatched(result: str) -> None:
    """C11, C13, C14, T03."""
    form = changed(
        COMPLETE,
        handling_class=HandlingClass.GUIDANCE,
        referral_target="12388",
        referral_result=result,
    )
    assert lacking("refer", Case(form=form, actor=1)) == []
    assert lacking("accept", Case(form=form, actor=1)) == ["handling_class"]


@pytest.mark.parametrize("result", [ReferralResult.BUSY, "no_answer", "refused"])
def test_a_failed_transfer_becomes_a_ticket_that_is_followed_up(result: str) -> None:
    """T03, 5.11, X75."""
    form = changed(
        COMPLETE, handling_class="guidance", referral_target="110", referral_result=result
    )
    assert lacking("refer", Case(form=form, actor=1)) == ["referral_result"]
    assert lacking("accept", Case(form=form, actor=1)) == []


def test_the_caller_is_asked_for_what_is_missing_at_most_three_times() -> None:
    """T05."""
    form = Form(missing_info="门牌号")
    assert lacking("request_info", Case(form=Form(), actor=1)) == ["missing_info"]
    assert lacking("request_info", Case(form=form, actor=1, info_attempts=2)) == []
    assert lacking("request_info", Case(form=form, actor=1, info_attempts=3)) == ["info_attempts"]


def test_invalid_needs_a_reason_a_proposal_and_a_second_person() -> None:
    """T06."""
    form = Form(invalid_reason="骚扰")
    assert lacking("propose_invalid", Case(form=Form(), actor=1)) == ["invalid_reason"]
    assert lacking("confirm_invalid", Case(form=form, actor=2)) == ["invalid_proposed_by"]
    same = Case(form=form, actor=2, invalid_proposed_by=2)
    assert lacking("confirm_invalid", same) == ["second_person"]
    other = Case(form=form, actor=2, invalid_proposed_by=1)
    assert lacking("confirm_invalid", other) == []
    assert lacking("decline_invalid", other) == ["reason"]


def test_the_actions_shown_come_from_the_table_that_guards_the_moves() -> None:
    case = Case(form=COMPLETE, actor=1)
    shown = allowed_actions(State.DRAFT, case, frozenset({Role.OPERATOR}))
    assert [action.trigger for action in shown] == [
        *("answer", "refer", "accept", "request_info", "propose_invalid")
    ]
    accept = next(action for action in shown if action.trigger == "accept")
    assert accept == Action("accept", State.TO_DISPATCH, "受理转办", "Accept for dispatch", ())
    assert allowed_actions(State.DRAFT, case, frozenset({Role.ADMIN})) == ()
    assert allowed_actions(State.ANSWERED, case, frozenset(Role)) == ()


def test_every_state_and_every_field_has_its_texts() -> None:
    assert list(sections()["fields"]) == list(FIELDS) == list(Form.__dataclass_fields__)
    assert list(sections()["states"]) == [state.value for state in State]
    assert label("states", "DRAFT", language="en") == "Draft"
    for section, field in (("referral_results", "referral_result"), ("urgencies", "urgency")):
        choices = FIELDS[field].choices
        assert choices is not None
        assert set(sections()[section]) == set(choices)


def lacking(trigger: str, case: Case) -> list[str]:
    row = next(row for row in TABLE if row.trigger == trigger)
    found = missing(find_row(row.old, trigger, row.roles), case)
    assert all(lack.zh and lack.en for lack in found)
    return [lack.field for lack in found]


def changed(form: Form, **values: object) -> Form:
    return Form(**{**vars(form), **values})
