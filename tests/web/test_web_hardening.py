"""What every answer carries and every request must show (telephony spec 12)."""

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy.exc import OperationalError
from web_world import CSRF, ORIGIN, WebWorld

from core.config import Settings
from core.security import Role
from web.hardening import allowed_origins, harden, security_headers
from web.problems import add_problem_handlers


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"Origin": ORIGIN}, "CSRF_HEADER_MISSING"),
        ({"Origin": ORIGIN, "X-Requested-With": "XMLHttpRequest"}, "CSRF_HEADER_MISSING"),
        ({"X-Requested-With": "hotline"}, "FOREIGN_ORIGIN"),
        ({**CSRF, "Origin": "http://evil.example"}, "FOREIGN_ORIGIN"),
        ({**CSRF, "Origin": "http://127.0.0.1:9999"}, "FOREIGN_ORIGIN"),
        ({**CSRF, "Origin": "null"}, "FOREIGN_ORIGIN"),
        ({**CSRF, "Origin": f"{ORIGIN}.evil.example"}, "FOREIGN_ORIGIN"),
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_writes_from_other_pages_are_refused(
    web: WebWorld, method: str, headers: dict[str, str], code: str
) -> None:
    token = await web.token(await web.person(Role.OPERATOR))
    transport = httpx.ASGITransport(web.app)
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
        client.cookies.set("hotline_session", token)
        answer = await client.request(method, "/api/session", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, code)


def test_the_public_address_and_our_own_are_trusted_and_no_other() -> None:
    settings = Settings(demo=True, host="0.0.0.0", port=80, public_origin="https://12345.example/")
    assert allowed_origins(settings) == {
        "http://0.0.0.0:80",
        "http://127.0.0.1:80",
        "http://localhost:80",
        "https://12345.example",
    }


@pytest.mark.parametrize("path", ["/api/session", "/healthz", "/api/nothing", "/assets/x.js"])
async def test_every_answer_has_the_security_headers(web: WebWorld, path: str) -> None:
    async with web.client() as client:
        headers = (await client.get(path)).headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert "microphone=(self)" in headers["permissions-policy"]
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"


def test_the_policy_lets_the_desktop_reach_our_socket_and_the_switch_and_nothing_else() -> None:
    settings = Settings(demo=True, sip_ws_url="wss://sip.example:8089/ws")
    policy = security_headers(settings).headers["Content-Security-Policy"]
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert directives["connect-src"].split() == [
        "'self'",
        "ws://127.0.0.1:12345",
        "ws://localhost:12345",
        "wss://sip.example:8089",
    ]
    assert directives["script-src"] == "'self'"
    assert directives["object-src"] == "'none'"
    assert directives["frame-ancestors"] == "'none'"


async def test_an_unknown_path_under_api_is_json_404_and_no_page(web: WebWorld) -> None:
    async with web.client() as client:
        answer = await client.get("/api/nothing")
        other = await client.put("/api/session", json={})
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")
    assert (other.status_code, other.json()["code"]) == (405, "METHOD_NOT_ALLOWED")


@pytest.fixture
def failing() -> FastAPI:
    app = FastAPI()
    harden(app, Settings(demo=True))
    add_problem_handlers(app)

    @app.get("/bug")
    async def bug() -> None:
        raise RuntimeError("the number was 13900000001")

    @app.get("/gone")
    async def gone() -> None:
        raise OperationalError("SELECT 1", {}, Exception("connection refused"))

    return app


async def test_a_bug_is_500_with_an_id_and_without_a_word_of_the_stack(failing: FastAPI) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(failing), base_url=ORIGIN) as client:
        answer = await client.get("/bug")
    said = answer.json()
    assert (answer.status_code, said["code"]) == (500, "INTERNAL")
    assert len(said["details"]["id"]) == 36
    assert "13900000001" not in answer.text
    assert "RuntimeError" not in answer.text
    assert "content-security-policy" in answer.headers


async def test_a_database_that_is_away_is_503_and_says_when_to_try_again(failing: FastAPI) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(failing), base_url=ORIGIN) as client:
        answer = await client.get("/gone")
    assert (answer.status_code, answer.json()["code"]) == (503, "DATABASE_UNAVAILABLE")
    assert answer.headers["retry-after"] == "2"
