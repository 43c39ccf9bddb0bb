"""The part of a ticket that people fill in: one table of fields, and the frozen form that guards read."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from tickets.terms import (
    AppealType,
    Gender,
    HandlingClass,
    Language,
    ReferralResult,
    ReplyMethod,
    SubjectKind,
    Urgency,
)

Kind = Literal["line", "text", "phone", "choice", "flag", "category", "area", "target", "ticket"]


@dataclass(frozen=True)
class Field:
    """What a field accepts; `limit` is in characters, `optional` flags may be left unchosen."""

    kind: Kind
    limit: int = 0
    choices: type[StrEnum] | None = None
    optional: bool = True
    personal: bool = False


FIELDS: dict[str, Field] = {
    "caller_name": Field("line", 40, personal=True),
    "caller_gender": Field("choice", choices=Gender),
    "contact_phone": Field("phone", 24, personal=True),
    "alt_phone": Field("phone", 24, personal=True),
    "reply_method": Field("choice", choices=ReplyMethod),
    "anonymous": Field("flag"),
    "confidential": Field("flag"),
    "public_ok": Field("flag"),
    "language": Field("choice", choices=Language),
    "subject_kind": Field("choice", choices=SubjectKind),
    "appeal_type": Field("choice", choices=AppealType),
    "handling_class": Field("choice", choices=HandlingClass),
    "category": Field("category"),
    "title": Field("line", 80),
    "content": Field("text", 5000),
    "area": Field("area"),
    "street": Field("line", 60),
    "community": Field("line", 60),
    "address": Field("line", 200),
    "occurred_at": Field("line", 64),
    "complained_party": Field("line", 120),
    "urgency": Field("choice", choices=Urgency),
    "purpose": Field("text", 500),
    "key_flag": Field("flag", optional=False),
    "key_reason": Field("line", 200),
    "kb_query": Field("line", 120),
    "kb_source": Field("line", 300),
    "answer_text": Field("text", 3000),
    "referral_target": Field("target"),
    "referral_result": Field("choice", choices=ReferralResult),
    "missing_info": Field("line", 300),
    "invalid_reason": Field("line", 200),
    "related_ticket": Field("ticket"),
}


IMPERSONAL = tuple(name for name, field in FIELDS.items() if not field.personal)
PERSONAL = tuple(name for name, field in FIELDS.items() if field.personal)


@dataclass(frozen=True, kw_only=True)
class Form:
    """What is filled in so far: '' for an empty text, None for a choice that nobody made yet."""

    caller_name: str = ""
    caller_gender: str | None = None
    contact_phone: str = ""
    alt_phone: str = ""
    reply_method: str | None = None
    anonymous: bool | None = None
    confidential: bool | None = None
    public_ok: bool | None = None
    language: str | None = None
    subject_kind: str | None = None
    appeal_type: str | None = None
    handling_class: str | None = None
    category: str | None = None
    title: str = ""
    content: str = ""
    area: str | None = None
    street: str = ""
    community: str = ""
    address: str = ""
    occurred_at: str = ""
    complained_party: str = ""
    urgency: str | None = None
    purpose: str = ""
    key_flag: bool = False
    key_reason: str = ""
    kb_query: str = ""
    kb_source: str = ""
    answer_text: str = ""
    referral_target: str | None = None
    referral_result: str | None = None
    missing_info: str = ""
    invalid_reason: str = ""
    related_ticket: int | None = None
