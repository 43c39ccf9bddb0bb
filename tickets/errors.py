"""Refusals of the ticket room:

TICKET_INCOMPLETE 422 · FIELD_REFUSED 422 · TRANSITION_REFUSED 409 · TICKET_STALE 409 · NOT_EDITABLE 409 ·
KEY_REUSED 409 · IDENTITY_KEY_MISSING 500 · IDENTITY_UNREADABLE 500;
a ticket that someone may not see does not exist for them: NOT_FOUND 404.
"""

from core.errors import HotlineError, NotFound


class IdentityKeyMissing(HotlineError):
    """There are sealed identities, and their key is not in the secrets folder."""

    code, status = "IDENTITY_KEY_MISSING", 500
    zh = "数据库中有加密的来电人信息,但缺少其密钥 {key_id}:请从备份恢复 secrets/identity_key,不要新建"
    en = (
        "Callers' identities are sealed with key {key_id}, which is not here: "
        "bring secrets/identity_key back from the backup, do not make a new one"
    )


class IdentityUnreadable(HotlineError):
    """A sealed identity was changed, or belongs to another key."""

    code, status = "IDENTITY_UNREADABLE", 500
    zh, en = "来电人信息无法解密(密钥 {key_id})", "An identity cannot be opened (key {key_id})"


class TicketNotFound(NotFound):
    """Unknown, or not to be known by this person (X54)."""

    def __init__(self) -> None:
        super().__init__(what="工单 ticket")


class TicketIncomplete(HotlineError):
    """A guard does not hold; `missing` lists {field, zh, en, where}."""

    code, status = "TICKET_INCOMPLETE", 422
    zh, en = "还不能提交:{summary_zh}", "Not yet possible: {summary_en}"


class FieldRefused(HotlineError):
    """A value cannot be taken; `fields` lists {field, zh, en}."""

    code, status = "FIELD_REFUSED", 422
    zh, en = "填写有误:{summary_zh}", "Invalid input: {summary_en}"


class TransitionRefused(HotlineError):
    """The present state has no such move."""

    code, status = "TRANSITION_REFUSED", 409
    zh, en = "当前状态({state_name})不能进行此操作", "Not possible in state {state}"


class TicketStale(HotlineError):
    """Somebody was quicker; `ticket` is the fresh ticket as this person may see it."""

    code, status = "TICKET_STALE", 409
    zh, en = (
        "工单已被他人修改，已刷新",
        "The ticket was changed by somebody else; here is the fresh one",
    )


class NotEditable(HotlineError):
    code, status = "NOT_EDITABLE", 409
    zh, en = (
        "工单已离开登记环节，不能直接修改；转办前请用“更正”",
        "No longer a draft; before dispatch use a correction",
    )


class KeyReused(HotlineError):
    code, status = "KEY_REUSED", 409
    zh, en = "幂等键已用于另一请求", "This idempotency key belongs to another request"
