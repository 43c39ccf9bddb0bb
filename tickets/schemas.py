"""What goes over HTTP: requests with their limits, answers with every name spelt out."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from tickets.terms import Channel, State

Key = Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=r"^[\x21-\x7e]+$")]
Value = str | int | bool | None


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class OpenDraft(Strict):
    """A draft for a call, or without one (a walk-in, a call noted on paper)."""

    call_id: Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,64}$")] | None = None
    channel: Annotated[Channel, Field(strict=False)] = Channel.PHONE
    idempotency_key: Key | None = None


class PatchTicket(Strict):
    version: int = Field(ge=1)
    fields: dict[str, Value] = Field(max_length=64)


class TransitionData(Strict):
    """What accompanies a move and is not part of the form."""

    caller_heard: bool = False
    reason: str = Field(default="", max_length=500)
    fields: dict[str, Value] = Field(default_factory=dict, max_length=64)


class Transition(Strict):
    trigger: str = Field(pattern=r"^[a-z_]{1,32}$")
    version: int = Field(ge=1)
    data: TransitionData = Field(default_factory=TransitionData)
    idempotency_key: Key


class Unmask(Strict):
    """Why somebody has to see who the caller is; kept in the access log."""

    reason: str = Field(min_length=2, max_length=200)


class IdentityOut(BaseModel):
    """The caller of one ticket, unmasked."""

    caller_name: str
    source_number: str
    contact_phone: str
    alt_phone: str


class Lack(BaseModel):
    field: str
    zh: str
    en: str
    where: Literal["form", "data"]


class AllowedAction(BaseModel):
    trigger: str
    to: State
    zh: str
    en: str
    missing: list[Lack]


class Warning_(BaseModel):
    """A banner above the form; `target` is an emergency number to offer."""

    target: str
    zh: str
    en: str


class Ticket(BaseModel):
    """A ticket as one person may see it."""

    id: int
    number: str | None
    version: int
    state: State
    state_name: str
    channel: str
    call_id: str | None
    source_number: str
    contact_id: int
    dnid: str
    hotline_name: str
    menu: str
    recording: bool
    opened_at: datetime
    opened_by_name: str
    updated_at: datetime
    accepted_at: datetime | None
    accepted_by_name: str
    category_name: str
    area_name: str
    info_attempts: int
    invalid_proposed: bool
    editable: bool

    caller_name: str
    caller_gender: str | None
    contact_phone: str
    alt_phone: str
    reply_method: str | None
    anonymous: bool | None
    confidential: bool | None
    public_ok: bool | None
    language: str | None
    subject_kind: str | None
    appeal_type: str | None
    handling_class: str | None
    category: str | None
    title: str
    content: str
    area: str | None
    street: str
    community: str
    address: str
    occurred_at: str
    complained_party: str
    urgency: str | None
    purpose: str
    key_flag: bool
    key_reason: str
    kb_query: str
    kb_source: str
    answer_text: str
    referral_target: str | None
    referral_result: str | None
    missing_info: str
    invalid_reason: str
    related_ticket: int | None

    warnings: list[Warning_]
    allowed_actions: list[AllowedAction]


class TicketLine(BaseModel):
    """A row of a list."""

    id: int
    number: str | None
    version: int
    state: State
    state_name: str
    title: str
    category: str | None
    category_name: str
    appeal_type: str | None
    urgency: str | None
    key_flag: bool
    invalid_proposed: bool
    caller_masked: str
    opened_at: datetime


class TicketList(BaseModel):
    """A page; `next` goes into `before` of the next request, None at the end.

    `total_hint` counts up to 1000 and is given with the first page of a list without a query.
    """

    tickets: list[TicketLine]
    next: int | None
    total_hint: int | None


class Duplicate(BaseModel):
    """A known matter that looks like a draft, and in what; the figures are between 0 and 1."""

    ticket: TicketLine
    score: float
    same_caller: bool
    same_category: bool
    address: float
    text: float


class Decision(Strict):
    """Whether the suggested ticket is about the same matter."""

    other: int = Field(ge=1, lt=2**31)
    same: bool


class TicketEventOut(BaseModel):
    """One happening of a ticket's history."""

    model_config = ConfigDict(populate_by_name=True)

    seq: int
    at: datetime
    by_name: str
    kind: str
    kind_name: str
    trigger: str
    trigger_name: str
    old: str | None = Field(serialization_alias="from")
    new: str | None = Field(serialization_alias="to")
    data: dict[str, Any]


class Choice(BaseModel):
    code: str
    zh: str
    en: str


class CategoryOut(Choice):
    name: str
    parent: str | None
    pinyin: str
    active: bool


class UnitOut(BaseModel):
    id: int
    name: str
    kind: str


class HotlineOut(BaseModel):
    number: str
    name: str
    owner: str
    mode: str


class TargetOut(Choice):
    number: str
    kind: str


class Catalogue(BaseModel):
    """Everything the form offers to choose from."""

    appeal_types: list[Choice]
    handling_classes: list[Choice]
    urgencies: list[Choice]
    reply_methods: list[Choice]
    genders: list[Choice]
    subject_kinds: list[Choice]
    languages: list[Choice]
    states: list[Choice]
    channels: list[Choice]
    referral_results: list[Choice]
    unit_kinds: list[Choice]
    merge_modes: list[Choice]
    fields: list[Choice]
    pause_reasons: list[Choice]
    categories: list[CategoryOut]
    areas: list[Choice]
    units: list[UnitOut]
    hotlines: list[HotlineOut]
    referral_targets: list[TargetOut]
