"""What must hold before a ticket moves: small pure functions that return what is missing."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from tickets.form import Form
from tickets.labels import label
from tickets.terms import FAILED_REFERRALS, AppealType, HandlingClass

MAX_INFO_ATTEMPTS = 3
EFFICIENCY_COMPLAINTS = "2"  # class of the category tree (C02)

REQUIRED = (
    "anonymous",
    "confidential",
    "public_ok",
    "appeal_type",
    "handling_class",
    "category",
    "title",
    "content",
    "area",
    "urgency",
)
FIVE_ELEMENTS = ("occurred_at", "address", "complained_party", "content", "purpose")


@dataclass(frozen=True)
class Missing:
    """A thing that a guard lacks: a field of the form, or of the data sent with the command."""

    field: str
    zh: str
    en: str
    where: Literal["form", "data"] = "form"


@dataclass(frozen=True, kw_only=True)
class Case:
    """Everything a guard may look at."""

    form: Form
    actor: int
    caller_heard: bool = False
    reason: str = ""
    info_attempts: int = 0
    invalid_proposed_by: int | None = None


Guard = Callable[[Case], list[Missing]]


def is_enquiry(case: Case) -> list[Missing]:
    if case.form.appeal_type == AppealType.ENQUIRY:
        return []
    return [
        Missing("appeal_type", "只有咨询类可即时解答", "Only an enquiry is answered on the spot")
    ]


def answer_sourced(case: Case) -> list[Missing]:
    if case.form.kb_source:
        return []
    return [Missing("kb_source", "缺少知识库条目或答复依据", "Name the article or the source")]


def answer_described(case: Case) -> list[Missing]:
    return _empty(case.form, ("category", "title", "answer_text"))


def caller_heard(case: Case) -> list[Missing]:
    if case.caller_heard:
        return []
    return [Missing("caller_heard", "请确认来电人已听取答复", "Confirm: answer was heard", "data")]


def is_guidance(case: Case) -> list[Missing]:
    if case.form.handling_class == HandlingClass.GUIDANCE:
        return []
    return [Missing("handling_class", "处理类别须为指引类", "The handling class must be guidance")]


def referral_settled(case: Case) -> list[Missing]:
    """A failed transfer is not a referral: the ticket is accepted instead, to follow it up."""
    if case.form.referral_result in FAILED_REFERRALS:
        return [
            Missing(
                "referral_result",
                "转接未成功，请改为受理转办(转接失败跟踪)",
                "The transfer failed: accept the ticket to follow it up",
            )
        ]
    return _empty(case.form, ("referral_target", "referral_result"))


def dispatchable(case: Case) -> list[Missing]:
    """Guidance matters (discipline, petitions, emergencies) reach a unit only if the referral failed."""
    form = case.form
    guidance = form.handling_class == HandlingClass.GUIDANCE
    if not guidance or form.referral_result in FAILED_REFERRALS:
        return []
    return [
        Missing("handling_class", "指引类不转办，请选择指引转接", "Guidance is referred, not sent")
    ]


def required_fields(case: Case) -> list[Missing]:
    return _empty(case.form, REQUIRED)


def five_elements(case: Case) -> list[Missing]:
    """Time, place, who, what happened, what is asked; or a note of what could not be learned."""
    return [] if case.form.missing_info else _empty(case.form, FIVE_ELEMENTS)


def class_fits_type(case: Case) -> list[Missing]:
    form = case.form
    enquiry = form.appeal_type == AppealType.ENQUIRY
    wrong = {HandlingClass.APPEAL} if enquiry else {HandlingClass.ENQUIRY}
    if form.appeal_type is None or form.handling_class not in wrong:
        return []
    return [Missing("handling_class", "处理类别与诉求类型不符", "Class and type do not fit")]


def complained_unit_named(case: Case) -> list[Missing]:
    form = case.form
    about_officials = (form.category or "").startswith(EFFICIENCY_COMPLAINTS)
    return _empty(form, ("complained_party",)) if about_officials else []


def knowledge_searched(case: Case) -> list[Missing]:
    """An enquiry goes to a unit only after the knowledge base was asked (C07)."""
    if case.form.appeal_type != AppealType.ENQUIRY or case.form.kb_query:
        return []
    return [Missing("kb_query", "咨询转办前须检索知识库", "Search the knowledge base first")]


def key_reason_given(case: Case) -> list[Missing]:
    key = case.form.key_flag or case.form.handling_class == HandlingClass.KEY
    return _empty(case.form, ("key_reason",)) if key else []


def missing_named(case: Case) -> list[Missing]:
    return _empty(case.form, ("missing_info",))


def attempts_left(case: Case) -> list[Missing]:
    if case.info_attempts < MAX_INFO_ATTEMPTS:
        return []
    return [
        Missing(
            "info_attempts",
            f"已补充联系 {MAX_INFO_ATTEMPTS} 次，请按现有情况受理并注明待补充",
            f"Asked {MAX_INFO_ATTEMPTS} times already: accept with a note of what is missing",
        )
    ]


def invalid_reason_given(case: Case) -> list[Missing]:
    return _empty(case.form, ("invalid_reason",))


def invalid_proposed(case: Case) -> list[Missing]:
    if case.invalid_proposed_by is not None:
        return []
    return [Missing("invalid_proposed_by", "尚无话务员提请", "No operator has proposed it")]


def second_person(case: Case) -> list[Missing]:
    if case.invalid_proposed_by != case.actor:
        return []
    return [Missing("second_person", "须由另一人确认", "Another person has to confirm")]


def reason_given(case: Case) -> list[Missing]:
    return [] if case.reason else [Missing("reason", "请填写理由", "Give a reason", "data")]


GUARDS: dict[str, Guard] = {
    guard.__name__: guard
    for guard in (
        is_enquiry,
        answer_sourced,
        answer_described,
        caller_heard,
        is_guidance,
        referral_settled,
        dispatchable,
        required_fields,
        five_elements,
        class_fits_type,
        complained_unit_named,
        knowledge_searched,
        key_reason_given,
        missing_named,
        attempts_left,
        invalid_reason_given,
        invalid_proposed,
        second_person,
        reason_given,
    )
}


def _empty(form: Form, names: tuple[str, ...]) -> list[Missing]:
    return [
        Missing(
            name,
            f"缺少{label('fields', name)}",
            f"Missing: {label('fields', name, language='en')}",
        )
        for name in names
        if getattr(form, name) in ("", None)
    ]
