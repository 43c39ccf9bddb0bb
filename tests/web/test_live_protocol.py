"""For every kind of fact: apply(events, old snapshot) == new snapshot (docs/live-protocol.md)."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from live_facts import (
    AT,
    CALL,
    CALLER,
    agent,
    answered,
    call_ended,
    offer_ended,
    offered,
    queued,
    segment_ended,
)
from live_world import LiveWorld, apply, live_world, until

from core.clock import FixedClock
from core.security import Principal, Role
from ivr.events import SurgeChanged
from seats.events import (
    OfferMissed,
    OpenSeatsChanged,
    PauseWished,
    SeatPlanChanged,
)
from seats.floor.events import AgentOrdered, MonitorUpdated
from seats.floor.monitors import TOLD
from telephony.events import (
    CallHeld,
    CallResumed,
    CallStarted,
    CallUnserved,
    DeviceChanged,
    EmergencyDialled,
    EmergencyEnded,
    EmergencyReached,
    MemberChanged,
    MemberRemoved,
    OfferForeseen,
    QueueChanged,
    QueueEntry,
    RecordingStarted,
    SwitchDown,
    SwitchUp,
)
from tickets.events import TicketChanged, TicketOpened
from web.app import LIVE
from web.live_feed import Feed
from web.live_state import Call, Plan, Queue, Seat, Session, Waiting
from web.live_stream import Connection


@dataclass
class Watched:
    """An agent's desktop as the protocol lets it be: a snapshot and the events after it."""

    world: LiveWorld
    account_id: int
    state: dict[str, Any]
    cursor: int

    def follow(self) -> list[str]:
        """Apply what came since the last time and return the names of the events."""
        stream = self.world.hub.streams[self.account_id]
        events = [json.loads(frame) for frame in stream.after(self.cursor)]
        assert [event["seq"] for event in events] == list(range(self.cursor + 1, stream.seq + 1))
        for event in events:
            # An event told twice does no harm.
            self.state = apply(apply(self.state, event), event)
        self.cursor = stream.seq
        return [event["name"] for event in events]

    def snapshot(self) -> dict[str, Any]:
        state: dict[str, Any] = json.loads(self.world.hub.snapshot(self.account_id))["state"]
        return state


@pytest.fixture
async def watched(tmp_path: Path) -> AsyncIterator[Watched]:
    async with live_world(tmp_path, FixedClock(AT)) as world:
        account_id, token = await world.person(Role.OPERATOR, Role.SHIFT_LEADER)
        who = Principal(account_id, "op1", "测试员", frozenset({Role.OPERATOR, Role.SHIFT_LEADER}))
        frame = world.hub.attach(Connection(principal=who, token=token), "", -1)
        snapshot = json.loads(frame or "")
        yield Watched(world, account_id, snapshot["state"], snapshot["seq"])


async def sign_in(feed: Feed, account_id: int) -> None:
    await feed.on_agent_state(agent(account_id, "signed_out", "ready"))


async def ring(feed: Feed, account_id: int) -> None:
    await sign_in(feed, account_id)
    await feed.on_call_offered(offered())


async def talk(feed: Feed, account_id: int) -> None:
    await ring(feed, account_id)
    feed.acknowledged(account_id, f"{CALL}:03:1")
    await feed.on_call_answered(answered())


async def hold(feed: Feed, account_id: int) -> None:
    await talk(feed, account_id)
    await feed.on_call_held(CallHeld(at=AT, call_id=CALL, endpoint="seat03"))


async def wrap_up(feed: Feed, account_id: int) -> None:
    await talk(feed, account_id)
    await feed.on_segment_ended(segment_ended())


Before = Callable[[Feed, int], Awaitable[None]]
WAITING = QueueEntry(call_id=CALL, caller="13900000001", position=1, joined_at=AT.isoformat())

