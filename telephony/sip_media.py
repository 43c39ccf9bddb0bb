"""A telephone's sound: A-law over RTP, keys as RFC 4733 events, everything heard kept for a while."""

from __future__ import annotations

import asyncio
import math
import secrets
import struct
import wave
from array import array
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import chain, cycle, repeat
from pathlib import Path

from core.errors import HotlineError
from telephony.sip_wire import ALAW, EVENTS

RATE = 8000
FRAME = 160  # samples in 20 ms
KEPT_SECONDS = 120
KEYS = "0123456789*#ABCD"

Frames = Iterator[bytes]


def tone(hertz: float, loudness: int = 8000) -> Frames:
    """Return endless A-law frames of a sine tone; `loudness` is its peak of 32767."""
    second = (int(loudness * math.sin(math.tau * hertz * i / RATE)) for i in range(RATE))
    return cycle(list(frames_of(second)))


def silence() -> Frames:
    return repeat(bytes([_alaw(0)]) * FRAME)


def wav(path: Path) -> Frames:
    """Return the frames of a WAV file (8 kHz, 16 bit, mono) once, then silence; ValueError for others."""
    with wave.open(str(path), "rb") as file:
        if (file.getnchannels(), file.getsampwidth(), file.getframerate()) != (1, 2, RATE):
            raise ValueError(f"{path.name} must be mono, 16 bit, {RATE} Hz")
        samples = array("h", file.readframes(file.getnframes()))
    return chain(frames_of(samples), silence())


def frames_of(samples: Iterable[int]) -> Iterator[bytes]:
    """Return whole A-law frames of 16-bit samples; an incomplete last one is filled with silence."""
    table = _encoder()
    coded = bytes(table[sample & 0xFFFF] for sample in samples)
    for start in range(0, len(coded), FRAME):
        yield coded[start : start + FRAME].ljust(FRAME, bytes([table[0]]))


def decoded(alaw: bytes) -> array[int]:
    """Return the 16-bit samples of A-law bytes."""
    return array("h", (_LINEAR[byte] for byte in alaw))


