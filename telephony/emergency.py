"""The operator's emergency transfer: a desk is called into the talk, and the operator leaves when it is there.

The caller is with the operator all the time: while a desk rings, when no route leads there, until the operator hands
over. Each attempt is told to the ledger by events, as the dialplan does for a caller's own key.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress

import structlog

from core.errors import Conflict, HotlineError, NotFound, Unprocessable
from core.ids import new_id
from telephony.ami import AmiLink
from telephony.calls import Call, EmergencyAttempt, Leg
from telephony.errors import NoSuchChannel
from telephony.provision import EMERGENCY_NUMBERS
from telephony.switch import Switch

log = structlog.get_logger(__name__)

GRACE = 3.0
"""Seconds beyond the ring time in which Asterisk says how an attempt ended."""


class NoSuchEmergency(Unprocessable):
    code = "NO_SUCH_EMERGENCY"
    zh = "没有这个紧急号码:{number}(可用 110、119、120、122)"
    en = "No such emergency number: {number} (110, 119, 120, 122)"


class NoEmergencyRoute(Conflict):
    code = "NO_EMERGENCY_ROUTE"
    zh = "没有配置紧急线路,请让来电人直接拨打 {number}"
    en = "No emergency route is set: let the caller dial {number}"


class EmergencyUnderWay(Conflict):
    code = "EMERGENCY_UNDER_WAY"
    zh = "正在转接 {number},请等待结果"
    en = "{number} is being called already"


class EmergencyNotReached(Conflict):
    code = "EMERGENCY_NOT_REACHED"
    zh = "紧急台尚未接听,不能退出"
    en = "The emergency desk has not answered yet: you cannot leave"


class Emergencies:
    """Calls desks into talks, at most one at a time a call; `routes` in the order of trial, `calls` the live table."""

    def __init__(
        self,
        link: AmiLink,
        switch: Switch,
        calls: Mapping[str, Call],
        routes: Mapping[str, str],
        instead: Mapping[str, str],
        ring_seconds: int,
    ) -> None:
        self._link, self._switch, self._calls = link, switch, calls
        self._routes, self._instead, self._ring_seconds = tuple(routes), instead, ring_seconds
        self._under_way: dict[str, asyncio.Task[None]] = {}

    async def begin(self, call_id: str, number: str) -> None:
        """Call the desk `number` for a call that talks with a seat; what comes of it is told by events.

        Raises NoSuchEmergency, NoEmergencyRoute, NotFound or EmergencyUnderWay.
        """
        if number not in EMERGENCY_NUMBERS:
            raise NoSuchEmergency(number=number[:8])
        if not self._routes:
            raise NoEmergencyRoute(number=number)
        self._talking(call_id)
        if call_id in self._under_way or self._open(call_id) is not None:
            raise EmergencyUnderWay(number=number)
        task = asyncio.create_task(self._try_routes(call_id, self._instead.get(number, number)))
        self._under_way[call_id] = task
        task.add_done_callback(lambda _: self._under_way.pop(call_id, None))

    async def hand_over(self, call_id: str) -> None:
        """Leave caller and desk to each other; the seat's leg ends. EmergencyNotReached before the desk answered."""
        call = self._talking(call_id)
        desk = self._desk(call)
        caller = call.caller_leg
        if desk is None or caller is None:
            raise EmergencyNotReached()
        seats = [
            leg for leg in call.live_legs if leg.role == "agent" and leg.bridge == caller.bridge
        ]
        # The caller's talk with the desk ends where the queue would go on looking for a person.
        await self._link.send(
            "Setvar", Channel=caller.channel, Variable="CALL_HANDED_OVER", Value="emergency"
        )
        await self._link.send("Bridge", Channel1=caller.channel, Channel2=desk.channel)
        for leg in seats:
            with suppress(NoSuchChannel):
                await self._switch.hangup(leg.channel)

    async def withdraw(self, call_id: str) -> None:
        """Stop calling, or let the desk go: caller and operator stay together. NotFound if there is none."""
        task = self._under_way.get(call_id)
        call = self._talking(call_id)
        desk = self._desk(call)
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        elif desk is not None:
            await self._switch.hangup(desk.channel)
        else:
            raise NotFound(what="emergency")

    async def close(self) -> None:
        tasks = list(self._under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # -- one transfer

    async def _try_routes(self, call_id: str, number: str) -> None:
        for route in self._routes:
            call = self._calls.get(call_id)
            caller = call.caller_leg if call else None
            if call is None or caller is None or not caller.live:
                return
            status = "CANCEL"
            await self._say("EmergencyDialled", call, caller, number, route)
            try:
                status = await self._attempt(call, caller, number, route)
            except HotlineError as error:
                log.warning("emergency attempt failed", call_id=call_id, error=error.code)
                status = "CHANUNAVAIL"
            finally:
                if status != "ANSWER":
                    await self._say("EmergencyEnded", call, caller, number, route, status)
            if status == "ANSWER":
                return

    async def _attempt(self, call: Call, caller: Leg, number: str, route: str) -> str:
        """Return the DIALSTATUS of one attempt; a desk that has answered joins the talk by itself."""
        leg = f"emergency-{new_id()}"
        with (
            self._link.expect("DialEnd", DestUniqueid=leg) as ended,
            self._link.expect("Hangup", Uniqueid=leg) as gone,
        ):
            await self._link.send(
                "Originate",
                Channel=f"PJSIP/{number}@emergency-{route}",
                Context="emergency-join",
                Exten="s",
                Priority="1",
                Timeout=str(self._ring_seconds * 1000),
                CallerID=call.caller,
                ChannelId=leg,
                Async="true",
                Variable=[
                    f"__CALL_UUID={call.id}",
                    f"__EMERGENCY_NUMBER={number}",
                    f"__EMERGENCY_ROUTE={route}",
                    f"EMERGENCY_CALLER={caller.channel}",
                ],
            )
            try:
                done, _ = await asyncio.wait(
                    [ended, gone],
                    timeout=self._ring_seconds + GRACE,
                    return_when=asyncio.FIRST_COMPLETED,
                )
                # A desk that rings out is hung up without a word on how its dialling ended.
                return ended.result().get("DialStatus") if ended in done else "NOANSWER"
            except asyncio.CancelledError:
                await self._end(leg)
                raise

    async def _end(self, uniqueid: str) -> None:
        for channel in await self._switch.channels():
            if channel.uniqueid == uniqueid:
                with suppress(NoSuchChannel):
                    await self._switch.hangup(channel.name)

    async def _say(
        self, event: str, call: Call, caller: Leg, number: str, route: str, status: str = ""
    ) -> None:
        await self._link.send(
            "UserEvent",
            UserEvent=event,
            Channel=caller.channel,
            Uniqueid=caller.uniqueid,
            Linkedid=call.linkedid,
            CallID=call.id,
            Number=number,
            Route=route,
            Status=status,
        )

    # -- what there is

    def _talking(self, call_id: str) -> Call:
        call = self._calls.get(call_id)
        if call is None or not any(segment.open for segment in call.segments):
            raise NotFound(what="call")
        return call

    def _open(self, call_id: str) -> EmergencyAttempt | None:
        attempts = self._calls[call_id].emergencies
        return next((one for one in attempts if one.ended_at is None), None)

    def _desk(self, call: Call) -> Leg | None:
        """Return the leg of the desk that talks with the caller now."""
        caller = call.caller_leg
        return next(
            (
                leg
                for leg in call.live_legs
                if leg.role == "other" and caller and caller.bridge and leg.bridge == caller.bridge
            ),
            None,
        )