# kind of fact: (what went before, the fact, the pieces that must have been sent)
CASES: dict[str, tuple[Before, Any, set[str]]] = {
    "SwitchUp": (sign_in, SwitchUp(at=AT, restarted=True, corrections=2), set()),
    "SwitchDown": (sign_in, SwitchDown(at=AT, reason="EOF"), {"switch"}),
    "QueueChanged": (sign_in, QueueChanged(at=AT, queue="hotline", waiting=[WAITING]), {"queue"}),
    "MemberChanged": (
        sign_in,
        MemberChanged(at=AT, endpoint="seat03", paused=False, reachable=True),
        {"session"},
    ),
    "MemberRemoved": (sign_in, MemberRemoved(at=AT, endpoint="seat03"), set()),
    "DeviceChanged": (
        sign_in,
        DeviceChanged(at=AT, endpoint="seat03", reachable=True),
        {"session"},
    ),
    "CallStarted": (sign_in, CallStarted(at=AT, call_id=CALL, caller="13900000001"), set()),
    "CallQueued": (sign_in, queued(), set()),
    "OfferForeseen": (
        sign_in,
        OfferForeseen(at=AT, call_id=CALL, offer=offered()),
        {"call", "pop"},
    ),
    "CallOffered": (sign_in, offered(), {"call", "pop"}),
    "OfferEnded": (ring, offer_ended("no_answer"), {"call"}),
    "CallAnswered": (ring, answered(), {"call"}),
    "CallHeld": (talk, CallHeld(at=AT, call_id=CALL, endpoint="seat03"), {"call"}),
    "CallResumed": (hold, CallResumed(at=AT, call_id=CALL, endpoint="seat03"), {"call"}),
    "SegmentEnded": (talk, segment_ended(), {"call"}),
    "RecordingStarted": (talk, RecordingStarted(at=AT, call_id=CALL, path="x.wav"), {"call"}),
    "CallUnserved": (sign_in, CallUnserved(at=AT, call_id=CALL, why="left_empty"), {"notice"}),
    "CallEnded": (talk, call_ended(), {"call"}),
    "PauseWished": (
        talk,
        PauseWished(at=AT, account_id=1, seat="03", reason="meal"),
        {"session"},
    ),
    "OpenSeatsChanged": (
        sign_in,
        OpenSeatsChanged(at=AT, open_seats=11, physical_seats=12),
        {"plan"},
    ),
    "SeatPlanChanged": (sign_in, SeatPlanChanged(at=AT), {"plan"}),
    "OfferMissed": (
        ring,
        OfferMissed(at=AT, account_id=1, seat="03", call_id=CALL, kept_ready=False),
        {"notice"},
    ),
    "EmergencyDialled": (
        ring,
        EmergencyDialled(
            at=AT, call_id=CALL, number="119", route="trunk-a", attempt=1, caller=CALLER
        ),
        {"notice", "call"},
    ),
    "EmergencyReached": (
        talk,
        EmergencyReached(at=AT, call_id=CALL, number="119", route="trunk-a", attempt=1),
        {"call"},
    ),
    "EmergencyEnded": (
        ring,
        EmergencyEnded(
            at=AT,
            call_id=CALL,
            number="119",
            route="trunk-a",
            attempt=1,
            caller=CALLER,
            result="busy",
            seconds=0.0,
        ),
        {"notice", "call"},
    ),
    "TicketOpened": (
        talk,
        TicketOpened(at=AT, ticket_id=7, contact_id=1, call_id=CALL, account_id=1),
        {"call", "pop", "ticket"},
    ),
    "TicketChanged": (
        talk,
        TicketChanged(at=AT, ticket_id=7, number=None, state="DRAFT", version=2, account_id=1),
        {"ticket"},
    ),
}


MONITOR: dict[str, Any] = {
    "account_id": 1,
    "leader": "何班长",
    "monitor": "0193-monitor",
    "seat": "03",
    "agent_name": "测试员",
    "agent_account_id": 1,
    "call_id": CALL,
    "phone": "boss01",
    "started_at": AT,
}


async def listen(feed: Feed, account_id: int) -> None:
    await talk(feed, account_id)
    await feed.on_monitor(MonitorUpdated(at=AT, **MONITOR, mode="listen"))


SURGE = SurgeChanged(
    at=AT,
    surge_id=1,
    text="站前区供水管道抢修",
    areas="",
    offers_inform=True,
    sound="ready",
    started_by="何班长",
    starts_at=AT,
    ends_at=AT + timedelta(hours=2),
)


CASES |= {
    "MonitorUpdated": (talk, MonitorUpdated(at=AT, **MONITOR, mode="listen"), {"monitor"}),
    "AgentOrdered": (
        talk,
        AgentOrdered(
            at=AT, account_id=1, seat="03", order="not_ready", leader="何班长", why="培训"
        ),
        {"notice"},
    ),
    "SurgeChanged": (sign_in, SURGE, {"surge"}),
}