def save(path: Path, samples: array[int]) -> None:
    """Write a WAV file: 8 kHz, 16 bit, mono."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())


class NoMedia(HotlineError):
    code, status = "SIP_NO_MEDIA", 409
    zh, en = "没有通话,无法按键", "No key can be pressed: no sound goes to the far side"


class Media(asyncio.DatagramProtocol):
    """One RTP stream in each direction. Set `playing` at any time; `heard` grows while packets come."""

    def __init__(self, *, sends: bool = True) -> None:
        self.playing: Frames = silence()
        self.packets_heard = 0
        self.keys_heard = ""
        self.far: tuple[str, int] | None = None
        self._sends = sends
        self._heard = bytearray()
        self._keys: deque[tuple[str, asyncio.Future[None]]] = deque()
        self._sequence = secrets.randbelow(30000)
        self._timestamp = secrets.randbelow(1 << 30)
        self._source = secrets.randbits(32)
        self._last_event = -1
        self._transport: asyncio.DatagramTransport | None = None
        self._sender: asyncio.Task[None] | None = None

    async def open(self, host: str) -> int:
        """Take a port at `host` and return it."""
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=(host, 0))
        return int(self._transport.get_extra_info("sockname")[1])

    def connect(self, far: tuple[str, int]) -> None:
        """Send to `far` from now on."""
        self.far = far
        if self._sender is None and self._sends:
            self._sender = asyncio.create_task(self._send_for_ever())

    async def close(self) -> None:
        """Let go of the port at once, then wait for the sender: who waits may be cancelled."""
        if self._transport is not None:
            self._transport.close()
            self._transport = None
        for _, sent in self._keys:
            _done(sent)
        if self._sender is not None:
            self._sender.cancel()
            await asyncio.gather(self._sender, return_exceptions=True)

    def heard(self, seconds: float = KEPT_SECONDS) -> array[int]:
        """Return the samples received in the last `seconds` of received sound."""
        return decoded(bytes(self._heard[-int(seconds * RATE) :]))

    def forget(self) -> None:
        """Start listening anew."""
        self._heard.clear()

    async def press(self, keys: str) -> None:
        """Send keys one after the other (100 ms each, 100 ms between); a comma waits one second.

        Raises NoMedia when there is nobody to send them to, ValueError for what is no key.
        """
        for key in keys:
            if key == ",":
                await asyncio.sleep(1)
            elif key in KEYS:
                if self._sender is None or self._sender.done():
                    raise NoMedia()
                sent = asyncio.get_running_loop().create_future()
                self._keys.append((key, sent))
                await sent
                await asyncio.sleep(0.1)
            else:
                raise ValueError(f"no telephone has the key {key!r}")

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if len(data) < 12 or data[0] >> 6 != 2:
            return
        kind, start = data[1] & 0x7F, 12 + 4 * (data[0] & 0x0F)
        if kind == ALAW:
            self.packets_heard += 1
            self._heard += data[start:]
            del self._heard[: -KEPT_SECONDS * RATE]
        elif kind == EVENTS and len(data) >= start + 4:
            (stamp,) = struct.unpack_from(">I", data, 4)
            if stamp != self._last_event and data[start] < len(KEYS):
                self._last_event = stamp
                self.keys_heard += KEYS[data[start]]

    async def _send_for_ever(self) -> None:
        clock = asyncio.get_running_loop().time
        due = clock()
        while True:
            if self._keys:
                key, sent = self._keys.popleft()
                try:
                    due = await self._send_key(key, due)
                finally:  # the call may end in the middle of a key
                    _done(sent)
            self._send(ALAW, self._timestamp, next(self.playing))
            self._timestamp += FRAME
            due = max(due + 0.02, clock() - 0.1)
            await asyncio.sleep(due - clock())

    async def _send_key(self, key: str, due: float) -> float:
        """Send one key: five packets of growing length, the end three times (RFC 4733, 2.5)."""
        clock, stamp = asyncio.get_running_loop().time, self._timestamp
        for number in range(1, 9):
            last = number > 5
            length = min(number, 5) * FRAME
            payload = struct.pack(">BBH", KEYS.index(key), 0x8A if last else 0x0A, length)
            self._send(EVENTS, stamp, payload, first=number == 1)
            due += 0.02
            await asyncio.sleep(due - clock())
        self._timestamp += 8 * FRAME
        return due

    def _send(self, kind: int, stamp: int, payload: bytes, *, first: bool = False) -> None:
        self._sequence = (self._sequence + 1) & 0xFFFF
        head = struct.pack(
            ">BBHII",
            0x80,
            kind | (0x80 if first else 0),
            self._sequence,
            stamp & 0xFFFFFFFF,
            self._source,
        )
        if self._transport is not None and self.far is not None:
            self._transport.sendto(head + payload, self.far)


def _done(sent: asyncio.Future[None]) -> None:
    if not sent.done():
        sent.set_result(None)


def _linear(byte: int) -> int:
    """Decode one A-law byte (ITU-T G.711)."""
    byte ^= 0x55
    exponent, mantissa = (byte >> 4) & 7, byte & 0x0F
    size = (mantissa << 4) + 8 if exponent == 0 else ((mantissa << 4) + 0x108) << (exponent - 1)
    return size if byte & 0x80 else -size


def _alaw(sample: int) -> int:
    """Encode one 16-bit sample (ITU-T G.711)."""
    sign = 0x80 if sample >= 0 else 0
    size = min(sample if sample >= 0 else -sample - 1, 32767) >> 3
    exponent = max(size.bit_length() - 5, 0)
    mantissa = (size >> max(exponent, 1)) & 0x0F
    return (sign | exponent << 4 | mantissa) ^ 0x55


_LINEAR = [_linear(byte) for byte in range(256)]
_ENCODER: list[bytes] = []


def _encoder() -> bytes:
    if not _ENCODER:
        _ENCODER.append(bytes(_alaw(i if i < 32768 else i - 65536) for i in range(65536)))
    return _ENCODER[0]
