"""Each AMI action: what Asterisk 22 answers, which rows follow, which events it causes."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from asterisk_ami_mock.wire import Frame, Headers
from asterisk_ami_mock.world import World, event

VERSION = "22.10.1-mock"


@dataclass
class Answer:
    """`headers` follow the ActionID; with `rows` the answer is a list; `events` go to every session after it."""

    headers: Headers
    rows: list[Frame] | None = None
    complete: str = ""
    events: list[Frame] = field(default_factory=list)
    word: str = "Success"
    hang_up: bool = False


class Refused(Exception):
    """Asterisk says `Response: Error` with this message."""


def answer(world: World, request: Frame) -> Answer:
    """Return what Asterisk answers to a request of a signed-in session; Refused for an error."""
    name = request.get("Action").lower()
    if not name:
        raise Refused("Missing action in request")
    if name not in _ACTIONS:
        raise Refused(
            f"Invalid/unknown command: {request.get('Action')}. "
            "Use Action: ListCommands to show available commands."
        )
    return _ACTIONS[name](world, request)


def _say(message: str, *events: Frame) -> Answer:
    return Answer([("Message", message)], events=list(events))


def _listing(message: str, complete: str, rows: list[Frame]) -> Answer:
    return Answer([("EventList", "start"), ("Message", message)], rows=rows, complete=complete)


def _ping(_world: World, _request: Frame) -> Answer:
    return Answer([("Ping", "Pong"), ("Timestamp", f"{time.time():.6f}")])


def _log_off(_world: World, _request: Frame) -> Answer:
    return Answer([("Message", "Thanks for all the fish.")], word="Goodbye", hang_up=True)


def _core_status(world: World, _request: Frame) -> Answer:
    # With the fraction, because tests restart the fake within one second.
    day = time.strftime("%Y-%m-%d", time.gmtime(world.started))
    clock = time.strftime("%H:%M:%S", time.gmtime(world.started)) + f"{world.started % 1:.6f}"[1:]
    dates = [
        (f"Core{what}{part}", value)
        for what in ("Startup", "Reload")
        for part, value in (("Date", day), ("Time", clock))
    ]
    calls = str(len(world.channels))
    return Answer([*dates, ("CoreCurrentCalls", calls), ("CoreProcessedCalls", calls)])


def _core_settings(_world: World, _request: Frame) -> Answer:
    return Answer([("AMIversion", "11.0.0"), ("AsteriskVersion", VERSION), ("SystemName", "mock")])


def _list_commands(_world: World, _request: Frame) -> Answer:
    return Answer([(name, "known to the fake  (Priv: <none>)") for name in sorted(_ACTIONS)])


def _queue_of(world: World, request: Frame, refusal: str) -> dict[str, Headers]:
    if request.get("Queue") not in world.queues:
        raise Refused(refusal)
    return world.queues[request.get("Queue")]


def _queue_add(world: World, request: Frame) -> Answer:
    members = _queue_of(world, request, "Unable to add interface to queue: No such queue")
    interface = request.get("Interface")
    if interface in members:
        raise Refused("Unable to add interface: Already there")
    paused = _truth(request.get("Paused"))
    now = str(int(time.time()))
    row = [
        ("Queue", request.get("Queue")),
        ("MemberName", request.get("MemberName") or interface),
        ("Interface", interface),
        ("StateInterface", request.get("StateInterface") or interface),
        ("Membership", "dynamic"),
        ("Penalty", request.get("Penalty") or "0"),
        ("CallsTaken", "0"),
        ("LastCall", "0"),
        ("LastPause", now if paused else "0"),
        ("LoginTime", now),
        ("InCall", "0"),
        ("Status", "1" if interface.removeprefix("PJSIP/") in world.contacts else "5"),
        ("Paused", "1" if paused else "0"),
        ("PausedReason", request.get("Reason")),
        ("Ringinuse", "0"),
        ("Wrapuptime", "0"),
    ]
    return _say("Added interface to queue", event("QueueMemberAdded", "agent", row))


def _queue_remove(world: World, request: Frame) -> Answer:
    members = _queue_of(world, request, "Unable to remove interface from queue: No such queue")
    row = members.get(request.get("Interface"))
    if row is None:
        raise Refused("Unable to remove interface: Not there")
    return _say("Removed interface from queue", event("QueueMemberRemoved", "agent", row))


def _queue_pause(world: World, request: Frame) -> Answer:
    """Pause in one queue, or in all if none is named; the event comes even if nothing changes."""
    paused = _truth(request.get("Paused"))
    change = {
        "Paused": "1" if paused else "0",
        "PausedReason": request.get("Reason") if paused else "",
    }
    wanted = [request.get("Queue")] if request.get("Queue") else list(world.queues)
    rows = [world.queues.get(queue, {}).get(request.get("Interface")) for queue in wanted]
    events = [
        event("QueueMemberPause", "agent", [(name, change.get(name, old)) for name, old in row])
        for row in rows
        if row is not None
    ]
    if not events:
        raise Refused("Interface not found")
    return _say(f"Interface {'' if paused else 'un'}paused successfully", *events)


def _queue_penalty(world: World, request: Frame) -> Answer:
    row = world.queues.get(request.get("Queue"), {}).get(request.get("Interface"))
    if row is None:
        raise Refused("Invalid interface, queuename or penalty")
    changed = [(name, request.get(name) if name == "Penalty" else old) for name, old in row]
    told = event("QueueMemberPenalty", "agent", changed)
    return _say("Interface penalty set successfully", told)


_QUEUE_PARAMS: Headers = [
    ("Holdtime", "0"),
    ("TalkTime", "0"),
    ("Completed", "0"),
    ("Abandoned", "0"),
    ("ServiceLevel", "0"),
    ("ServicelevelPerf", "0.0"),
    ("ServicelevelPerf2", "0.0"),
    ("Weight", "0"),
]
_RENAMED = {"MemberName": "Name", "Interface": "Location"}


def _queue_status(world: World, request: Frame) -> Answer:
    rows: list[Frame] = []
    for queue, members in world.queues.items():
        if request.get("Queue") not in ("", queue):
            continue
        waiting = world.entries.get(queue, [])
        head = [("Queue", queue), ("Max", "0"), ("Strategy", "leastrecent")]
        rows.append(_row("QueueParams", [*head, ("Calls", str(len(waiting))), *_QUEUE_PARAMS]))
        for member in members.values():
            renamed = [
                (_RENAMED.get(key, key), value) for key, value in member if key != "Ringinuse"
            ]
            rows.append(_row("QueueMember", renamed))
        rows += [_entry(queue, place, Frame(seen)) for place, seen in enumerate(waiting, 1)]
    return _listing("Queue status will follow", "QueueStatusComplete", rows)


def _entry(queue: str, place: int, seen: Frame) -> Frame:
    since = float(seen.get("Timestamp") or time.time())
    copied = (
        "Channel",
        "Uniqueid",
        "CallerIDNum",
        "CallerIDName",
        "ConnectedLineNum",
        "ConnectedLineName",
    )
    head = [("Queue", queue), ("Position", str(place)), *((key, seen.get(key)) for key in copied)]
    return _row(
        "QueueEntry", [*head, ("Wait", str(max(0, int(time.time() - since)))), ("Priority", "0")]
    )


def _core_show_channels(world: World, _request: Frame) -> Answer:
    rows = [
        _row("CoreShowChannel", [
            *((key, value) for key, value in channel.items() if key != "BridgeId"),
            ("Application", channel.get("Application", "")),
            ("ApplicationData", ""),
            ("Duration", "00:00:01"),
            ("BridgeId", channel.get("BridgeId", "")),
        ])
        for channel in world.channels.values()
    ]  # fmt: skip
    return _listing("Channels will follow", "CoreShowChannelsComplete", rows)


def _show_contacts(world: World, _request: Frame) -> Answer:
    if not world.contacts:
        raise Refused("No Contacts found\n")
    rows = [
        _row("ContactList", [
            ("ObjectType", "contact"),
            ("ObjectName", f"{endpoint};@00000000"),
            ("Endpoint", endpoint),
            ("Status", status),
        ])
        for endpoint, status in world.contacts.items()
    ]  # fmt: skip
    return _listing(
        "A listing of Contacts follows, presented as ContactList events",
        "ContactListComplete",
        rows,
    )


def _show_endpoints(world: World, _request: Frame) -> Answer:
    rows = [
        _row("EndpointList", [
            ("ObjectType", "endpoint"),
            ("ObjectName", endpoint),
            ("DeviceState", "Not in use" if status != "Unreachable" else "Unavailable"),
            ("ActiveChannels", "0"),
        ])
        for endpoint, status in world.contacts.items()
    ]  # fmt: skip
    message = "A listing of Endpoints follows, presented as EndpointList events"
    return _listing(message, "EndpointListComplete", rows)


def _hangup(world: World, request: Frame) -> Answer:
    channel = world.channels.get(request.get("Channel"))
    if channel is None:
        raise Refused("No such channel")
    cause = request.get("Cause") or "16"
    gone = [*channel.items(), ("Cause", cause)]
    return _say(
        "Channel Hungup",
        event("HangupRequest", "call", gone),
        event("Hangup", "call", [*gone, ("Cause-txt", "Normal Clearing")]),
    )


def _originate(world: World, request: Frame) -> Answer:
    """Ring a contact or a Local channel, which always answers; anything else fails."""
    target = request.get("Channel")
    endpoint = target.partition("/")[2]
    works = target.startswith("Local/") or endpoint in world.contacts
    if not _truth(request.get("Async")) and not works:
        raise Refused("Originate failed")
    world.serial += 1
    snapshot = _new_channel(world, request, target) if works else {}
    outcome = [
        ("ActionID", request.get("ActionID")),
        ("Response", "Success" if works else "Failure"),
        ("Channel", snapshot.get("Channel", target)),
        ("Context", request.get("Context")),
        ("Exten", request.get("Exten")),
        ("Reason", "4" if works else "0"),
        ("Uniqueid", snapshot.get("Uniqueid", "<unknown>")),
    ]
    made = [event("Newchannel", "call", list(snapshot.items()))] if works else []
    said = [event("OriginateResponse", "call", outcome)] if _truth(request.get("Async")) else []
    return _say("Originate successfully queued", *made, *said)


def _new_channel(world: World, request: Frame, target: str) -> dict[str, str]:
    name, _, number = request.get("CallerID").rpartition(" <")
    variables = dict(value.partition("=")[::2] for value in request.get_all("Variable"))
    uniqueid = f"mock-{int(time.time())}.{world.serial}"
    return {
        "Channel": f"{target}-{world.serial:08x}",
        "ChannelState": "6",
        "ChannelStateDesc": "Up",
        "CallerIDNum": number.rstrip(">") or "<unknown>",
        "CallerIDName": name.strip('"') or "<unknown>",
        "ConnectedLineNum": "<unknown>",
        "ConnectedLineName": "<unknown>",
        "Language": "en",
        "AccountCode": "",
        "Context": request.get("Context"),
        "Exten": request.get("Exten"),
        "Priority": request.get("Priority") or "1",
        "Uniqueid": uniqueid,
        "Linkedid": uniqueid,
        "ChanVariable": f"CALL_UUID={variables.get('__CALL_UUID', variables.get('CALL_UUID', ''))}",
    }


def _command(world: World, request: Frame) -> Answer:
    command = request.get("Command")
    if command.startswith("queue show"):
        lines = [f"{queue} has {len(world.entries.get(queue, []))} calls" for queue in world.queues]
    elif command == "core show version":
        lines = [f"Asterisk {VERSION}"]
    else:
        lines = [
            f"No such command '{command}' (type 'core show help {command}' for other possible commands)"
        ]
    word = "Error" if lines[0].startswith("No such command") else "Success"
    head: Headers = [("Message", "Command output follows")]
    return Answer([*head, *(("Output", line) for line in lines)], word=word)


def _user_event(_world: World, request: Frame) -> Answer:
    # Asterisk leaves the sender's ActionID in the event, for every session to see.
    named = [("UserEvent", request.get("UserEvent"))]
    others = [pair for pair in request.headers if pair[0].lower() not in ("action", "userevent")]
    return _say("Event Sent", event("UserEvent", "user", [*named, *others]))


def _row(name: str, headers: Headers) -> Frame:
    return Frame([("Event", name), *headers])


def _truth(value: str) -> bool:
    return value.lower() in ("1", "true", "yes", "on", "y", "t")


_ACTIONS: dict[str, Callable[[World, Frame], Answer]] = {
    "ping": _ping,
    "logoff": _log_off,
    "corestatus": _core_status,
    "coresettings": _core_settings,
    "coreshowchannels": _core_show_channels,
    "listcommands": _list_commands,
    "queueadd": _queue_add,
    "queueremove": _queue_remove,
    "queuepause": _queue_pause,
    "queuepenalty": _queue_penalty,
    "queuestatus": _queue_status,
    "pjsipshowcontacts": _show_contacts,
    "pjsipshowendpoints": _show_endpoints,
    "hangup": _hangup,
    "originate": _originate,
    "command": _command,
    "userevent": _user_event,
}