async def test_a_session_and_a_banner_that_are_over_leave_the_screen(watched: Watched) -> None:
    feed = watched.world.feed
    await listen(feed, watched.account_id)
    await feed.on_surge(SURGE)
    watched.follow()
    assert watched.state["monitor"]["mode"] == "listen"
    assert watched.state["surge"]["text"] == "站前区供水管道抢修"
    await feed.on_monitor(
        MonitorUpdated(at=AT, **{**MONITOR, "monitor": "older"}, ended_at=AT, mode="listen")
    )
    assert "monitor" not in watched.follow()
    await feed.on_monitor(MonitorUpdated(at=AT, **MONITOR, mode="listen", ended_at=AT))
    await feed.on_surge(replace(SURGE, ended=True))
    assert watched.follow() == ["monitor", "surge"]
    assert (watched.state["monitor"], watched.state["surge"]) == (None, None)
    assert watched.state == watched.snapshot()


@pytest.mark.parametrize(
    ("mode", "told"), [("listen", False), ("whisper", False), ("barge", True), ("take_over", True)]
)
async def test_an_agent_is_told_of_what_others_hear_and_of_nothing_else(
    watched: Watched, mode: Any, told: bool
) -> None:
    """Spec telephony 9: the agent is not told of listening, and is told of barge and take over."""
    await talk(watched.world.feed, watched.account_id)
    watched.follow()
    leaders = {**MONITOR, "account_id": watched.account_id + 1}
    await watched.world.feed.on_monitor(
        MonitorUpdated(at=AT, **leaders, mode=mode, agent_told=mode in TOLD)
    )
    assert watched.follow() == (["notice"] if told else [])


def test_every_fact_that_the_live_state_hears_is_covered() -> None:
    assert {kind.__name__ for kind, _ in LIVE} == {*CASES, "AgentStateChanged"}


@pytest.mark.parametrize("kind", CASES)
async def test_events_applied_to_the_old_snapshot_give_the_new_one(
    watched: Watched, kind: str
) -> None:
    before, fact, expected = CASES[kind]
    feed, rooms = watched.world.feed, watched.world.rooms
    await before(feed, watched.account_id)
    await feed.flush()
    watched.follow()
    if kind == "OpenSeatsChanged":
        rooms.plan = Plan(open_seats=11, physical_seats=12)
    if kind == "SeatPlanChanged":
        rooms.plan = Plan(open_seats=10, physical_seats=12, drain=("03",))
    if kind == "SwitchUp":
        rooms.agents = {watched.account_id: session("ready")}
    listener = next(listener for heard, listener in LIVE if heard.__name__ == kind)
    await listener(feed, fact)
    await feed.flush()
    sent = watched.follow()
    assert expected <= set(sent)
    assert watched.state == watched.snapshot()


@pytest.mark.parametrize(
    "new", ["not_ready", "ready", "ringing", "talking", "wrap_up", "signed_out"]
)
@pytest.mark.parametrize("before", [sign_in, ring, talk, hold, wrap_up])
async def test_every_agent_state_is_followed(watched: Watched, before: Before, new: Any) -> None:
    await before(watched.world.feed, watched.account_id)
    watched.follow()
    await watched.world.feed.on_agent_state(agent(watched.account_id, "ready", new))
    await watched.world.feed.flush()
    assert "session" in watched.follow() or new == "ready"
    assert watched.state == watched.snapshot()
    assert (watched.state["session"] is None) == (new == "signed_out")


async def test_the_wrap_up_keeps_call_and_pop_and_ready_clears_them(watched: Watched) -> None:
    feed = watched.world.feed
    await wrap_up(feed, watched.account_id)
    await feed.on_call_ended(call_ended())
    await feed.on_agent_state(agent(watched.account_id, "talking", "wrap_up", call_id=CALL))
    watched.follow()
    assert watched.state["call"]["state"] == "ended"
    assert watched.state["pop"]["call_id"] == CALL
    await feed.on_agent_state(agent(watched.account_id, "wrap_up", "ready"))
    watched.follow()
    assert (watched.state["call"], watched.state["pop"]) == (None, None)


