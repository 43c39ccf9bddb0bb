"""The roster over HTTP, from an empty month to a swap that is approved."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from web_world import WebWorld

from core.clock import SHANGHAI
from core.security import Account, Role
from seats.agents import register_agent
from seats.models import HomeCompany

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
async def boss(web: WebWorld) -> AsyncIterator[httpx.AsyncClient]:
    async with await web.client_of(Role.SHIFT_LEADER, username="boss") as client:
        yield client


async def hire(web: WebWorld, *names: str) -> list[int]:
    """Enter operators on the books; their names are their user names."""
    people = []
    for number, name in enumerate(names, 1001):
        person = await web.person(Role.OPERATOR, username=name)
        async with web.hotline.database.unit_of_work() as uow:
            account = await uow.session.get_one(Account, person)
            await register_agent(uow.session, account, str(number), HomeCompany.WATER)
        people.append(person)
    return people


def a_month_ahead() -> tuple[str, str]:
    """Return a month in the future and a day of it: the application's clock is the real one."""
    day = datetime.now(UTC).astimezone(SHANGHAI).date().replace(day=1) + timedelta(days=63)
    return f"{day:%Y-%m}", day.isoformat()


async def edit(boss: httpx.AsyncClient, month: str, *cells: dict[str, object]) -> httpx.Response:
    shown = (await boss.get(f"/api/roster/months/{month}")).json()
    revision = shown["version"]["revision"] if shown["has_draft"] else None
    return await boss.put(
        f"/api/roster/months/{month}/cells", json={"revision": revision, "cells": list(cells)}
    )


async def test_a_month_is_edited_published_exported_and_imported(
    web: WebWorld, boss: httpx.AsyncClient
) -> None:
    (one,) = await hire(web, "op1")
    month, day = a_month_ahead()
    view = (await edit(boss, month, {"person": one, "day": day, "shift": "day"})).json()
    assert view["cells"] == [
        {"person": one, "day": day, "shift": "day", "fixed": False, "note": ""}
    ]
    assert view["people"][0]["hours"] == 8.0
    revision = view["version"]["revision"]
    refused = await boss.post(
        f"/api/roster/months/{month}/publication", json={"revision": revision}
    )
    assert (refused.status_code, refused.json()["code"]) == (409, "ROSTER_CONFLICTS")
    published = await boss.post(
        f"/api/roster/months/{month}/publication", json={"revision": revision, "despite": "试"}
    )
    assert published.json()["version"]["state"] == "published"
    sheet = await boss.get(f"/api/roster/months/{month}/sheet", params={"version": "published"})
    assert sheet.headers["content-type"] == XLSX
    assert f'filename="roster-{month}.xlsx"' in sheet.headers["content-disposition"]
    back = await boss.put(f"/api/roster/months/{month}/sheet", content=sheet.content)
    assert back.status_code == 200
    other = await boss.put("/api/roster/months/2026-11/sheet", content=sheet.content)
    assert (other.status_code, other.json()["code"]) == (422, "ROSTER_SHEET_BAD")
    assert other.json()["details"]["faults"][0]["line"] == 1
    huge = await boss.put(f"/api/roster/months/{month}/sheet", content=b"x" * 2_000_000)
    assert (huge.status_code, huge.json()["code"]) == (422, "ROSTER_SHEET_UNREADABLE")


async def test_a_month_is_generated_and_says_what_is_missing(
    web: WebWorld, boss: httpx.AsyncClient
) -> None:
    """Three people cannot fill the seats: what cannot be met is named, the rest is filled."""
    await hire(web, "op1", "op2", "op3")
    month, _ = a_month_ahead()
    made = await boss.post(f"/api/roster/months/{month}/generation", json={"effort": 1})
    body = made.json()
    assert made.status_code == 200, body
    assert body["short"] == sum(slot["need"] - slot["have"] for slot in body["month"]["slots"])
    assert body["month"]["cells"]
    short = [slot for slot in body["month"]["slots"] if slot["have"] < slot["need"]]
    named = {(each["day"], each["shift"]): each["zh"] for each in body["reasons"]}
    assert named.keys() == {(slot["day"], slot["shift"]) for slot in short}
    assert all("：" in words for words in named.values())
    hard = {each["code"] for each in body["month"]["conflicts"] if not each["soft"]}
    assert hard == {"TOO_FEW"}


