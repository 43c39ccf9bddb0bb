"""The seats over HTTP: shapes, rights, refusals, and who is told the SIP secret."""

from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from seat_world import World

from core.errors import HotlineError, NotSignedIn
from core.security import Principal, Role
from seats.api import build_router


@pytest.fixture
async def client(world: World) -> AsyncIterator[httpx.AsyncClient]:
    """A client whose header X-Who names the person; the web's own guard is tested with the web."""

    def guard(*roles: Role) -> Callable[..., Awaitable[Principal]]:
        async def who(request: Request) -> Principal:
            name = request.headers.get("x-who", "")
            person = world.people.get(bytes.fromhex(name).decode()) if name else None
            if person is None:
                raise NotSignedIn()
            person.require(*roles)
            return person

        return who

    app = FastAPI()
    app.include_router(build_router(world.service, guard))

    @app.exception_handler(HotlineError)
    async def refuse(_request: Request, error: HotlineError) -> JSONResponse:
        return JSONResponse(error.rendering(), status_code=error.status)

    await world.hire("值班长", roles=(Role.SHIFT_LEADER,))
    await world.hire("联络员", roles=(Role.UNIT_HANDLER,))
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://hotline") as client:
        yield client


def by(name: str) -> dict[str, str]:
    return {"x-who": name.encode().hex()}


async def test_the_board_has_all_seats_and_the_plan(
    client: httpx.AsyncClient, world: World
) -> None:
    await world.ready("王", "03")
    body = (await client.get("/api/seats", headers=by("赵"))).json()
    assert (body["plan"]["open_seats"], body["plan"]["physical_seats"]) == (10, 12)
    assert len(body["seats"]) == 12
    assert body["seats"][2] == {
        "number": "03",
        "location": "",
        "state": "ready",
        "agent_name": "王",
        "reason": "",
        "since": "2026-11-23T00:02:00Z",
        "reachable": True,
        "leaves_at": None,
        "stays": False,
        "held": False,
        "notice": 0,
    }


async def test_sign_in_hands_out_the_sip_account_of_the_leased_seat_only(
    client: httpx.AsyncClient, world: World
) -> None:
    answer = await client.put("/api/seats/mine", json={"seat": "03"}, headers=by("王"))
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json()
    assert body["session"]["state"] == "not_ready"
    assert body["session"]["allowed"] == ["set_ready", "set_not_ready", "sign_out"]
    assert body["sip"] == {
        "ws_url": "ws://127.0.0.1:8088/ws",
        "uri": "sip:seat03@127.0.0.1",
        "username": "seat03",
        "password": world.settings.generated("seat03"),
        "realm": "hotline",
        "ice_servers": [],
    }
    assert (await client.get("/api/seats/mine", headers=by("王"))).json() == body
    missing = await client.get("/api/seats/mine", headers=by("赵"))
    assert (missing.status_code, missing.json()["code"]) == (404, "NOT_AT_A_SEAT")
    assert "password" not in (await client.get("/api/seats", headers=by("赵"))).text


async def test_a_taken_seat_is_a_conflict_with_text_in_both_languages(
    client: httpx.AsyncClient, world: World
) -> None:
    await world.sign_in("王", "03")
    refused = await client.put("/api/seats/mine", json={"seat": "03"}, headers=by("赵"))
    assert refused.status_code == 409
    assert refused.json() == {
        "code": "SEAT_TAKEN",
        "zh": "03 号坐席自 08:02 起由王使用",
        "en": "Seat 03 has been taken by 王 since 08:02",
        "details": {"seat": "03", "agent": "王", "since": "08:02"},
    }


async def test_state_wrap_up_and_sign_out(client: httpx.AsyncClient, world: World) -> None:
    await world.sign_in("王", "03")
    ready = await client.put("/api/seats/mine/state", json={"state": "ready"}, headers=by("王"))
    assert (ready.json()["state"], ready.json()["wanted"]) == ("not_ready", "ready")
    await world.settle()
    await world.ring("03", "call-1")
    await world.answer("03", "call-1")
    busy = await client.delete("/api/seats/mine", headers=by("王"))
    assert (busy.status_code, busy.json()["code"]) == (409, "CALL_IN_PROGRESS")
    await world.end_talk("03", "call-1")
    more = await client.post("/api/seats/mine/wrap-up/extension", headers=by("王"))
    assert more.json()["extended"] is True
    pause = {"state": "not_ready", "reason": "meal"}
    paused = await client.put("/api/seats/mine/state", json=pause, headers=by("王"))
    assert (paused.json()["state"], paused.json()["reason"]) == ("not_ready", "meal")
    gone = await client.delete("/api/seats/mine", headers=by("王"))
    assert (gone.status_code, gone.content) == (204, b"")


async def test_b07_the_shift_leader_sets_the_count_and_an_operator_does_not(
    client: httpx.AsyncClient, world: World
) -> None:
    body = {"open_seats": 12, "reason": "停水"}
    assert (await client.put("/api/seats/plan", json=body, headers=by("王"))).status_code == 403
    answer = await client.put("/api/seats/plan", json=body, headers=by("值班长"))
    plan = answer.json()
    assert (plan["open_seats"], plan["physical_seats"]) == (12, 12)
    assert (plan["why"], plan["reason"], plan["author"]) == ("now", "停水", "值班长")
    too_many = await client.put(
        "/api/seats/plan", json={**body, "open_seats": 40}, headers=by("值班长")
    )
    assert (too_many.status_code, too_many.json()["details"]["free"]) == (409, 0)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/seats"),
        ("PUT", "/api/seats/mine"),
        ("GET", "/api/seats/mine"),
        ("DELETE", "/api/seats/mine"),
        ("PUT", "/api/seats/mine/state"),
        ("POST", "/api/seats/mine/wrap-up/extension"),
        ("PUT", "/api/seats/plan"),
    ],
)
async def test_every_endpoint_needs_a_person_with_the_right_role(
    client: httpx.AsyncClient, method: str, path: str
) -> None:
    body = {"seat": "03", "state": "ready", "open_seats": 3, "reason": "x"}
    sent = None if method in {"GET", "DELETE"} else body
    assert (await client.request(method, path, json=sent)).status_code == 401
    stranger = await client.request(method, path, json=sent, headers=by("联络员"))
    assert stranger.status_code == 403


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/seats/mine", {}),
        ("/api/seats/mine", {"seat": "03\r\nAction: x"}),
        ("/api/seats/mine", {"seat": "九"}),
        ("/api/seats/mine/state", {"state": "talking"}),
        ("/api/seats/mine/state", {"state": "not_ready", "reason": "x" * 17}),
        ("/api/seats/plan", {"open_seats": "many", "reason": "x"}),
        ("/api/seats/plan", {"open_seats": 5, "reason": "  "}),
        ("/api/seats/plan", {"open_seats": 10**30, "reason": "x"}),
    ],
)
async def test_malformed_input_is_422(
    client: httpx.AsyncClient, path: str, body: dict[str, object]
) -> None:
    assert (await client.put(path, json=body, headers=by("值班长"))).status_code == 422
