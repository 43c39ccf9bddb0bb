"""The one base of every refusal: a stable code, an HTTP status, Chinese and English text, and what is missing."""

from typing import Any, ClassVar


class HotlineError(Exception):
    """A refusal that a person can act on.

    Subclasses set `code`, `status`, `zh` and `en`; the texts may name keys of `details` in braces.
    `details` must be JSON-serialisable and free of personal data.
    """

    code: ClassVar[str] = "INTERNAL"
    status: ClassVar[int] = 500
    zh: ClassVar[str] = "系统内部错误"
    en: ClassVar[str] = "Internal error"

    def __init__(self, **details: Any) -> None:
        self.details = details
        super().__init__(f"{self.code}: {self.en.format_map(_Blank(details))}")

    def rendering(self) -> dict[str, Any]:
        """Return the body that HTTP and WebSocket clients get: code, zh, en, details."""
        blank = _Blank(self.details)
        return {
            "code": self.code,
            "zh": self.zh.format_map(blank),
            "en": self.en.format_map(blank),
            "details": self.details,
        }


class NotFound(HotlineError):
    code, status = "NOT_FOUND", 404
    zh, en = "没有找到:{what}", "Not found: {what}"


class Forbidden(HotlineError):
    code, status = "FORBIDDEN", 403
    zh, en = "没有权限", "Not allowed"


class NotSignedIn(HotlineError):
    code, status = "NOT_SIGNED_IN", 401
    zh, en = "请先登录", "Sign in first"


class TooManyAttempts(HotlineError):
    code, status = "TOO_MANY_ATTEMPTS", 429
    zh, en = "尝试次数过多,请 {seconds} 秒后再试", "Too many attempts, try again in {seconds} s"


class Conflict(HotlineError):
    code, status = "CONFLICT", 409
    zh, en = "数据已被他人修改,请刷新", "Changed by somebody else; reload"


class Unprocessable(HotlineError):
    code, status = "UNPROCESSABLE", 422
    zh, en = "输入有误:{missing}", "Invalid input: {missing}"


class _Blank(dict[str, Any]):
    """Formatting map that leaves a dash for what is not given."""

    def __missing__(self, key: str) -> str:
        return "—"
