"""One request to Asterisk: what may be sent, and when its answer is complete."""

from collections.abc import Mapping

from panoramisk.actions import Action

from telephony.ami_frames import AmiEvent, AmiMessage, AmiResponse
from telephony.errors import AmiInjection, AmiRefused

# Asterisk reads a line into 1,025 bytes and answers a longer one without its ActionID.
LONGEST_LINE = 1000

Fields = Mapping[str, str | list[str]]


class LinkAction(Action):  # type: ignore[misc]  # panoramisk is untyped
    """An action with panoramisk's unique ActionID, completed by what Asterisk really answers.

    panoramisk guesses from the words of an answer whether events will follow, which leaves
    QueueAdd and Originate waiting on Asterisk 22, and a list whose answer is an error for ever.
    Here a plain action ends with its answer, a list with `EventList: Complete`.
    """

    def __init__(self, name: str, fields: Fields, *, as_list: bool = False) -> None:
        for field, value in fields.items():
            for text in value if isinstance(value, list) else [value]:
                _check(field, text)
        _check("Action", name)
        super().__init__({"Action": name, **fields}, as_list=as_list)
        self.action = name
        self.answer: AmiResponse | None = None
        self.events: list[AmiEvent] = []
        self._ended = False

    @property
    def id(self) -> str:
        return str(self["ActionID"])

    def encoded(self) -> bytes:
        return str(self).encode()

    def add_message(self, message: AmiMessage) -> bool:
        """Take what arrived under this ActionID; True when nothing more is to come."""
        if isinstance(message, AmiResponse):
            self.answer = message
        elif message.get("EventList") in ("Complete", "Cancelled"):
            self._ended = True
        elif isinstance(message, AmiEvent):
            self.events.append(message)
        if not self._complete():
            return False
        if not self.future.done():
            self.future.set_result(self)
        return True

    def result(self) -> AmiResponse:
        """Return the answer; AmiRefused if it is an error."""
        assert self.answer is not None  # the future is set only with an answer
        if not self.answer.success:
            # A CLI command that fails says why in its output.
            message = " ".join(self.answer.output) or self.answer.message
            raise AmiRefused(action=self.action, message=message)
        return self.answer

    def _complete(self) -> bool:
        if self.answer is None:
            return False
        if not self.as_list or not self.answer.success:
            return True
        return self._ended or self.answer.get("EventList").lower() != "start"


def _check(field: str, value: str) -> None:
    for text in (field, value):
        if any(mark in text for mark in "\r\n\0"):
            raise AmiInjection(
                field=field.splitlines()[0] if field else "", problem="CR, LF or NUL"
            )
    if ":" in field or not field:
        raise AmiInjection(field=field, problem="not a header name")
    try:
        size = len(f"{field}: {value}".encode())
    except UnicodeEncodeError:
        raise AmiInjection(field=field, problem="not UTF-8") from None
    if size > LONGEST_LINE:
        raise AmiInjection(field=field, problem=f"{size} bytes, at most {LONGEST_LINE}")
