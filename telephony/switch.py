"""The commands to Asterisk in the words of the trade; each waits for Asterisk's own answer or event."""

import asyncio
import re
from dataclasses import dataclass

from telephony.ami import AmiEvent, AmiLink
from telephony.errors import AlreadyMember, AmiRefused, AmiTimeout, NoSuchChannel, NotMember

# app_queue reports a member's device as a number of enum ast_device_state.
_IN_USE, _RINGING, _GONE = {"2", "3", "7", "8"}, {"6", "7"}, {"4", "5"}

SEAT_RING_SECONDS = 20.0

_REFUSALS: dict[str, type[AmiRefused]] = {
    "Unable to add interface: Already there": AlreadyMember,
    "Unable to remove interface: Not there": NotMember,
    "Interface not found": NotMember,
    "Invalid interface, queuename or penalty": NotMember,
    "No such channel": NoSuchChannel,
}


@dataclass(frozen=True, kw_only=True)
class Member:
    """A member of the queue as Asterisk holds it; `endpoint` is the seat's SIP name."""

    endpoint: str
    name: str
    penalty: int
    paused: bool
    reason: str
    in_call: bool
    ringing: bool
    reachable: bool


@dataclass(frozen=True, kw_only=True)
class Channel:
    """One leg that is up in Asterisk; `call_id` is our UUID, '' for a leg that is not of a call."""

    name: str
    uniqueid: str
    linkedid: str
    state: str
    caller: str
    caller_name: str
    context: str
    exten: str
    application: str
    bridge_id: str
    call_id: str


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A caller in the queue; Asterisk gives no variables here, `uniqueid` leads to the Channel."""

    channel: str
    uniqueid: str
    caller: str
    caller_name: str
    position: int
    priority: int
    waited_seconds: int


class Switch:
    """Commands over a link; all raise AmiDown, AmiTimeout, AmiRefused. `within` is in seconds."""

    def __init__(self, link: AmiLink, *, queue: str = "hotline", within: float = 5.0) -> None:
        self._link = link
        self._queue = queue
        self._within = within

    async def add_member(
        self,
        endpoint: str,
        *,
        penalty: int = 0,
        paused: bool = True,
        reason: str = "",
        name: str = "",
    ) -> Member:
        """Put a seat into the queue; returns when Asterisk says so. AlreadyMember if it is there."""
        return await self._change(
            "QueueAdd",
            "QueueMemberAdded",
            endpoint,
            StateInterface=interface(endpoint),
            MemberName=name or interface(endpoint),
            Penalty=str(penalty),
            Paused=_yes(paused),
            Reason=reason,
        )

    async def remove_member(self, endpoint: str) -> Member:
        """Take a seat out of the queue; NotMember if it is not there."""
        return await self._change("QueueRemove", "QueueMemberRemoved", endpoint)

    async def pause_member(self, endpoint: str, paused: bool, reason: str = "") -> Member:
        """Pause or resume a seat; NotMember if it is not in the queue."""
        return await self._change(
            "QueuePause", "QueueMemberPause", endpoint, Paused=_yes(paused), Reason=reason
        )

    async def set_penalty(self, endpoint: str, penalty: int) -> None:
        """Change what a seat stands for in the queue; NotMember if it is not there."""
        target = {"Queue": self._queue, "Interface": interface(endpoint)}
        await self._send("QueuePenalty", Penalty=str(penalty), **target)

    async def members(self) -> list[Member]:
        rows = await self._link.ask("QueueStatus", Queue=self._queue)
        return [
            _member(row, row["Name"], row["Location"]) for row in rows if row.name == "QueueMember"
        ]

    async def queue_entries(self) -> list[Waiting]:
        """Return who waits, in order."""
        rows = await self._link.ask("QueueStatus", Queue=self._queue)
        entries = (_waiting(row) for row in rows if row.name == "QueueEntry")
        return sorted(entries, key=lambda entry: entry.position)

    async def channels(self) -> list[Channel]:
        return [_channel(row) for row in await self._link.ask("CoreShowChannels")]

    async def call_channels(self, call_id: str) -> list[str]:
        """Return the names of all channels of one call.

        A desktop that was reloaded comes back with a channel that carries no id: its bridge tells.
        """
        channels = await self.channels()
        ours = [channel for channel in channels if channel.call_id == call_id]
        bridges = {channel.bridge_id for channel in ours if channel.bridge_id}
        ours += [x for x in channels if not x.call_id and x.bridge_id in bridges]
        return [channel.name for channel in ours]

    async def reachable_endpoints(self) -> frozenset[str]:
        """Return the SIP names with a registered contact that is not known to be dead."""
        try:
            rows = await self._link.ask("PJSIPShowContacts")
        except AmiRefused as error:
            # Asterisk answers an empty list of contacts with an error.
            if error.details["message"] == "No Contacts found":
                return frozenset()
            raise
        return frozenset(
            row.get("Endpoint")
            for row in rows
            if row.get("Status") not in ("Unreachable", "Removed")
        )

    async def endpoint_reachable(self, endpoint: str) -> bool:
        return endpoint in await self.reachable_endpoints()

    async def hangup(self, channel: str, cause: int = 16) -> None:
        """End one channel; `cause` is Q.850. NoSuchChannel if it is gone."""
        if channel.startswith("/"):
            # Asterisk takes /regex/ here and would end every channel that matches.
            raise NoSuchChannel(action="Hangup", message="not a channel name")
        await self._send("Hangup", Channel=channel, Cause=str(cause))

    async def dial_out(self, endpoint: str, number: str, channel_id: str) -> bool:
        """Ring a seat and, once it has picked up, the citizen at `number`; False if the seat has not.

        `channel_id` becomes the uniqueid of the seat's leg; OutboundEnded tells how the call went.
        """
        if not re.fullmatch(r"\+?[0-9]{3,18}", number, re.ASCII):
            raise NoSuchChannel(action="Originate", message="not a number")
        with self._link.expect("OriginateResponse", Uniqueid=channel_id) as seen:
            await self._send(
                "Originate",
                Channel=interface(endpoint),
                ChannelId=channel_id,
                Context="callback",
                Exten=number,
                Priority="1",
                Timeout=str(int(SEAT_RING_SECONDS * 1000)),
                Variable=[
                    f"OUTBOUND_ID={channel_id}",
                    f"PJSIP_HEADER(add,X-Hotline-Callback)={channel_id}",
                ],
                Async="true",
            )
            async with asyncio.timeout(SEAT_RING_SECONDS + self._within):
                return (await seen).get("Response") == "Success"

    async def is_up(self, channel_id: str) -> bool:
        """Tell whether the channel with this uniqueid exists."""
        return any(channel.uniqueid == channel_id for channel in await self.channels())

    async def prioritise(self, channel: str, priority: int) -> None:
        """Give a waiting caller another priority; he moves behind those of the same one at once (Asterisk 18)."""
        await self._send(
            "QueueChangePriorityCaller",
            Queue=self._queue,
            Caller=channel,
            Priority=str(priority),
            Immediate="yes",
        )

    async def _change(self, action: str, event: str, endpoint: str, **fields: str) -> Member:
        """Send a change of a member and wait for its event: only then is it true."""
        target = {"Queue": self._queue, "Interface": interface(endpoint)}
        outcome = (
            {"Paused": "1" if fields["Paused"] == "true" else "0"} if "Paused" in fields else {}
        )
        with self._link.expect(event, **target, **outcome) as seen:
            await self._send(action, **target, **fields)
            try:
                async with asyncio.timeout(self._within):
                    row = await seen
            except TimeoutError:
                raise AmiTimeout(action=action, seconds=self._within) from None
        return _member(row, row["MemberName"], row["Interface"])

    async def _send(self, action: str, **fields: str | list[str]) -> None:
        try:
            await self._link.send(action, timeout=self._within, **fields)
        except AmiRefused as error:
            known = _REFUSALS.get(error.details["message"])
            if known is None:
                raise
            raise known(**error.details) from None


def interface(endpoint: str) -> str:
    """Return how the queue names a seat: PJSIP/seat03 for seat03."""
    return f"PJSIP/{endpoint}"


def _yes(value: bool) -> str:
    return "true" if value else "false"


def _member(row: AmiEvent, name: str, location: str) -> Member:
    status = row["Status"]
    return Member(
        endpoint=location.removeprefix("PJSIP/"),
        name=name,
        penalty=int(row["Penalty"]),
        paused=row["Paused"] == "1",
        reason=row.get("PausedReason"),
        in_call=row["InCall"] == "1" or status in _IN_USE,
        ringing=status in _RINGING,
        reachable=status not in _GONE,
    )


def _channel(row: AmiEvent) -> Channel:
    return Channel(
        name=row["Channel"],
        uniqueid=row["Uniqueid"],
        linkedid=row["Linkedid"],
        state=row["ChannelStateDesc"],
        caller=_known(row["CallerIDNum"]),
        caller_name=_known(row["CallerIDName"]),
        context=row["Context"],
        exten=row["Exten"],
        application=row["Application"],
        bridge_id=row["BridgeId"],
        call_id=row.variables.get("CALL_UUID", ""),
    )


def _waiting(row: AmiEvent) -> Waiting:
    return Waiting(
        channel=row["Channel"],
        uniqueid=row["Uniqueid"],
        caller=_known(row["CallerIDNum"]),
        caller_name=_known(row["CallerIDName"]),
        position=int(row["Position"]),
        priority=int(row["Priority"]),
        waited_seconds=int(row["Wait"]),
    )


def _known(text: str) -> str:
    return "" if text == "<unknown>" else text
