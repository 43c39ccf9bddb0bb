"""The queue rules over HTTP: a look ahead, the elderly list masked, skills checked; no switch, no change."""

from typing import Any

import httpx
import pytest
from web_world import WebWorld

from core.security import Role

RULES = "/api/queue-rules"


@pytest.fixture
async def leader(web: WebWorld) -> httpx.AsyncClient:
    return await web.client_of(Role.SHIFT_LEADER, username="shift01")


async def test_a_look_ahead_names_what_is_wrong_by_field_or_tells_the_wait(
    leader: httpx.AsyncClient,
) -> None:
    caller = {"skill": "heating", "seats": 10, "of_skill": {"2": 3}}

    async def ahead(**rules: Any) -> Any:
        answer = await leader.post(f"{RULES}/preview", json={"rules": rules, "caller": caller})
        assert answer.status_code == 200, answer.text
        return answer.json()

    async with leader:
        bad = await ahead(ring_seconds=1)
        good = await ahead()
    assert [(each["field"], each["code"]) for each in bad["problems"]] == [
        ("ring_seconds", "OUT_OF_LIMITS")
    ]
    assert bad["timeline"] == []
    offered = [(s["at"], s["seats"]) for s in good["timeline"] if s["what"] == "offered"]
    assert (good["problems"], offered) == ([], [(0, 3), (15, 10)])


async def test_bad_rules_are_refused_with_every_problem_and_malformed_ones_with_422(
    leader: httpx.AsyncClient,
) -> None:
    async def put(rules: dict[str, Any]) -> httpx.Response:
        body = {"rules": rules, "reason": "试验", "based_on": 0}
        return await leader.put(RULES, json=body)

    async with leader:
        refused = await put({"ring_seconds": 1, "comfort_seconds": 1})
        assert (refused.status_code, refused.json()["code"]) == (409, "RULES_REFUSED")
        problems = refused.json()["details"]["problems"]
        assert [each["field"] for each in problems] == ["ring_seconds", "comfort_seconds"]
        assert (await put({"strategy": "ringall"})).status_code == 422
        assert (await leader.get(RULES)).json()["version"] == 0


async def test_with_the_switch_away_the_version_says_so_and_the_old_rules_hold(
    leader: httpx.AsyncClient,
) -> None:
    async with leader:
        body = {"rules": {"ring_seconds": 20}, "reason": "试验", "based_on": 0}
        answer = await leader.put(RULES, json=body)
        assert answer.status_code == 503
        now = (await leader.get(RULES)).json()
    assert now["version"] == 0
    assert now["versions"][0]["state"] == "refused"
    assert now["versions"][0]["refusal"]["code"] == answer.json()["code"]


async def test_numbers_of_the_elderly_are_normalised_listed_once_and_never_shown_whole(
    leader: httpx.AsyncClient,
) -> None:
    async def add(number: str) -> tuple[int, str]:
        answer = await leader.post(f"{RULES}/elderly", json={"number": number, "note": "独居"})
        return answer.status_code, answer.json().get("code", answer.text)

    async with leader:
        assert (await add("+86 139 0417 0001"))[0] == 201
        assert await add("13904170001") == (409, "NUMBER_LISTED")
        assert await add("not a number") == (409, "NUMBER_MALFORMED")
        listed = await leader.get(f"{RULES}/elderly")
        assert "13904170001" not in listed.text
        (row,) = listed.json()
        assert (row["masked"], row["note"]) == ("139****0001", "独居")
        assert (await leader.delete(f"{RULES}/elderly/{row['id']}")).status_code == 204
        assert (await leader.delete(f"{RULES}/elderly/{row['id']}")).status_code == 404


@pytest.mark.parametrize("skills", [{"general": 1}, {"water": 4}, {"water": 0}, {"magic": 1}])
async def test_a_skill_or_level_that_does_not_exist_is_malformed(
    leader: httpx.AsyncClient, skills: dict[str, int]
) -> None:
    async with leader:
        answer = await leader.put(f"{RULES}/skills/1", json={"skills": skills})
    assert answer.status_code == 422
