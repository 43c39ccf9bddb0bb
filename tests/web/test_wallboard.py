"""The wallboard's pieces and the screens on the wall (telephony spec 9, 12): who sees what, and nothing more."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from live_world import LiveWorld, live_world, receive, receive_event
from web_world import WebWorld

from core.clock import utc_now
from core.security import Role
from seats.callbacks.states import MAY_SEE
from telephony.events import CallEnded
from web import live_hub
from web.alarms.rules import Raised
from web.live_hub import Hub
from web.live_state import Plan, Seat
from web.live_stream import Stream
from web.wallboard.loads import MANAGERS, SCREENS
from web.wallboard.screens import session_hours
from web.wallboard.shown import Alarms, Callbacks, HalfHour, Load

SEAT = Seat(number="01", state="ready", agent_name="林小雨", reason="", since=None, reachable=True)


@pytest.fixture
async def live(tmp_path: Path) -> AsyncIterator[LiveWorld]:
    async with live_world(tmp_path) as made:
        yield made


def load(offered: int) -> Load:
    return Load(day="2026-11-23", half_hours=[HalfHour(offered=offered, answered=0)])


async def snapshot(world: LiveWorld, *roles: Role, username: str = "op1") -> dict[str, Any]:
    _, token = await world.person(*roles, username=username)
    async with world.socket(token) as socket:
        state: dict[str, Any] = (await receive(socket))["state"]
        return state


async def test_a_screen_gets_the_board_without_names_in_snapshot_and_events(
    live: LiveWorld,
) -> None:
    """X54: what a person may not see does not exist for him."""
    live.hub.share(live.hub.board.put_seats({"01": SEAT}))
    _, token = await live.person(Role.SCREEN, username="screen")
    _, other = await live.person(Role.OPERATOR, username="op")
    async with live.socket(token) as wall, live.socket(other) as desk:
        first, named = await receive(wall), await receive(desk)
        assert first["state"]["seats"]["01"]["agent_name"] == ""
        assert named["state"]["seats"]["01"]["agent_name"] == "林小雨"
        live.hub.share(live.hub.board.put_seats({"01": replace(SEAT, state="talking")}))
        told, named = await receive_event(wall, "seat"), await receive_event(desk, "seat")
        assert (told["data"]["state"], told["data"]["agent_name"]) == ("talking", "")
        assert named["data"]["agent_name"] == "林小雨"


async def test_a_piece_goes_to_those_who_may_see_it_and_is_in_their_snapshots(
    live: LiveWorld,
) -> None:
    live.hub.show("load", [(load(1), MANAGERS | SCREENS)])
    live.hub.show(
        "callbacks", [(Callbacks(open=7), frozenset(MAY_SEE)), (Callbacks(open=7), SCREENS)]
    )
    seen = {
        role: (await snapshot(live, role, username=role.value)).keys() & {"load", "callbacks"}
        for role in (Role.SHIFT_LEADER, Role.SCREEN, Role.OPERATOR, Role.INTAKE)
    }
    assert seen == {
        Role.SHIFT_LEADER: {"load", "callbacks"},
        Role.SCREEN: {"load", "callbacks"},
        Role.OPERATOR: {"callbacks"},
        Role.INTAKE: set(),
    }


async def test_a_piece_that_did_not_change_costs_no_event(live: LiveWorld) -> None:
    _, token = await live.person(Role.SCREEN, username="screen")
    async with live.socket(token) as wall:
        await receive(wall)
        for offered in (1, 1, 1, 2):
            live.hub.show("load", [(load(offered), SCREENS)])
        told = [(await receive_event(wall, "load"))["data"] for _ in range(2)]
        assert [one["half_hours"][0]["offered"] for one in told] == [1, 2]
        assert live.hub.streams[next(iter(live.hub.streams))].seq == 2


def test_a_thousand_screens_encode_a_change_once(monkeypatch: Any) -> None:
    """Cost for each screen is a deque's append: nothing is composed for one of them alone."""
    hub, encoded = Hub(utc_now, 12), []
    for number in range(1000):
        hub.streams[number] = Stream(keep=10, max_lag=10)
        hub.streams[number].roles = SCREENS
    plain = live_hub.event_body
    monkeypatch.setattr(
        live_hub, "event_body", lambda *told: encoded.append(told[0]) or plain(*told)
    )
    hub.show("alarms", [(Alarms(), MANAGERS), (Alarms(), SCREENS)])
    hub.share(hub.board.put_plan(Plan(open_seats=3, physical_seats=12)))
    assert encoded == ["alarms", "alarms", "plan"]
    assert {stream.seq for stream in hub.streams.values()} == {2}


def test_only_a_screen_stays_signed_in_for_days() -> None:
    assert session_hours(frozenset({Role.SCREEN}), 12, 30) == 720
    assert session_hours(frozenset({Role.SCREEN, Role.SHIFT_LEADER}), 12, 30) == 12
    assert session_hours(frozenset({Role.OPERATOR}), 12, 30) == 12


