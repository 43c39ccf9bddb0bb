"""The ticket room over HTTP, with a guard that tests play."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from ticket_world import COMPLETE, World

from core.errors import HotlineError, NotSignedIn
from core.security import Principal, Role
from tickets.api import build_router


class Web:
    """A client that says who it is in a header."""

    def __init__(self, world: World, client: httpx.AsyncClient) -> None:
        self.world = world
        self._client = client

    async def ask(
        self, who: Principal | None, method: str, path: str, body: object = None
    ) -> httpx.Response:
        headers = {"content-type": "application/json"}
        if who:
            headers["who"] = str(who.account_id)
        sent = {"content": json.dumps(body)} if body is not None else {}
        return await self._client.request(method, f"/api{path}", headers=headers, **sent)


@pytest.fixture
async def web(world: World) -> AsyncIterator[Web]:
    app = FastAPI()
    people = {person.account_id: person for person in vars(world.people).values()}

    def guard(*roles: Role) -> Callable[[Request], Awaitable[Principal]]:
        async def dependency(request: Request) -> Principal:
            who: Principal | None = people.get(int(request.headers.get("who", 0)))
            if who is None:
                raise NotSignedIn()
            who.require(*roles)
            return who

        return dependency

    @app.exception_handler(HotlineError)
    async def render(_request: Request, error: HotlineError) -> JSONResponse:
        return JSONResponse(error.rendering(), status_code=error.status)

    @app.exception_handler(RequestValidationError)
    async def malformed(_request: Request, _error: RequestValidationError) -> JSONResponse:
        return JSONResponse({"code": "INVALID_INPUT"}, status_code=422)

    app.include_router(build_router(world.service, guard))
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://hotline") as client:
        yield Web(world, client)


async def test_from_call_to_accepted_ticket_over_http(web: Web) -> None:
    wang = web.world.people.wang
    call = web.world.ring(wang)
    opened = await web.ask(wang, "POST", "/tickets", {"call_id": call})
    assert opened.status_code == 201
    path = f"/tickets/{opened.json()['id']}"
    saved = await web.ask(wang, "PATCH", path, {"version": 1, "fields": COMPLETE})
    assert saved.json()["version"] == 2
    accept = next(a for a in saved.json()["allowed_actions"] if a["trigger"] == "accept")
    assert accept == {
        "trigger": "accept",
        "to": "TO_DISPATCH",
        "zh": "受理转办",
        "en": "Accept for dispatch",
        "missing": [],
    }
    click = {"trigger": "accept", "version": 2, "data": {}, "idempotency_key": "click-1"}
    done = await web.ask(wang, "POST", f"{path}/transitions", click)
    again = await web.ask(wang, "POST", f"{path}/transitions", click)
    assert done.status_code == again.status_code == 200
    assert done.json() == again.json()
    events = (await web.ask(wang, "GET", f"{path}/events")).json()
    assert [(e["kind"], e["from"], e["to"]) for e in events] == [
        ("opened", None, "DRAFT"),
        ("edited", None, None),
        ("moved", "DRAFT", "TO_DISPATCH"),
    ]
    listed = (await web.ask(wang, "GET", "/tickets?q=停水")).json()
    assert [line["number"] for line in listed["tickets"]] == [done.json()["number"]]
    assert set(listed) == {"tickets", "next", "total_hint"}


async def test_refusals_are_rendered_with_code_texts_and_what_is_missing(web: Web) -> None:
    wang = web.world.people.wang
    ticket = (await web.ask(wang, "POST", "/tickets", {})).json()
    path = f"/tickets/{ticket['id']}"
    click = {"trigger": "accept", "version": 1, "idempotency_key": "k"}
    incomplete = await web.ask(wang, "POST", f"{path}/transitions", click)
    assert incomplete.status_code == 422
    body = incomplete.json()
    assert body["code"] == "TICKET_INCOMPLETE"
    assert {"field": "title", "zh": "缺少标题", "en": "Missing: Title", "where": "form"} in body[
        "details"
    ]["missing"]
    stale = await web.ask(wang, "PATCH", path, {"version": 9, "fields": {"title": "x"}})
    assert stale.status_code == 409
    assert stale.json()["details"]["ticket"]["version"] == 1
    wrong = await web.ask(wang, "PATCH", path, {"version": 1, "fields": {"number": "1"}})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "FIELD_REFUSED")


async def test_the_catalogue_is_served_to_those_who_fill_the_form(web: Web) -> None:
    found = (await web.ask(web.world.people.wang, "GET", "/catalogue")).json()
    assert found["urgencies"][0] == {"code": "normal", "zh": "一般", "en": "Normal"}
    assert {"code", "name", "parent", "pinyin"} <= set(found["categories"][0])
    assert found["referral_targets"][0]["code"] == "110"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/tickets", None),
        ("POST", "/tickets", {}),
        ("GET", "/tickets/1", None),
        ("PATCH", "/tickets/1", {"version": 1, "fields": {}}),
        ("GET", "/tickets/1/events", None),
        ("GET", "/catalogue", None),
    ],
)
async def test_no_endpoint_is_open_to_strangers_or_to_the_system_administrator(
    web: Web, method: str, path: str, body: object
) -> None:
    """X57: the system administrator reads no ticket content."""
    assert (await web.ask(None, method, path, body)).status_code == 401
    assert (await web.ask(web.world.people.admin, method, path, body)).status_code == 403


async def test_malformed_requests_are_refused_before_they_reach_a_ticket(web: Web) -> None:
    wang = web.world.people.wang
    for method, path, body in (
        ("PATCH", "/tickets/1", {"version": "1", "fields": {}}),
        ("PATCH", "/tickets/1", {"version": 1, "fields": {"title": {"a": 1}}}),
        ("PATCH", "/tickets/1", {"version": 1, "fields": {}, "state": "CLOSED"}),
        ("POST", "/tickets/1/transitions", {"trigger": "accept", "version": 1}),
        ("POST", "/tickets", {"call_id": ""}),
        ("GET", "/tickets/0", None),
        ("GET", f"/tickets?q={'停' * 501}", None),
        ("GET", "/tickets?limit=1000", None),
        ("GET", "/tickets?state=NOWHERE", None),
    ):
        assert (await web.ask(wang, method, path, body)).status_code == 422, path


@pytest.mark.parametrize("nasty", ["\x00", "\ud800", "\u202e", "'; --", "💥" * 9, " ", "9" * 400])
async def test_no_text_whatever_breaks_the_server(web: Web, nasty: str) -> None:
    """X64, on both databases."""
    wang, intake = web.world.people.wang, web.world.people.intake
    ticket = (await web.ask(wang, "POST", "/tickets", {})).json()
    path, version = f"/tickets/{ticket['id']}", ticket["version"]
    requests = [
        (wang, "POST", "/tickets", {"call_id": nasty}),
        (wang, "POST", "/tickets", {"idempotency_key": nasty}),
        (wang, "PATCH", path, {"version": version, "fields": {nasty: "x"}}),
        *(
            (wang, "PATCH", path, {"version": version, "fields": {name: nasty}})
            for name in ("category", "area", "related_ticket", "contact_phone", "urgency")
        ),
        (wang, "POST", f"{path}/transitions", click(nasty, version)),
        (wang, "POST", f"{path}/transitions", click("accept", version, reason=nasty)),
        (wang, "PATCH", path, {"version": version, "fields": {"content": f"a{nasty}b"}}),
    ]
    for who, method, where, body in requests:
        answer = await web.ask(who, method, where, body)
        assert answer.status_code < 500, (where, answer.text)
    accepted = await web.world.accepted(wang)
    fixed = click("correct", accepted.version, reason=f"改{nasty}")
    answer = await web.ask(intake, "POST", f"/tickets/{accepted.id}/transitions", fixed)
    assert answer.status_code == (422 if nasty == "\ud800" else 200)  # no character at all
    assert (await web.ask(intake, "GET", f"/tickets/{accepted.id}/events")).status_code == 200
    assert await web.world.service.verify_chain() is None


def click(trigger: str, version: int, reason: str = "") -> dict[str, object]:
    return {
        "trigger": trigger,
        "version": version,
        "data": {"reason": reason},
        "idempotency_key": f"key-{version}-{len(reason)}",
    }