async def test_a_wished_pause_stays_on_the_screen_until_it_is_taken_back_or_true(
    watched: Watched,
) -> None:
    feed, account_id = watched.world.feed, watched.account_id

    def wished() -> str:
        watched.follow()
        reason: str = watched.state["session"]["pause_wished"]
        return reason

    await talk(feed, account_id)
    wish = PauseWished(at=AT, account_id=account_id, seat="03", reason="meal")
    await feed.on_pause_wished(wish)
    assert wished() == "meal"
    await feed.on_pause_wished(replace(wish, reason=""))
    assert wished() == ""
    await feed.on_pause_wished(wish)
    await feed.on_agent_state(agent(account_id, "talking", "wrap_up", call_id=CALL))
    assert wished() == "meal"
    await feed.on_agent_state(agent(account_id, "wrap_up", "not_ready"))
    assert wished() == ""


async def test_a_resync_corrects_what_was_missed(watched: Watched) -> None:
    """X: the link was away while the call ended; the rooms know, the desktop is told."""
    feed, rooms = watched.world.feed, watched.world.rooms
    await talk(feed, watched.account_id)
    rooms.agents = {watched.account_id: session("ready")}
    rooms.waiting = Queue(
        waiting=[
            Waiting(
                call_id="c2", caller_masked="139****0002", position=1, joined_at="", emergency=False
            )
        ]
    )
    await feed.on_switch_up(SwitchUp(at=AT, restarted=False, corrections=1))
    await feed.flush()
    watched.follow()
    assert watched.state["call"] is None
    assert watched.state["queue"]["waiting"][0]["call_id"] == "c2"
    assert watched.state == watched.snapshot()


async def test_a_resync_takes_over_a_call_that_is_under_way(watched: Watched) -> None:
    rooms = watched.world.rooms
    rooms.agents = {watched.account_id: session("talking")}
    rooms.live_calls = {"seat03": talking_call()}
    await watched.world.feed.on_switch_up(SwitchUp(at=AT, restarted=False, corrections=0))
    await watched.world.feed.flush()
    watched.follow()
    assert watched.state["call"]["call_id"] == CALL
    assert watched.state == watched.snapshot()


async def test_the_board_is_sent_once_for_many_changes_within_the_interval(
    watched: Watched,
) -> None:
    """1,000 sockets stay cheap: seats and queue are coalesced."""
    feed, rooms = watched.world.feed, watched.world.rooms
    await sign_in(feed, watched.account_id)
    await feed.flush()
    watched.follow()
    for number in range(50):
        rooms.seat_board = {"03": seat(f"第{number}次")}
        await feed.on_member_changed(
            MemberChanged(at=AT, endpoint="seat03", paused=bool(number % 2), reachable=True)
        )
    await until(lambda: watched.world.hub.board.seats.get("03") == seat("第49次"))
    names = watched.follow()
    assert names.count("seat") <= 2
    assert watched.state == watched.snapshot()


async def test_an_operator_does_not_get_the_notices_of_the_shift_leader(tmp_path: Path) -> None:
    async with live_world(tmp_path, FixedClock(AT)) as world:
        account_id, token = await world.person(Role.OPERATOR)
        who = Principal(account_id, "op1", "测试员", frozenset({Role.OPERATOR}))
        world.hub.attach(Connection(principal=who, token=token), "", -1)
        await world.feed.on_offer_missed(
            OfferMissed(at=AT, account_id=2, seat="03", call_id=CALL, kept_ready=False)
        )
        assert world.hub.streams[account_id].seq == 0


def session(state: Any) -> Session:
    return Session(
        seat="03",
        endpoint="seat03",
        state=state,
        reason="",
        since=AT,
        deadline=None,
        extended=False,
        call_id=CALL if state == "talking" else None,
        device_reachable=True,
    )


def seat(name: str) -> Seat:
    return Seat(number="03", state="ready", agent_name=name, reason="", since=AT, reachable=True)


def talking_call() -> Call:
    return Call(
        call_id=CALL,
        state="talking",
        caller="13900000001",
        caller_masked="139****0001",
        caller_place="",
        dnid="12345",
        hotline_name="",
        menu="",
        emergency=False,
        attempt=1,
        offered_at=AT,
        answered_at=AT,
    )
