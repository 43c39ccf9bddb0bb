"""Events that arrive twice: the same bytes with the same time stamp are one event."""

from collections import deque

from telephony.ami import AmiEvent


class Repeats:
    """Remembers the last `span` events; without Asterisk's Timestamp nothing counts as repeated."""

    def __init__(self, span: int = 2048) -> None:
        self._seen: set[int] = set()
        self._order: deque[int] = deque(maxlen=span)

    def has(self, event: AmiEvent) -> bool:
        """Tell whether this event was seen before, and remember it."""
        if b"\r\nTimestamp: " not in event.frame:
            return False
        mark = hash(event.frame)
        if mark in self._seen:
            return True
        if len(self._order) == self._order.maxlen:
            self._seen.discard(self._order[0])
        self._order.append(mark)
        self._seen.add(mark)
        return False
