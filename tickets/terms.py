"""The closed vocabularies of a ticket; their display texts are in reference/labels.yaml."""

from enum import StrEnum


class State(StrEnum):
    """Where a ticket stands; the moves between them are in `states.TABLE`."""

    DRAFT = "DRAFT"
    PENDING_INFO = "PENDING_INFO"
    TO_DISPATCH = "TO_DISPATCH"
    DISPATCHED = "DISPATCHED"
    HANDLING = "HANDLING"
    COORDINATING = "COORDINATING"
    REVIEWING = "REVIEWING"
    CALLBACK = "CALLBACK"
    REWORK_DECISION = "REWORK_DECISION"
    CLOSED = "CLOSED"
    ARCHIVED = "ARCHIVED"
    ANSWERED = "ANSWERED"
    REFERRED = "REFERRED"
    MERGED = "MERGED"
    INVALID = "INVALID"
    WITHDRAWN = "WITHDRAWN"


EDITABLE = frozenset({State.DRAFT, State.PENDING_INFO})
OVER = frozenset(
    {
        State.ANSWERED,
        State.CLOSED,
        State.ARCHIVED,
        State.REFERRED,
        State.MERGED,
        State.INVALID,
        State.WITHDRAWN,
    }
)
"""Nothing more is owed to the caller: not among the caller's open tickets."""


class Channel(StrEnum):
    PHONE = "phone"
    WEB = "web"
    EMAIL = "email"
    SMS = "sms"
    FAX = "fax"
    WECHAT = "wechat"
    MAYOR_MAILBOX = "mayor_mailbox"
    MINXIN = "minxin"


class AppealType(StrEnum):
    ENQUIRY = "enquiry"
    HELP = "help"
    COMPLAINT = "complaint"
    REPORT = "report"
    SUGGESTION = "suggestion"


class HandlingClass(StrEnum):
    ENQUIRY = "enquiry"
    APPEAL = "appeal"
    EMERGENCY = "emergency"
    KEY = "key"
    GUIDANCE = "guidance"


class Urgency(StrEnum):
    NORMAL = "normal"
    URGENT = "urgent"
    CRITICAL = "critical"


class ReplyMethod(StrEnum):
    PHONE = "phone"
    SMS = "sms"
    WECHAT = "wechat"
    LETTER = "letter"
    NONE = "none"


class Gender(StrEnum):
    MALE = "male"
    FEMALE = "female"
    UNKNOWN = "unknown"


class SubjectKind(StrEnum):
    PERSON = "person"
    COMPANY = "company"
    ORGANISATION = "organisation"


class Language(StrEnum):
    MANDARIN = "mandarin"
    DIALECT = "dialect"
    ENGLISH = "english"
    KOREAN = "korean"
    JAPANESE = "japanese"
    RUSSIAN = "russian"
    OTHER = "other"


class ReferralResult(StrEnum):
    """How a referral ended: a transfer's result code, or guidance given by word of mouth."""

    ANSWERED = "answered"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    CALLER_HUNG_UP = "caller_hung_up"
    REFUSED = "refused"
    GUIDED = "guided"


FAILED_REFERRALS = frozenset(
    {ReferralResult.BUSY, ReferralResult.NO_ANSWER, ReferralResult.REFUSED}
)


class UnitKind(StrEnum):
    """The four kinds of first-level units (B10)."""

    COUNTY = "county"
    DEPARTMENT = "department"
    AFFILIATED = "affiliated"
    ENTERPRISE = "enterprise"


class MergeMode(StrEnum):
    MERGED = "merged"
    PARALLEL = "parallel"
    CLOSED = "closed"
