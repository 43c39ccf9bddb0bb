"""Sign-in: throttled, audited, the cookie closed to scripts (telephony spec 12)."""

from pathlib import Path

import pytest
from sqlalchemy import select
from web_world import CSRF, PASSWORD, WebWorld, web_world

from core.config import Settings
from core.errors import HotlineError
from core.security import Account, AuditRow, Role
from web.wiring import with_own_secret


async def audits(web: WebWorld) -> list[tuple[str, str, str]]:
    async with web.hotline.database.reading() as session:
        rows = await session.scalars(select(AuditRow).order_by(AuditRow.id))
        return [(row.by, row.action, row.target) for row in rows]


async def test_signing_in_says_who_i_am_and_sets_a_closed_cookie(web: WebWorld) -> None:
    account_id = await web.person(Role.OPERATOR)
    async with web.client() as client:
        answer = await client.post("/api/session", json={"username": "op1", "password": PASSWORD})
        assert answer.status_code == 200
        assert answer.json() == {
            "account_id": account_id,
            "username": "op1",
            "display_name": "op1 测试",
            "roles": ["operator"],
            "seat": None,
            "demo": True,
        }
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=lax" in cookie
        assert "secure" not in cookie
        assert (await client.get("/api/session")).json() == answer.json()
    assert await audits(web) == [(f"account:{account_id}", "sign_in", "")]


async def test_over_https_the_cookie_is_secure(tmp_path: Path) -> None:
    async with web_world(tmp_path, public_origin="https://12345.example.cn") as web:
        await web.person(Role.OPERATOR)
        async with web.client() as client:
            answer = await client.post(
                "/api/session",
                json={"username": "op1", "password": PASSWORD},
                headers={"Origin": "https://12345.example.cn"},
            )
    assert "secure" in answer.headers["set-cookie"].lower()
    assert "max-age=31536000" in answer.headers["strict-transport-security"]


@pytest.mark.parametrize("username", ["op1", "nobody"])
async def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(
    web: WebWorld, username: str
) -> None:
    await web.person(Role.OPERATOR)
    async with web.client() as client:
        answer = await client.post(
            "/api/session", json={"username": username, "password": "wrong horse"}
        )
    assert (answer.status_code, answer.json()["code"]) == (401, "WRONG_CREDENTIALS")
    assert answer.json()["details"] == {}
    assert await audits(web) == [("anonymous", "sign_in_failed", username)]


async def test_a_disabled_account_is_refused_and_its_session_ends(web: WebWorld) -> None:
    account_id = await web.person(Role.OPERATOR)
    token = await web.token(account_id)
    async with web.hotline.database.unit_of_work() as uow:
        (await uow.session.get_one(Account, account_id)).disabled = True
    async with web.client(token) as client:
        assert (await client.get("/api/session")).status_code == 401
        answer = await client.post("/api/session", json={"username": "op1", "password": PASSWORD})
        assert answer.status_code == 401


async def test_guessing_at_one_name_is_throttled_from_wherever_it_comes(web: WebWorld) -> None:
    await web.person(Role.OPERATOR)
    for number in range(8):
        async with web.client(address=f"10.0.0.{number}") as client:
            guess = {"username": "OP1" if number % 2 else "op1", "password": f"guess {number}"}
            assert (await client.post("/api/session", json=guess)).status_code == 401
    async with web.client() as client:
        answer = await client.post("/api/session", json={"username": "op1", "password": PASSWORD})
    assert (answer.status_code, answer.json()["code"]) == (429, "TOO_MANY_ATTEMPTS")
    assert 1 <= answer.json()["details"]["seconds"] <= 300
    assert answer.headers["retry-after"] == str(answer.json()["details"]["seconds"])


async def test_signing_in_rightly_clears_the_count(web: WebWorld) -> None:
    await web.person(Role.OPERATOR)
    async with web.client() as client:
        for password in ["wrong horse"] * 7 + [PASSWORD] + ["wrong horse"] * 7 + [PASSWORD]:
            answer = await client.post(
                "/api/session", json={"username": "op1", "password": password}
            )
    assert answer.status_code == 200


async def test_trying_many_names_from_one_address_is_throttled(
    web: WebWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    from limits import parse

    monkeypatch.setattr("web.auth.PER_ADDRESS", parse("3 per 5 minutes"))
    async with web.client() as client:
        answers = [
            await client.post("/api/session", json={"username": f"n{number}", "password": "x"})
            for number in range(4)
        ]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429]


async def test_signing_out_ends_the_session_and_the_cookie(web: WebWorld) -> None:
    token = await web.token(await web.person(Role.OPERATOR))
    async with web.client(token) as client:
        answer = await client.delete("/api/session")
        assert answer.status_code == 204
        assert 'hotline_session=""' in answer.headers["set-cookie"]
    async with web.client(token) as client:
        assert (await client.get("/api/session")).status_code == 401


@pytest.mark.parametrize(
    "body", [{}, {"username": "", "password": "x"}, {"username": "a" * 65, "password": "x"},
             {"username": "a", "password": "x" * 257}, {"username": 5, "password": None}]
)  # fmt: skip
async def test_malformed_credentials_are_422_with_the_fields_and_without_the_values(
    web: WebWorld, body: dict[str, object]
) -> None:
    async with web.client() as client:
        answer = await client.post("/api/session", json=body)
    said = answer.json()
    assert (answer.status_code, said["code"]) == (422, "INVALID_INPUT")
    assert set(said) == {"code", "zh", "en", "details"}
    assert {field["field"] for field in said["details"]["fields"]} <= {"username", "password"}
    assert "aaaa" not in answer.text


def test_default_secrets_are_refused_outside_demo_mode(tmp_path: Path) -> None:
    """X97."""
    with pytest.raises(HotlineError, match="DEFAULT_SECRET_REFUSED"):
        Settings(demo=False, data_dir=tmp_path, _env_file=None)  # type: ignore[call-arg]


def test_demo_mode_makes_a_secret_of_its_own(tmp_path: Path) -> None:
    """X97: the secret that everybody knows is used nowhere, not even in a demo."""
    settings = with_own_secret(Settings(demo=True, data_dir=tmp_path))
    own = settings.secret_key.get_secret_value()
    assert len(own) > 30
    assert own == settings.generated("secret_key")
    assert with_own_secret(settings) is settings


def test_the_helper_header_is_what_the_desktop_sends() -> None:
    assert CSRF["X-Requested-With"] == "hotline"
