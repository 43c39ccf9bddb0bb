"""After a gap: ask Asterisk what is, compare it with what we believe, and make the facts that correct us."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.clock import Clock
from telephony import facts as f
from telephony.ami import AmiEvent, AmiLink
from telephony.calls import Call, Leg
from telephony.errors import AmiRefused
from telephony.messages import call_id_in, clean, fact_of
from telephony.numbers import normalise

_UP, _RINGING = 6, 5


@dataclass(frozen=True, kw_only=True)
class LiveChannel:
    """A channel as Asterisk lists it; `call_id` is ours, '' for a channel of no call."""

    uniqueid: str
    linkedid: str
    channel: str
    call_id: str
    state: int
    bridge: str
    caller: str
    caller_name: str
    since: datetime


@dataclass(frozen=True, kw_only=True)
class Waiting:
    uniqueid: str
    position: int
    since: datetime


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """Asterisk at one moment. Events numbered below `seq` are already in it; `startup` names its run."""

    at: datetime
    seq: int
    startup: str
    queue: str
    channels: Mapping[str, LiveChannel]
    waiting: Mapping[str, Waiting]
    members: list[f.MemberSeen]
    devices: list[f.DeviceSeen]


async def take_snapshot(link: AmiLink, queue: str, clock: Clock) -> Snapshot:
    """Ask Asterisk for channels, queue and devices; raises AmiDown, AmiTimeout, AmiRefused."""
    status = await link.send("CoreStatus")
    channels = await link.ask("CoreShowChannels")
    lines = await link.ask("QueueStatus", Queue=queue)
    now = clock()
    devices = [fact_of(event, now) for event in await _endpoints(link)]
    seen = [fact_of(event, now) for event in lines if event.name == "QueueMember"]
    return Snapshot(
        at=now,
        seq=channels[0].seq if channels else status.seq,
        startup=f"{status.get('CoreStartupDate')} {status.get('CoreStartupTime')}",
        queue=queue,
        channels={c.uniqueid: c for c in (_channel(event, now) for event in channels)},
        waiting={w.uniqueid: w for w in _entries(lines, now)},
        members=[fact for fact in seen if isinstance(fact, f.MemberSeen)],
        devices=[fact for fact in devices if isinstance(fact, f.DeviceSeen)],
    )


def compare(calls: Mapping[str, Call], snapshot: Snapshot) -> list[f.ChannelFact]:
    """Return the facts that bring `calls` in line with Asterisk; [] when they agree (pure).

    What is new comes first, callers before those they talk to; then what is different; then what is gone.
    """
    known = {uniqueid: call.id for call in calls.values() for uniqueid in call.legs}
    facts: list[f.ChannelFact] = []
    for channel in sorted(snapshot.channels.values(), key=lambda c: c.uniqueid != c.linkedid):
        call_id = channel.call_id or known.get(channel.linkedid, "")
        if channel.uniqueid not in known and call_id:
            facts += _new_channel(channel, call_id, snapshot)
            known[channel.uniqueid] = call_id
    for call in calls.values():
        if call.outcome is None:
            facts += _queue_of(call, snapshot)
        for leg in sorted(call.live_legs, key=lambda leg: leg.role != "caller"):
            facts += _leg_of(call, leg, snapshot)
    return facts


def restarted_facts(calls: Mapping[str, Call], snapshot: Snapshot) -> list[f.ChannelFact]:
    """Return the end of every call whose channels died with the Asterisk that carried them (pure)."""
    return [
        f.SwitchRestarted(
            at=snapshot.at,
            uniqueid=leg.uniqueid,
            linkedid=call.linkedid,
            call_id=call.id,
            corrected=True,
        )
        for call in calls.values()
        if call.outcome is None and (leg := next(iter(call.live_legs), None))
        if not any(leg.uniqueid in snapshot.channels for leg in call.live_legs)
    ]


def board_facts(members: Mapping[str, object], snapshot: Snapshot) -> Iterator[f.Fact]:
    """Yield the facts about members and devices, those that are gone included."""
    present = {member.endpoint for member in snapshot.members}
    for endpoint in [endpoint for endpoint in members if endpoint not in present]:
        yield f.MemberGone(at=snapshot.at, queue=snapshot.queue, endpoint=endpoint, corrected=True)
    yield from snapshot.members
    yield from snapshot.devices


def _new_channel(channel: LiveChannel, call_id: str, snapshot: Snapshot) -> Iterator[f.ChannelFact]:
    about = _about(channel.uniqueid, channel.channel, channel.linkedid, call_id)
    yield f.ChannelAppeared(
        at=channel.since,
        **about,
        corrected=True,
        caller=channel.caller,
        caller_name=channel.caller_name,
    )
    if channel.uniqueid == channel.linkedid:
        yield f.CallArrived(
            at=channel.since,
            **about,
            corrected=True,
            caller=channel.caller,
            caller_name=channel.caller_name,
        )
    waiting = snapshot.waiting.get(channel.uniqueid)
    if waiting is not None:
        yield _joined(about, waiting, snapshot)
    caller = snapshot.channels.get(channel.linkedid)
    if caller is not None and caller is not channel:
        yield f.DialBegan(
            at=channel.since,
            **_about(caller.uniqueid, caller.channel, caller.linkedid, call_id),
            corrected=True,
            dest_uniqueid=channel.uniqueid,
            dest_channel=channel.channel,
        )
    if channel.state in (_UP, _RINGING):
        yield f.ChannelStateSeen(at=snapshot.at, **about, corrected=True, state=channel.state)
    if channel.bridge:
        yield f.BridgeEntered(at=snapshot.at, **about, corrected=True, bridge=channel.bridge)


def _queue_of(call: Call, snapshot: Snapshot) -> Iterator[f.ChannelFact]:
    caller = call.caller_leg
    if caller is None or caller.uniqueid not in snapshot.channels:
        return
    about = _about(caller.uniqueid, caller.channel, call.linkedid, call.id)
    waiting = snapshot.waiting.get(caller.uniqueid)
    if call.in_queue and waiting is None:
        yield f.QueueLeft(at=snapshot.at, **about, corrected=True, queue=call.queue)
    elif not call.in_queue and waiting is not None:
        yield _joined(about, waiting, snapshot)


def _leg_of(call: Call, leg: Leg, snapshot: Snapshot) -> Iterator[f.ChannelFact]:
    about = _about(leg.uniqueid, leg.channel, call.linkedid, call.id)
    channel = snapshot.channels.get(leg.uniqueid)
    if channel is None:
        yield f.ChannelGone(at=snapshot.at, **about, corrected=True)
        return
    if channel.state == _UP and leg.state in ("new", "ringing"):
        yield f.ChannelStateSeen(at=snapshot.at, **about, corrected=True, state=_UP)
    if channel.bridge and channel.bridge != leg.bridge:
        yield f.BridgeEntered(at=snapshot.at, **about, corrected=True, bridge=channel.bridge)
    elif leg.bridge and not channel.bridge:
        yield f.BridgeLeft(at=snapshot.at, **about, corrected=True, bridge=leg.bridge)


def _joined(about: f.About, waiting: Waiting, snapshot: Snapshot) -> f.QueueJoined:
    return f.QueueJoined(
        at=waiting.since,
        **about,
        corrected=True,
        queue=snapshot.queue,
        position=waiting.position,
    )


def _about(uniqueid: str, channel: str, linkedid: str, call_id: str) -> f.About:
    return {
        "uniqueid": uniqueid,
        "channel": channel,
        "linkedid": linkedid,
        "call_id": call_id,
    }


async def _endpoints(link: AmiLink) -> list[AmiEvent]:
    try:
        return await link.ask("PJSIPShowEndpoints")
    except AmiRefused:
        return []  # Asterisk's way of saying that there are none


def _channel(event: AmiEvent, now: datetime) -> LiveChannel:
    state = event.get("ChannelState")
    name = clean(event.get("CallerIDName"), 80)
    return LiveChannel(
        uniqueid=clean(event.get("Uniqueid")),
        linkedid=clean(event.get("Linkedid")),
        channel=clean(event.get("Channel")),
        call_id=call_id_in(event.variables.get("CALL_UUID", "")),
        state=int(state) if state.isdecimal() else 0,
        bridge=clean(event.get("BridgeId")),
        caller=normalise(clean(event.get("CallerIDNum"))),
        caller_name="" if name == "<unknown>" else name,
        since=now - _duration(event.get("Duration")),
    )


def _entries(lines: list[AmiEvent], now: datetime) -> Iterator[Waiting]:
    for event in lines:
        if event.name == "QueueEntry":
            wait = event.get("Wait")
            yield Waiting(
                uniqueid=clean(event.get("Uniqueid")),
                position=int(event.get("Position") or 0),
                since=now - timedelta(seconds=int(wait) if wait.isdecimal() else 0),
            )


def _duration(text: str) -> timedelta:
    """Read Asterisk's 00:01:30."""
    try:
        hours, minutes, seconds = (int(part) for part in text.split(":"))
    except ValueError:
        return timedelta()
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)
