"""A caller's side of FastAGI for tests: plays Asterisk's part on a real socket and notes what it was told."""

import asyncio
import re
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

HANG_UP = "hang up"
"""An input: the caller puts the phone down while a prompt plays."""

NOTHING = ""
"""An input: the caller presses no key in time."""

_WORD = re.compile(r'"((?:[^"\\]|\\.)*)"|(\S+)')
_VERBS = (
    "STREAM FILE",
    "GET OPTION",
    "GET DATA",
    "WAIT FOR DIGIT",
    "SET VARIABLE",
    "GET VARIABLE",
    "GET FULL VARIABLE",
    "CHANNEL STATUS",
    "EXEC",
    "ANSWER",
    "VERBOSE",
    "NOOP",
    "HANGUP",
)


@dataclass
class Heard:
    """All that one call was told."""

    commands: list[tuple[str, list[str]]] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)
    prompts: list[str] = field(default_factory=list)
    user_events: list[str] = field(default_factory=list)
    executed: list[tuple[str, str]] = field(default_factory=list)
    answered: bool = False


def head(script: str = "inbound", **headers: str) -> bytes:
    """Return Asterisk's opening block for agi://host/`script`."""
    lines = {
        "network": "yes",
        "network_script": script,
        "request": f"agi://127.0.0.1/{script}",
        "channel": "PJSIP/trunk-00000001",
        "language": "zh_CN",
        "uniqueid": "1700000000.1",
        "version": "22.10.0",
        "callerid": "13900000001",
        "dnid": "12345",
        "context": "ivr",
        "extension": "12345",
        **headers,
    }
    return "".join(f"agi_{name}: {value}\n" for name, value in lines.items()).encode() + b"\n"


class AgiPeer:
    """One call: answers commands as Asterisk does, taking `inputs` wherever a key can be pressed.

    A string of several digits answers GET DATA. After the inputs the caller presses nothing more.
    `impatient`: keys are pressed during prompts already, not only after them. `missing` prompts fail.
    """

    def __init__(
        self,
        port: int,
        inputs: Iterable[str] = (),
        *,
        impatient: bool = False,
        variables: Mapping[str, str] | None = None,
        missing: Iterable[str] = (),
        **headers: str,
    ) -> None:
        self._port = port
        self._inputs = deque(inputs)
        self._impatient = impatient
        self._channel = dict(variables or {"CALL_UUID": "c0ffee00-0000-4000-8000-000000000001"})
        self._missing = set(missing)
        self._headers = headers
        self._dead = False
        self.heard = Heard()

    async def call(self, limit: float = 10.0) -> Heard:
        """Connect, obey until the server closes, and return what was heard."""
        async with asyncio.timeout(limit):
            reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
            try:
                writer.write(head(**self._headers))
                while line := await reader.readline():
                    writer.write(self._answer(line.decode().rstrip("\n")))
            except ConnectionError:
                pass
            finally:
                writer.close()
        return self.heard

    def _answer(self, line: str) -> bytes:
        verb = next(known for known in _VERBS if line.startswith(known))
        words = [
            bare if bare else re.sub(r"\\(.)", r"\1", quoted)
            for quoted, bare in _WORD.findall(line[len(verb) :])
        ]
        self.heard.commands.append((verb, words))
        if self._dead and verb not in ("SET VARIABLE", "GET VARIABLE", "VERBOSE", "NOOP"):
            return b"511 result=-1 Command Not Permitted on a dead channel or intercept routine\n"
        answer: str = getattr(self, "_do_" + verb.lower().replace(" ", "_"))(*words)
        return answer.encode()

    def _do_stream_file(self, prompt: str, keys: str = "", _offset: str = "0") -> str:
        return self._play(prompt, keys, waits=False)

    def _do_get_option(self, prompt: str, keys: str = "", _ms: str = "0") -> str:
        return self._play(prompt, keys, waits=True)

    def _do_wait_for_digit(self, _ms: str) -> str:
        key = self._pressed()
        return self._gone() if key == HANG_UP else f"200 result={ord(key) if key else 0}\n"

    def _play(self, prompt: str, keys: str, waits: bool) -> str:
        if prompt in self._missing:
            return "200 result=-1 endpos=0\n"
        self.heard.prompts.append(prompt)
        if self._inputs and self._inputs[0] == HANG_UP:
            return self._gone(" endpos=800")
        key = self._pressed() if waits or (self._impatient and keys) else NOTHING
        return f"200 result={ord(key) if key and key in keys else 0} endpos=4000\n"

    def _do_get_data(self, prompt: str, _ms: str = "2000", digits: str = "1024") -> str:
        if prompt in self._missing:
            return "200 result=-1\n"
        self.heard.prompts.append(prompt)
        typed = self._pressed()
        if typed == HANG_UP:
            return self._gone()
        ended = typed.endswith("#") or len(typed) >= int(digits)
        typed = typed.split("#")[0][: int(digits)]
        return f"200 result={typed}{'' if ended else ' (timeout)'}\n"

    def _pressed(self) -> str:
        return self._inputs.popleft() if self._inputs else NOTHING

    def _gone(self, rest: str = "") -> str:
        self._dead = True
        return f"200 result=-1{rest}\nHANGUP\n"

    def _do_set_variable(self, name: str, value: str) -> str:
        self.heard.variables[name] = self._channel[name.lstrip("_")] = value
        return "200 result=1\n"

    def _do_get_variable(self, name: str) -> str:
        value = self._channel.get(name)
        return f"200 result=1 ({value})\n" if value is not None else "200 result=0\n"

    _do_get_full_variable = _do_get_variable

    def _do_exec(self, application: str, arguments: str = "") -> str:
        self.heard.executed.append((application, arguments))
        if application == "UserEvent":
            self.heard.user_events.append(arguments)
        return "200 result=0\n"

    def _do_answer(self) -> str:
        self.heard.answered = True
        return "200 result=0\n"

    def _do_channel_status(self, *_words: str) -> str:
        return "200 result=6\n"

    def _do_verbose(self, *_words: str) -> str:
        return "200 result=1\n"

    def _do_noop(self, *_words: str) -> str:
        return "200 result=0\n"

    def _do_hangup(self, *_words: str) -> str:
        self._dead = True
        return "200 result=1\n"
