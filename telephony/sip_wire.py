"""SIP as text: messages, digest answers and the little SDP that a telephone needs (RFC 3261, 2617, 4566)."""

import hashlib
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from core.errors import HotlineError

ALAW, EVENTS = 8, 101  # RTP payload types that we offer

Header = tuple[str, str]

_START = re.compile(r"SIP/2\.0 \d{3} |[A-Z]+ \S+ SIP/2\.0$", re.ASCII)


class NotSip(HotlineError):
    code, status = "NOT_SIP", 400
    zh, en = "收到的不是 SIP 报文", "What arrived is no SIP message"


@dataclass(frozen=True)
class Message:
    """One request or answer; header names compare without case."""

    start: str
    headers: tuple[Header, ...]
    body: str = ""

    @property
    def status(self) -> int:
        """The status of an answer, 0 for a request."""
        return int(self.start.split()[1]) if self.start.startswith("SIP/2.0 ") else 0

    @property
    def reason(self) -> str:
        return self.start.split(" ", 2)[2] if self.status else ""

    @property
    def method(self) -> str:
        """The method of a request, or of the request that this answers."""
        return self.get("CSeq").split()[-1] if self.status else self.start.split()[0]

    @property
    def branch(self) -> str:
        return parameter(self.get("Via"), "branch")

    def get(self, name: str, default: str = "") -> str:
        return next((value for key, value in self.headers if key.lower() == name.lower()), default)

    def all(self, name: str) -> list[Header]:
        return [header for header in self.headers if header[0].lower() == name.lower()]

    def encode(self) -> bytes:
        body = self.body.encode()
        lines = [self.start, *(f"{name}: {value}" for name, value in self.headers)]
        return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body


def decode(datagram: bytes) -> Message:
    """Return the message in one datagram; raises NotSip."""
    head, _, body = datagram.decode(errors="replace").partition("\r\n\r\n")
    start, *lines = head.split("\r\n")
    if not _START.match(start):
        raise NotSip()
    pairs = [line.partition(":") for line in lines]
    headers = tuple((name.strip(), value.strip()) for name, colon, value in pairs if colon)
    message = Message(start, headers, body)
    if not (message.get("CSeq") and message.get("Call-ID")):
        raise NotSip()
    return message


def answer(
    request: Message,
    status: int,
    reason: str,
    *,
    tag: str = "",
    more: Iterable[Header] = (),
    body: str = "",
) -> Message:
    """Return the answer to `request`; `tag` is ours, added to To where there is none."""
    to = request.get("To")
    if tag and ";tag=" not in to:
        to += f";tag={tag}"
    kept = (
        *request.all("Via"),
        *request.all("Record-Route"),
        ("From", request.get("From")),
        ("To", to),
        ("Call-ID", request.get("Call-ID")),
        ("CSeq", request.get("CSeq")),
    )
    return Message(f"SIP/2.0 {status} {reason}", (*kept, *more), body)


def address(uri: str, name: str = "", tag: str = "") -> str:
    """Return a name-addr; the display name may be any text, Chinese too."""
    shown = re.sub(r'(["\\])', r"\\\1", re.sub(r"[\r\n]", " ", name))
    return (f'"{shown}" ' if name else "") + f"<{uri}>" + (f";tag={tag}" if tag else "")


def uri_in(header: str) -> str:
    """Return the URI of a From, To or Contact."""
    found = re.search(r"<([^>]*)>", header)
    return found[1] if found else header.split(";")[0].strip()


def user_in(header: str) -> str:
    """Return the user part of the URI of a From, To or Contact."""
    found = re.search(r"sips?:([^@;>]*)@", header)
    return found[1] if found else ""


def parameter(header: str, name: str) -> str:
    """Return `;name=value` of a header, '' when it is not there."""
    found = re.search(rf";\s*{name}=([^;,\s>]*)", header)
    return found[1] if found else ""


def digest(challenge: str, method: str, uri: str, user: str, secret: str) -> str:
    """Return the Authorization that answers a WWW-Authenticate challenge (MD5, with or without qop)."""
    given = dict(re.findall(r'(\w+)="?([^",]*)"?', challenge))
    realm, nonce = given.get("realm", ""), given.get("nonce", "")
    ha1, ha2 = _md5(f"{user}:{realm}:{secret}"), _md5(f"{method}:{uri}")
    words = {"username": user, "realm": realm, "nonce": nonce, "uri": uri}
    if "opaque" in given:
        words["opaque"] = given["opaque"]
    if "qop" not in given:
        words["response"] = _md5(f"{ha1}:{nonce}:{ha2}")
        return "Digest " + ", ".join(f'{k}="{v}"' for k, v in words.items()) + ", algorithm=MD5"
    cnonce = secrets.token_hex(8)
    words["response"] = _md5(f"{ha1}:{nonce}:00000001:{cnonce}:auth:{ha2}")
    words["cnonce"] = cnonce
    return (
        "Digest "
        + ", ".join(f'{k}="{v}"' for k, v in words.items())
        + ", algorithm=MD5, qop=auth, nc=00000001"
    )


def sdp(host: str, port: int, direction: str = "sendrecv") -> str:
    """Return our only offer and answer: A-law and telephone events at `host:port`."""
    return "\r\n".join(
        (
            "v=0",
            f"o=- 1 1 IN IP4 {host}",
            "s=-",
            f"c=IN IP4 {host}",
            "t=0 0",
            f"m=audio {port} RTP/AVP {ALAW} {EVENTS}",
            f"a=rtpmap:{ALAW} PCMA/8000",
            f"a=rtpmap:{EVENTS} telephone-event/8000",
            f"a=fmtp:{EVENTS} 0-16",
            "a=ptime:20",
            f"a={direction}",
            "",
        )
    )


def media_in(body: str) -> tuple[str, int] | None:
    """Return where the far side wants its RTP, None when the SDP names no audio."""
    host, port = (
        re.search(r"^c=IN IP4 (\S+)", body, re.MULTILINE),
        re.search(r"^m=audio (\d+)", body, re.MULTILINE),
    )
    return (host[1], int(port[1])) if host and port else None


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
