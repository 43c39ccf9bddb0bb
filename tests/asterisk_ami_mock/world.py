"""What the fake Asterisk holds: queues, members, waiting callers, channels, contacts; changed by events alone.

Events that an action causes and events of a played recording go through the same `observe`, so that a
question asked afterwards is answered as the real one would.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from asterisk_ami_mock.wire import Frame, Headers

SYSTEM = "mock"
_CHANNEL_FIELDS = (
    *("Channel", "ChannelState", "ChannelStateDesc", "CallerIDNum", "CallerIDName"),
    *("ConnectedLineNum", "ConnectedLineName", "Language", "AccountCode", "Context", "Exten"),
    *("Priority", "Uniqueid", "Linkedid", "ChanVariable"),
)


@dataclass
class World:
    """The state; `started` is when this run of Asterisk began, as seconds since 1970."""

    queues: dict[str, dict[str, Headers]] = field(default_factory=dict)  # queue → interface → row
    entries: dict[str, list[Headers]] = field(default_factory=dict)  # queue → callers in order
    channels: dict[str, dict[str, str]] = field(default_factory=dict)  # name → snapshot
    contacts: dict[str, str] = field(default_factory=dict)  # endpoint → Reachable, Unreachable …
    started: float = field(default_factory=time.time)
    serial: int = 0

    def observe(self, event: Frame) -> None:
        """Take one event into the state; an event that changes nothing here is ignored."""
        if "Uniqueid" in event and "Channel" in event:
            self._see_channel(event)
        change = _CHANGES.get(event.get("Event"))
        if change is not None:
            change(self, event)

    def _see_channel(self, event: Frame) -> None:
        name = event.get("Channel")
        if event.get("Event") == "Newchannel" or name in self.channels:
            seen = {key: event.get(key) for key in _CHANNEL_FIELDS if key in event}
            self.channels[name] = {**self.channels.get(name, {}), **seen}


def event(name: str, privilege: str, headers: Headers) -> Frame:
    """Make an event as Asterisk heads it, with `timestampevents` and a system name set."""
    head = [("Event", name), ("Privilege", f"{privilege},all")]
    return Frame([*head, ("Timestamp", f"{time.time():.6f}"), ("SystemName", SYSTEM), *headers])


def _hang_up(world: World, seen: Frame) -> None:
    world.channels.pop(seen.get("Channel"), None)


def _set_member(world: World, seen: Frame) -> None:
    row = [pair for pair in seen.headers if pair[0] not in _HEAD]
    world.queues.setdefault(seen.get("Queue"), {})[seen.get("Interface")] = row


def _remove_member(world: World, seen: Frame) -> None:
    world.queues.get(seen.get("Queue"), {}).pop(seen.get("Interface"), None)


def _join(world: World, seen: Frame) -> None:
    world.entries.setdefault(seen.get("Queue"), []).append(seen.headers)


def _leave(world: World, seen: Frame) -> None:
    waiting = world.entries.get(seen.get("Queue"), [])
    waiting[:] = [row for row in waiting if Frame(row).get("Uniqueid") != seen.get("Uniqueid")]


def _enter_bridge(world: World, seen: Frame) -> None:
    if channel := world.channels.get(seen.get("Channel")):
        channel["BridgeId"] = seen.get("BridgeUniqueid")


def _leave_bridge(world: World, seen: Frame) -> None:
    if channel := world.channels.get(seen.get("Channel")):
        channel["BridgeId"] = ""


def _set_contact(world: World, seen: Frame) -> None:
    if seen.get("ContactStatus") == "Removed":
        world.contacts.pop(seen.get("EndpointName"), None)
    else:
        world.contacts[seen.get("EndpointName")] = seen.get("ContactStatus")


_HEAD = {"Event", "Privilege", "Timestamp", "SystemName", "ActionID"}
_CHANGES: dict[str, Callable[[World, Frame], None]] = {
    "Hangup": _hang_up,
    "BridgeEnter": _enter_bridge,
    "BridgeLeave": _leave_bridge,
    "QueueMemberAdded": _set_member,
    "QueueMemberPause": _set_member,
    "QueueMemberStatus": _set_member,
    "QueueMemberPenalty": _set_member,
    "QueueMemberRemoved": _remove_member,
    "QueueCallerJoin": _join,
    "QueueCallerLeave": _leave,
    "ContactStatus": _set_contact,
}