async def test_a_manager_makes_a_screen_that_signs_in_for_long_and_takes_it_back(
    web: WebWorld,
) -> None:
    async with await web.client_of(Role.SHIFT_LEADER, username="lead") as leader:
        made = (await leader.post("/api/screens", json={"name": " 东墙 "})).json()
        assert made["name"] == "东墙"
        async with web.client() as wall:
            words = {"username": made["username"], "password": made["password"]}
            answer = await wall.post("/api/session", json=words)
            assert answer.json()["roles"] == ["screen"]
            assert "Max-Age=2592000" in answer.headers["set-cookie"]
            assert (await wall.get("/api/tickets")).status_code == 403
            (listed,) = (await leader.get("/api/screens")).json()["screens"]
            assert (listed["signed_in"], listed["password"]) == (True, "")
            assert (await leader.delete(f"/api/screens/{made['id']}")).status_code == 204
            assert (await wall.get("/api/session")).status_code == 401
            assert (await wall.post("/api/session", json=words)).status_code == 401
        assert (await leader.get("/api/screens")).json()["screens"] == []
        assert (await leader.delete(f"/api/screens/{made['id']}")).status_code == 404


async def test_no_other_account_can_be_taken_back_as_a_screen(web: WebWorld) -> None:
    operator = await web.person(Role.OPERATOR, username="op7")
    async with await web.client_of(Role.SHIFT_LEADER, username="lead") as leader:
        assert (await leader.delete(f"/api/screens/{operator}")).status_code == 404
        for name in ("", "  ", "字" * 41):
            assert (await leader.post("/api/screens", json={"name": name})).status_code == 422


async def test_a_screen_is_not_told_who_noted_an_alarm(web: WebWorld) -> None:
    hotline = web.hotline
    await hotline.wallboard.book.write(
        [Raised(code="BACKLOG", level="warning", value=600)], hotline.clock()
    )
    async with await web.client_of(Role.SHIFT_LEADER, username="lead") as leader:
        (row,) = (await leader.get("/api/alarms")).json()["alarms"]
        noted = await leader.put(f"/api/alarms/{row['id']}/acknowledgement")
        assert noted.json()["acknowledged_name"] == "lead 测试"
        assert (await leader.put("/api/alarms/77/acknowledgement")).status_code == 404
    await hotline.wallboard.pieces.refresh("alarms")
    shown = {
        roles: piece for (name, roles), piece in hotline.hub._shown.items() if name == "alarms"
    }
    names = {roles: piece.standing[0].acknowledged_name for roles, piece in shown.items()}  # type: ignore[union-attr]
    assert names == {MANAGERS: "lead 测试", SCREENS: ""}


async def test_every_piece_can_be_read_on_an_empty_hotline(web: WebWorld) -> None:
    for name in ("alarms", "callbacks", "load"):
        await web.hotline.wallboard.pieces.refresh(name)  # type: ignore[arg-type]
    shown = {name for name, _ in web.hotline.hub._shown}
    assert shown == {"alarms", "callbacks", "load"}


async def test_the_list_tells_a_claimers_number_over_http_alone(web: WebWorld) -> None:
    hotline = web.hotline
    await hotline.callbacks.on_call_ended(
        CallEnded(
            at=hotline.clock(), call_id="c1", outcome="abandoned_in_queue", caller="13900000001",
            waited_seconds=30, talk_seconds=0,
        )
    )  # fmt: skip
    async with await web.client_of(Role.OPERATOR, username="op1") as operator:
        (entry,) = (await operator.get("/api/callbacks")).json()["entries"]
        assert (entry["number"], entry["number_masked"]) == ("", "139****0001")
        claimed = (await operator.put(f"/api/callbacks/{entry['id']}/claim")).json()
        assert claimed["number"] == "13900000001"
        refused = await operator.post(f"/api/callbacks/{entry['id']}/call")
        assert refused.json()["code"] in ("CALLBACK_NEEDS_PAUSE", "CALLBACK_QUIET_HOURS")
        assert (await operator.delete(f"/api/callbacks/{entry['id']}/claim")).status_code == 200
    async with await web.client_of(Role.SHIFT_LEADER, username="lead") as leader:
        path = f"/api/callbacks/{entry['id']}"
        assert (await leader.put(f"{path}/dismissal", json={"reason": "x"})).status_code == 422
        closed = await leader.put(f"{path}/dismissal", json={"reason": "空号"})
        assert (closed.json()["state"], closed.json()["close_reason"]) == ("dismissed", "空号")
        steps = (await leader.get(f"{path}/steps")).json()
        assert [step["trigger"] for step in steps] == ["new", "claim", "release", "dismiss"]
    await hotline.wallboard.pieces.refresh("callbacks")
    assert "13900000001" not in json.dumps([str(piece) for piece in hotline.hub._shown.values()])
