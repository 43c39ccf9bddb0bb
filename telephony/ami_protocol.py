"""One connection to Asterisk: frames in, actions out, and the end of everything that waits when it breaks."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from panoramisk.ami_protocol import AMIProtocol

from telephony.ami_action import LinkAction
from telephony.ami_frames import (
    AmiEvent,
    AmiResponse,
    FrameSplitter,
    header_of,
    message_of,
)
from telephony.errors import AmiDown, AmiFrame


@dataclass
class LinkMetrics:
    """Plain counters of a link, for anybody to read; `lag` is in seconds."""

    frames: int = 0
    events: int = 0  # delivered to the intake
    unwanted: int = 0  # dropped at the look of their name
    malformed: int = 0  # neither event nor answer
    orphans: int = 0  # answers that nobody waits for: late or doubled
    overflows: int = 0
    connects: int = 0
    reconnects: int = 0
    refusals: int = 0  # logins refused
    lag: float = 0.0  # our clock minus Asterisk's Timestamp of the newest event


class LinkProtocol(AMIProtocol):  # type: ignore[misc]  # panoramisk is untyped
    """panoramisk's protocol with whole frames as bytes, an own pending table, and no replay.

    `on_event` gets every event that no list action claims, in order; what it raises ends the link,
    never silently. `lost` is done, with the reason, once the connection is over.
    """

    def __init__(
        self, on_event: Callable[[AmiEvent], None], metrics: LinkMetrics, frame_limit: int
    ) -> None:
        loop = asyncio.get_running_loop()
        self.closed = False
        self.lost: asyncio.Future[str] = loop.create_future()
        self.greeted: asyncio.Future[None] = loop.create_future()
        self._on_event = on_event
        self._metrics = metrics
        self._splitter = FrameSplitter(frame_limit)
        self._lists: dict[bytes, LinkAction] = {}
        self._seq = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.responses: dict[str, LinkAction] = {}

    def data_received(self, data: bytes) -> None:
        try:
            for frame in self._splitter.feed(data):
                if self.closed:
                    return
                self._take(frame)
        except AmiFrame as error:
            self.drop(error.details["problem"])
        if self._splitter.banner is not None and not self.greeted.done():
            self.greeted.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        self.drop(f"connection lost: {exc}" if exc else "closed by the switch")

    def send(self, action: LinkAction) -> None:
        """Write an action and wait for it in the table; AmiDown if the connection is over."""
        if self.closed:
            raise AmiDown(reason=self.lost.result() if self.lost.done() else "closed")
        self.responses[action.id] = action
        if action.as_list:
            self._lists[action.id.encode()] = action
        self.transport.write(action.encoded())

    def forget(self, action: LinkAction) -> None:
        """Stop waiting for an action; its late answer is counted as an orphan."""
        self.responses.pop(action.id, None)
        self._lists.pop(action.id.encode(), None)

    def drop(self, reason: str) -> None:
        """End the connection at once; every waiting action fails with AmiDown, none is kept for later."""
        if self.closed:
            return
        self.closed = True
        self.transport.abort()
        if not self.lost.done():
            self.lost.set_result(reason)
        if not self.greeted.done():
            self.greeted.set_exception(AmiDown(reason=reason))
        waiting, self.responses = self.responses, {}
        self._lists.clear()
        for action in waiting.values():
            if not action.future.done():
                action.future.set_exception(AmiDown(reason=reason))

    def close(self) -> None:
        self.drop("closed")

    def _take(self, frame: bytes) -> None:
        self._seq += 1
        self._metrics.frames += 1
        message = message_of(frame, self._seq)
        if isinstance(message, AmiEvent):
            self._take_event(message)
        elif isinstance(message, AmiResponse):
            self._take_answer(message)
        else:
            self._metrics.malformed += 1

    def _take_event(self, event: AmiEvent) -> None:
        # Only list actions own events: a UserEvent that we send comes back under our ActionID, for all.
        if self._lists and (owner := header_of(event.frame, b"ActionID")):
            action = self._lists.get(owner)
            if action is not None:
                if action.add_message(event):
                    self.forget(action)
                return
        self._on_event(event)

    def _take_answer(self, answer: AmiResponse) -> None:
        action = self.responses.get(answer.get("ActionID"))
        if action is None or action.answer is not None:
            self._metrics.orphans += 1
        elif action.add_message(answer):
            self.forget(action)