async def test_a_swap_is_offered_accepted_and_approved_and_both_see_it(
    web: WebWorld, boss: httpx.AsyncClient
) -> None:
    one, two = await hire(web, "op1", "op2")
    month, day = a_month_ahead()
    view = (await edit(boss, month, {"person": one, "day": day, "shift": "day"})).json()
    body = {"revision": view["version"]["revision"], "despite": "试"}
    await boss.post(f"/api/roster/months/{month}/publication", json=body)
    async with web.client(await web.token(one)) as giver, web.client(await web.token(two)) as taker:
        offered = await giver.post("/api/roster/swaps", json={"taker": two, "day": day})
        swap = offered.json()["id"]
        early = await giver.post(f"/api/roster/swaps/{swap}/decision", json={"trigger": "accept"})
        assert (early.status_code, early.json()["code"]) == (409, "SWAP_STATE")
        await taker.post(f"/api/roster/swaps/{swap}/decision", json={"trigger": "accept"})
        waiting = (await boss.get("/api/roster/swaps")).json()
        assert [each["allowed"] for each in waiting] == [["approve", "refuse"]]
        done = await boss.post(f"/api/roster/swaps/{swap}/decision", json={"trigger": "approve"})
        assert done.json()["state"] == "approved"
        for client in (giver, taker):
            assert (await client.get("/api/roster/mine")).json()["swaps"][0]["state"] == "approved"
    after = (await boss.get(f"/api/roster/months/{month}")).json()
    assert [(cell["person"], cell["shift"]) for cell in after["cells"]] == [(two, "day")]


async def test_leave_wishes_rules_duty_and_admissions_answer(
    web: WebWorld, boss: httpx.AsyncClient
) -> None:
    (one,) = await hire(web, "op1")
    _, day = a_month_ahead()
    wished = (datetime.now(UTC).astimezone(SHANGHAI).date() + timedelta(days=9)).isoformat()
    async with web.client(await web.token(one)) as mine:
        leave = {"kind": "leave", "first": day, "last": day, "note": "事假"}
        asked = (await mine.post("/api/roster/absences", json=leave)).json()[0]
        wish = await mine.put(f"/api/roster/mine/wishes/{wished}", json={"avoid": True})
        assert wish.status_code == 204
        assert (await mine.get("/api/roster/mine")).json()["wishes"][0]["day"] == wished
    decision = f"/api/roster/absences/{asked['id']}/decision"
    granted = await boss.post(decision, json={"trigger": "approve"})
    assert granted.json()["state"] == "approved"
    rules = (await boss.get("/api/roster/rules")).json()
    rules["limits"]["rest_hours"] = 12
    assert (await boss.put("/api/roster/rules", json=rules)).json() == rules
    duty = (await boss.get("/api/roster/duty")).json()
    assert duty == {"required": False, "on_duty": [], "admissions": []}
    let_in = await boss.post("/api/roster/admissions", json={"account_id": one, "reason": "x"})
    assert (let_in.status_code, let_in.json()["code"]) == (409, "NO_SHIFT_NOW")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/api/roster/months/2026-11/cells", {"cells": []}),
        (
            "PUT",
            "/api/roster/months/2026-11/cells",
            {"cells": [{"person": 0, "day": "2026-11-01"}]},
        ),
        ("PUT", "/api/roster/months/2026-11/cells", {"cells": [{"person": 1, "day": "soon"}]}),
        ("GET", "/api/roster/months/2026-13", None),
        ("POST", "/api/roster/months/2026-11/generation", {"effort": 1e9}),
        (
            "POST",
            "/api/roster/absences",
            {"kind": "nap", "first": "2026-11-01", "last": "2026-11-01"},
        ),
        (
            "POST",
            "/api/roster/absences",
            {"kind": "leave", "first": "2026-11-02", "last": "2026-11-01"},
        ),
        ("PUT", "/api/roster/rules", {"shifts": [], "limits": {}}),
        ("POST", "/api/roster/admissions", {"account_id": 1, "reason": "  "}),
    ],
)
async def test_malformed_input_is_422(
    boss: httpx.AsyncClient, method: str, path: str, body: dict[str, object] | None
) -> None:
    assert (await boss.request(method, path, json=body)).status_code == 422
