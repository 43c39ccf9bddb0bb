"""The live connection over real sockets (telephony spec 8: screen-pop, live connection)."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from live_facts import AT, CALL, agent, offer_ended, offered, queued
from live_world import LiveWorld, live_world, receive, receive_event, until
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from core.clock import FixedClock
from core.security import Role, close_session
from web.caller_lore import Lore
from web.live_state import Seat, Switch


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[LiveWorld]:
    async with live_world(tmp_path) as made:
        yield made


async def at_seat(world: LiveWorld) -> tuple[int, str]:
    account_id, token = await world.person(Role.OPERATOR)
    await world.feed.on_agent_state(agent(account_id, "signed_out", "ready"))
    return account_id, token


async def closed_with(socket: ClientConnection) -> int | None:
    async with asyncio.timeout(5):
        with suppress(ConnectionClosed):
            while True:
                await socket.recv()
    return socket.close_code


async def test_a_new_socket_gets_a_snapshot_with_every_piece(world: LiveWorld) -> None:
    _, token = await at_seat(world)
    async with world.socket(token) as socket:
        frame = await receive(socket)
    assert frame["type"] == "snapshot"
    assert set(frame["state"]) == {
        "server_time", "switch", "session", "call", "pop", "seats", "plan", "queue",
        "figures",
        "monitor", "surge",
    }  # fmt: skip
    assert frame["state"]["session"]["endpoint"] == "seat03"
    assert frame["state"]["plan"] == {
        "open_seats": 10, "physical_seats": 12, "why": "default", "reason": "", "author": "", "until": None,
        "next": None, "drain": [],
    }  # fmt: skip


async def test_the_pop_arrives_with_the_ring_and_knows_the_caller(world: LiveWorld) -> None:
    _, token = await at_seat(world)
    world.lore = Lore(known_name="王小明", place="辽宁省营口市", repeat=True)
    async with world.socket(token) as socket:
        await receive(socket)
        await world.feed.on_call_queued(queued())
        await until(lambda: world.feed.lore.known(CALL) is not None)
        await world.feed.on_call_offered(offered())
        pop = (await receive_event(socket, "pop"))["data"]
    assert pop["pop_id"] == f"{CALL}:03:1"
    assert (pop["known_name"], pop["repeat"], pop["menu"]) == ("王小明", True, "complaint")


async def test_a_pop_without_lore_is_not_held_back_and_completed_later(world: LiveWorld) -> None:
    _, token = await at_seat(world)
    world.lore = Lore(known_name="王小明")
    async with world.socket(token) as socket:
        await receive(socket)
        await world.feed.on_call_offered(offered(caller_name="来电人"))
        first = (await receive_event(socket, "pop"))["data"]
        second = (await receive_event(socket, "pop"))["data"]
    assert first["known_name"] == "来电人"
    assert second == {**first, "known_name": "王小明"}


async def test_a_reconnect_resumes_without_loss_and_without_a_snapshot(world: LiveWorld) -> None:
    _, token = await at_seat(world)
    async with world.socket(token) as socket:
        snapshot = await receive(socket)
    await until(lambda: world.hub.sockets == 0)
    await world.feed.on_call_offered(offered())
    query = f"?stream={snapshot['stream']}&after={snapshot['seq']}"
    async with world.socket(token, query) as socket:
        frames = [await receive(socket), await receive(socket)]
    assert [frame["type"] for frame in frames] == ["event", "event"]
    assert [frame["seq"] for frame in frames] == [snapshot["seq"] + 1, snapshot["seq"] + 2]
    assert {frame["name"] for frame in frames} == {"call", "pop"}


async def test_a_stream_that_is_no_longer_held_gives_a_snapshot(world: LiveWorld) -> None:
    _, token = await at_seat(world)
    for query in ("?stream=unknown&after=0", "?stream=unknown&after=99", ""):
        async with world.socket(token, query) as socket:
            assert (await receive(socket))["type"] == "snapshot"


async def test_a_position_beyond_the_stream_gives_a_snapshot(world: LiveWorld) -> None:
    _, token = await at_seat(world)
    async with world.socket(token) as socket:
        snapshot = await receive(socket)
    async with world.socket(token, f"?stream={snapshot['stream']}&after=999") as socket:
        assert (await receive(socket))["type"] == "snapshot"


async def test_an_idle_stream_is_forgotten_after_some_minutes(tmp_path: Path) -> None:
    clock = FixedClock(AT)
    async with live_world(tmp_path, clock) as world:
        account_id, token = await at_seat(world)
        async with world.socket(token) as socket:
            await receive(socket)
        await until(lambda: world.hub.sockets == 0)
        clock.advance(minutes=4)
        world.hub.forget_idle()
        assert account_id in world.hub.streams
        clock.advance(minutes=2)
        world.hub.forget_idle()
        assert account_id not in world.hub.streams


async def test_an_unacknowledged_pop_is_shown_again_until_acknowledged(world: LiveWorld) -> None:
    account_id, token = await at_seat(world)
    async with world.socket(token) as socket:
        await receive(socket)
        await world.feed.on_call_offered(offered())
        await receive_event(socket, "pop")
    await world.feed.on_offer_ended(offer_ended("no_answer"))
    await world.feed.on_agent_state(agent(account_id, "ringing", "not_ready", reason="missed_call"))
    async with world.socket(token) as socket:
        snapshot = await receive(socket)
        assert snapshot["state"]["pop"]["pop_id"] == f"{CALL}:03:1"
        await socket.send(json.dumps({"type": "ack", "pop_id": f"{CALL}:03:1"}))
        assert (await receive_event(socket, "pop"))["data"] is None


async def test_unacknowledged_pops_survive_a_restart(tmp_path: Path) -> None:
    soon = FixedClock(AT + timedelta(minutes=1))
    async with live_world(tmp_path, soon) as world:
        account_id, token = await at_seat(world)
        await world.feed.on_call_offered(offered())
    async with live_world(tmp_path, soon) as restarted, restarted.socket(token) as socket:
        pop = (await receive(socket))["state"]["pop"]
        assert pop["pop_id"] == f"{CALL}:03:1"
        await socket.send(json.dumps({"type": "ack", "pop_id": pop["pop_id"]}))
        await receive_event(socket, "pop")
    async with live_world(tmp_path, soon) as again:
        assert again.hub.desk(account_id).pop is None


async def test_the_same_offer_told_twice_makes_one_pop(world: LiveWorld) -> None:
    account_id, _ = await at_seat(world)
    await world.feed.on_call_offered(offered())
    await world.feed.on_call_offered(offered())
    assert len(world.hub.desk(account_id).pops) == 1


async def test_ping_is_answered_and_keeps_the_seat(world: LiveWorld) -> None:
    account_id, token = await at_seat(world)
    async with world.socket(token) as socket:
        await receive(socket)
        await socket.send('{"type": "ping"}')
        assert (await receive(socket))["type"] == "pong"
    assert world.touched == [account_id, account_id]


async def test_a_second_tab_of_a_seat_makes_the_first_passive(world: LiveWorld) -> None:
    _, token = await at_seat(world)
    async with world.socket(token) as first:
        await receive(first)
        async with world.socket(token) as second:
            await receive(second)
            assert await closed_with(first) == 4009
            await world.feed.on_call_offered(offered())
            assert await receive_event(second, "pop")


async def test_two_tabs_without_a_seat_live_side_by_side(world: LiveWorld) -> None:
    _, token = await world.person(Role.SHIFT_LEADER)
    async with world.socket(token) as first, world.socket(token) as second:
        await receive(first)
        await receive(second)
        world.hub.share(world.hub.board.put_switch(Switch(up=False)))
        assert await receive_event(first, "switch") == await receive_event(second, "switch")


async def test_signing_out_closes_the_socket_with_4001(world: LiveWorld) -> None:
    account_id, token = await at_seat(world)
    async with world.socket(token) as socket:
        await receive(socket)
        world.hub.signed_out(account_id, token)
        assert await closed_with(socket) == 4001


async def test_a_session_ended_elsewhere_is_noticed_at_a_heartbeat(tmp_path: Path) -> None:
    clock = FixedClock(AT)
    async with live_world(tmp_path, clock) as world:
        _, token = await at_seat(world)
        async with world.socket(token) as socket:
            await receive(socket)
            async with world.database.unit_of_work() as uow:
                await close_session(uow.session, token)
            clock.advance(minutes=2)
            await socket.send('{"type": "ping"}')
            assert await closed_with(socket) == 4001


@pytest.mark.parametrize("token", ["", "wrong"])
async def test_without_a_session_the_socket_is_refused_with_4001(
    world: LiveWorld, token: str
) -> None:
    async with world.socket(token) as socket:
        assert (await receive(socket))["code"] == "NOT_SIGNED_IN"
        assert await closed_with(socket) == 4001


async def test_a_unit_handler_may_not_watch_the_call_centre(world: LiveWorld) -> None:
    _, token = await world.person(Role.UNIT_HANDLER)
    async with world.socket(token) as socket:
        assert (await receive(socket))["code"] == "FORBIDDEN"
        assert await closed_with(socket) == 4003


async def test_a_foreign_page_may_not_open_the_socket(world: LiveWorld) -> None:
    _, token = await at_seat(world)
    async with world.socket(token, origin="http://evil.example") as socket:
        assert (await receive(socket))["code"] == "FOREIGN_ORIGIN"
        assert await closed_with(socket) == 4003


@pytest.mark.parametrize(
    "frame",
    ["", "null", "[]", "{", "[" * 1000, '{"type": 7}', '{"type":"ack"}', "x" * 3000, b"\xff"],
)
async def test_garbage_from_a_browser_is_passed_over(world: LiveWorld, frame: str | bytes) -> None:
    _, token = await at_seat(world)
    async with world.socket(token) as socket:
        await receive(socket)
        await socket.send(frame)
        await socket.send('{"type": "ping"}')
        assert (await receive(socket))["type"] == "pong"


async def test_a_consumer_that_does_not_read_is_closed_with_4008(world: LiveWorld) -> None:
    _, token = await at_seat(world)
    async with world.socket(token, max_queue=1) as socket:
        await receive(socket)
        number = 0
        while world.hub.sockets and not any(
            each.close_code for each in world.hub.streams[1].connections
        ):
            number += 1
            seat = Seat(
                number=f"{number % 12:02}",
                state="ready",
                agent_name="测" * 500,
                reason=str(number),
                since=None,
                reachable=True,
            )
            world.hub.share(world.hub.board.put_seats({seat.number: seat}))
            if number % 50 == 0:
                await asyncio.sleep(0)
            assert number < 100_000
        assert await closed_with(socket) == 4008
    await until(lambda: world.hub.sockets == 0)


async def test_deflate_is_not_negotiated(world: LiveWorld) -> None:
    _, token = await at_seat(world)
    async with world.socket(token, compression="deflate") as socket:
        assert socket.response is not None
        assert "Sec-WebSocket-Extensions" not in socket.response.headers
