"""The present picture beside the calls: members, devices, and who waits; tells only what differs."""

from dataclasses import dataclass
from datetime import datetime

from core.events import Event
from telephony import facts as f
from telephony.calls import Call
from telephony.events import (
    DeviceChanged,
    MemberChanged,
    MemberRemoved,
    MonitorChanged,
    OutboundEnded,
    QueueChanged,
    QueueEntry,
)
from telephony.messages import is_seat

_GONE = (4, 5)


@dataclass(frozen=True)
class MemberState:
    """What the rooms above hear of a queue member."""

    paused: bool
    reason: str
    reachable: bool


class Board:
    """Members and devices of one queue, as last heard; `calls` is the live table, read only."""

    def __init__(self, queue: str, calls: dict[str, Call]) -> None:
        self.queue = queue
        self.members: dict[str, MemberState] = {}
        self.devices: dict[str, bool] = {}
        self._calls = calls
        self._order: list[str] = []
        self._told: list[QueueEntry] = []

    def observe(self, fact: f.Fact) -> list[Event]:
        """Take a fact about a member or a device; [] when nothing is different."""
        match fact:
            case f.MemberSeen() if fact.queue == self.queue:
                return self._member(fact)
            case f.MemberGone() if fact.queue == self.queue:
                if self.members.pop(fact.endpoint, None) is None:
                    return []
                return [MemberRemoved(at=fact.at, endpoint=fact.endpoint)]
            case f.DeviceSeen() if is_seat(fact.endpoint):
                if self.devices.get(fact.endpoint) == fact.reachable:
                    return []
                self.devices[fact.endpoint] = fact.reachable
                return [DeviceChanged(at=fact.at, endpoint=fact.endpoint, reachable=fact.reachable)]
            case f.OutboundOver():
                return [
                    OutboundEnded(
                        at=fact.at,
                        channel_id=fact.channel_id,
                        status=fact.status,
                        talk_seconds=fact.talk_ms / 1000,
                    )
                ]
            case f.MonitorSeen(monitor=monitor, mode=mode, channel=channel):
                return [MonitorChanged(at=fact.at, monitor=monitor, mode=mode, channel=channel)]
        return []

    def follow(self, call: Call) -> None:
        """Take the place of a call in the line from its latest state."""
        if not call.in_queue:
            if call.id in self._order:
                self._order.remove(call.id)
        elif call.id not in self._order:
            place = call.position - 1 if call.position > 0 else len(self._order)
            self._order.insert(min(place, len(self._order)), call.id)

    def reorder(self, call_ids: list[str]) -> None:
        """Take the order of the line from Asterisk's own list."""
        rest = [call_id for call_id in self._order if call_id not in call_ids]
        self._order = [call_id for call_id in call_ids if call_id in self._calls] + rest

    def line(self, at: datetime) -> list[Event]:
        """Return the waiting line as an event if it is not what was told last."""
        entries = [
            QueueEntry(
                call_id=call.id,
                caller=call.caller,
                position=position,
                joined_at=(call.joined_at or call.started_at).isoformat(),
                emergency=call.emergency,
            )
            for position, call in enumerate(self._waiting(), 1)
        ]
        if entries == self._told:
            return []
        self._told = entries
        return [QueueChanged(at=at, queue=self.queue, waiting=entries)]

    def _waiting(self) -> list[Call]:
        calls = (self._calls.get(call_id) for call_id in self._order)
        return [call for call in calls if call is not None and call.in_queue]

    def _member(self, fact: f.MemberSeen) -> list[Event]:
        state = MemberState(
            paused=fact.paused,
            reason=fact.reason,
            reachable=fact.status not in _GONE,
        )
        if self.members.get(fact.endpoint) == state:
            return []
        self.members[fact.endpoint] = state
        return [
            MemberChanged(
                at=fact.at,
                endpoint=fact.endpoint,
                paused=state.paused,
                reason=state.reason,
                reachable=state.reachable,
            )
        ]
