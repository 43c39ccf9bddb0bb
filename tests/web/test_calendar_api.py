"""The calendar over HTTP: what each role may do, uploads with their faults, the second person, the calculator."""

import base64
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest
from support.calendar_files import year_file
from web_world import WebWorld

from core.calendar_changes import CalendarChanged
from core.calendar_live import LiveCalendar
from core.clock import FixedClock
from core.events import LocalBus
from core.security import Role
from web.calendar_watch import CalendarWatch
from web.live_hub import Hub
from web.live_state import Notice

FILE_2027 = year_file()


@pytest.fixture
async def zhang(web: WebWorld) -> AsyncIterator[httpx.AsyncClient]:
    async with await web.client_of(Role.COORDINATION, username="zhang") as client:
        yield client


@pytest.fixture
async def kong(web: WebWorld) -> AsyncIterator[httpx.AsyncClient]:
    async with await web.client_of(Role.OFFICE_DIRECTOR, username="kong") as client:
        yield client


async def upload(
    client: httpx.AsyncClient, content: bytes, name: str = "2027.yaml"
) -> httpx.Response:
    body = {"name": name, "content": base64.b64encode(content).decode()}
    return await client.post("/api/calendar/proposals", json=body)


async def days(client: httpx.AsyncClient, year: int) -> dict[str, Any]:
    answer = (await client.get(f"/api/calendar/years/{year}")).json()
    return {"provisional": answer["provisional"], **{day["day"]: day for day in answer["days"]}}


async def test_everybody_who_is_signed_in_reads_the_year(web: WebWorld) -> None:
    for role in (Role.OPERATOR, Role.SHIFT_LEADER, Role.UNIT_HANDLER, Role.ADMIN):
        async with await web.client_of(role, username=role.value) as client:
            year = await days(client, 2026)
            assert len(year) == 1 + 365
            assert not year["provisional"]
            assert year["2026-10-10"] == {
                "day": "2026-10-10", "kind": "makeup", "name": "国庆节", "document": "",
            }  # fmt: skip
            assert (await days(client, 2028))["provisional"]
            assert (await client.get("/api/calendar/years/9999")).status_code == 422


async def test_the_calculator_says_what_it_counted_and_skipped(zhang: httpx.AsyncClient) -> None:
    asked = {"received": "2026-09-24T16:59:00+08:00", "working_days": 2}
    due = (await zhang.get("/api/calendar/due", params=asked)).json()
    assert due == {
        "at": "2026-09-29T16:00:00Z",
        "last_day": "2026-09-29",
        "provisional": False,
        "counted": ["2026-09-28", "2026-09-29"],
        "skipped": [
            {"day": f"2026-09-{day}", "kind": "holiday", "name": "中秋节"} for day in (25, 26, 27)
        ],
    }


@pytest.mark.parametrize(
    ("received", "working_days"),
    [("2026-09-24T16:59:00", 2), ("2026-09-24T16:59:00Z", 0), ("2026-09-24T16:59:00Z", 251),
     ("9999-12-31T00:00:00Z", 1), ("0001-01-01T00:00:00+08:00", 1)],
)  # fmt: skip
async def test_the_calculator_refuses_what_it_cannot_reckon(
    zhang: httpx.AsyncClient, received: str, working_days: int
) -> None:
    asked = {"received": received, "working_days": working_days}
    answer = await zhang.get("/api/calendar/due", params=asked)
    assert (answer.status_code, answer.json()["code"]) == (422, "INVALID_INPUT")


async def test_a_file_is_uploaded_seen_and_approved_by_another_person(
    zhang: httpx.AsyncClient, kong: httpx.AsyncClient
) -> None:
    """X58, X20."""
    made = await upload(zhang, FILE_2027)
    assert made.status_code == 201
    body = made.json()
    assert (body["outcome"], body["was_provisional"], body["version"]["own"]) == ("new", True, True)
    assert {
        "day": "2026-12-27", "old_kind": "rest", "old_name": "", "new_kind": "makeup", "new_name": "元旦",
    } in body["changes"]  # fmt: skip
    path = f"/api/calendar/proposals/{body['version']['id']}"
    refused = await zhang.put(f"{path}/approval")
    assert (refused.status_code, refused.json()["code"]) == (403, "CALENDAR_SAME_PERSON")

    seen = (await kong.get(path)).json()
    assert (seen["changes"], seen["version"]["own"]) == (body["changes"], False)
    assert (await days(kong, 2027))["provisional"]
    approved = (await kong.put(f"{path}/approval")).json()
    assert (approved["state"], approved["in_force"]) == ("approved", True)
    assert (approved["proposed_by"], approved["decided_by"]) == ("zhang 测试", "kong 测试")
    assert not (await days(kong, 2027))["provisional"]
    assert (await days(kong, 2026))["2026-12-27"]["kind"] == "makeup"
    assert (await upload(kong, FILE_2027)).json()["outcome"] == "in_force"
    older = await upload(kong, year_file(published="2026-11-01"))
    assert (older.status_code, older.json()["code"]) == (409, "CALENDAR_OLDER_VERSION")


async def test_a_wrong_file_is_refused_with_all_its_lines_and_nothing_is_stored(
    zhang: httpx.AsyncClient,
) -> None:
    """X19."""
    wrong = FILE_2027.replace(b"2027-02-05", b"2027-02-31").replace(b"2027-02-06", b"2027-02-07")
    refused = await upload(zhang, wrong)
    assert (refused.status_code, refused.json()["code"]) == (422, "CALENDAR_FILE_REFUSED")
    faults = refused.json()["details"]["faults"]
    assert [(fault["line"], fault["code"]) for fault in faults] == [
        (10, "NO_SUCH_DATE"),
        (12, "DUPLICATE_DATE"),
    ]
    assert all(fault["zh"] and fault["en"] for fault in faults)
    stored = (await zhang.get("/api/calendar/versions")).json()
    assert [version["id"] for version in stored] == [None] * 11


async def test_what_is_not_base64_is_refused(zhang: httpx.AsyncClient) -> None:
    answer = await zhang.post("/api/calendar/proposals", json={"name": "a.csv", "content": "日历"})
    assert (answer.status_code, answer.json()["code"]) == (422, "INVALID_INPUT")


async def test_a_proposal_is_rejected_with_a_reason(
    zhang: httpx.AsyncClient, kong: httpx.AsyncClient
) -> None:
    made = (await upload(zhang, FILE_2027)).json()["version"]
    path = f"/api/calendar/proposals/{made['id']}"
    assert (await kong.put(f"{path}/rejection", json={"reason": ""})).status_code == 422
    rejected = (await kong.put(f"{path}/rejection", json={"reason": "网址不对"})).json()
    assert (rejected["state"], rejected["reason"]) == ("rejected", "网址不对")
    late = await kong.put(f"{path}/approval")
    assert (late.status_code, late.json()["code"]) == (409, "CALENDAR_PROPOSAL_DECIDED")
    assert (await kong.get("/api/calendar/proposals/999")).status_code == 404


async def test_a_local_order_closes_the_city_for_a_day(
    zhang: httpx.AsyncClient, kong: httpx.AsyncClient
) -> None:
    order = {
        "number": "营政办〔2026〕8号",
        "reason": "暴雪停工",
        "first": "2026-11-26",
        "last": "2026-11-26",
    }
    made = await zhang.post("/api/calendar/orders", json={**order, "off": True})
    assert made.status_code == 201
    await kong.put(f"/api/calendar/proposals/{made.json()['version']['id']}/approval")
    assert (await days(kong, 2026))["2026-11-26"] == {
        "day": "2026-11-26", "kind": "holiday", "name": "暴雪停工", "document": "营政办〔2026〕8号",
    }  # fmt: skip
    idle = await zhang.post("/api/calendar/orders", json={**order, "off": True})
    assert (idle.status_code, idle.json()["code"]) == (422, "CALENDAR_ORDER_REFUSED")
    far = await zhang.post(
        "/api/calendar/orders", json={**order, "last": "9999-12-31", "off": True}
    )
    assert far.status_code == 422


async def test_versions_say_which_of_them_is_in_force(
    zhang: httpx.AsyncClient, kong: httpx.AsyncClient
) -> None:
    made = (await upload(zhang, year_file(2026, published="2026-11-20"), "2026.yaml")).json()
    await kong.put(f"/api/calendar/proposals/{made['version']['id']}/approval")
    versions = (await kong.get("/api/calendar/versions")).json()
    of_2026 = [version for version in versions if version["year"] == 2026]
    assert [(version["id"], version["in_force"]) for version in of_2026] == [
        (made["version"]["id"], True),
        (None, False),
    ]
    assert of_2026[1]["papers"][0].startswith("https://www.gov.cn/")
    assert (of_2026[1]["off_days"], of_2026[1]["worked_days"]) == (33, 6)


class Ears(Hub):
    def __init__(self, clock: FixedClock) -> None:
        super().__init__(clock, 1)
        self.heard: list[tuple[str, frozenset[Role]]] = []

    def notify(self, notice: Notice, roles: frozenset[Role]) -> None:
        self.heard.append((notice.code, roles))


async def test_the_alarm_for_a_missing_year_sounds_once_a_morning_for_the_office(
    web: WebWorld, zhang: httpx.AsyncClient, kong: httpx.AsyncClient
) -> None:
    """X18, 5.3."""
    clock = FixedClock(datetime(2026, 9, 30, 15, 0, tzinfo=UTC))  # 23:00 in Yingkou
    ears = Ears(clock)
    watch = CalendarWatch(LiveCalendar(web.hotline.database), LocalBus(), ears, clock)
    for hours in (0, 2, 7, 3, 1, 21):  # 23:00, 01:00, 08:00, 11:00, 12:00, 09:00 the day after
        clock.advance(hours=hours)
        await watch.look()
    office = frozenset({Role.INTAKE, Role.COORDINATION, Role.OFFICE_DIRECTOR})
    assert ears.heard == [("CALENDAR_YEAR_MISSING", office)] * 2
    made = (await upload(zhang, FILE_2027)).json()["version"]
    await kong.put(f"/api/calendar/proposals/{made['id']}/approval")
    clock.advance(days=1)
    await watch.look()
    assert len(ears.heard) == 2


async def test_the_hotline_hears_of_an_approved_change(
    web: WebWorld, zhang: httpx.AsyncClient, kong: httpx.AsyncClient
) -> None:
    assert web.hotline.calendar.now.provisional(date(2027, 3, 1))
    made = (await upload(zhang, FILE_2027)).json()["version"]
    await kong.put(f"/api/calendar/proposals/{made['id']}/approval")
    assert not web.hotline.calendar.now.provisional(date(2027, 3, 1))


async def test_a_change_that_another_process_made_is_announced_at_the_next_look(
    web: WebWorld, zhang: httpx.AsyncClient, kong: httpx.AsyncClient
) -> None:
    """An approval from the command line: this process has not heard of it."""
    heard: list[CalendarChanged] = []

    async def listen(event: CalendarChanged) -> None:
        heard.append(event)

    bus, clock = LocalBus(), FixedClock(datetime(2026, 11, 25, 2, tzinfo=UTC))
    bus.listen(CalendarChanged, listen)
    live = LiveCalendar(web.hotline.database)
    watch = CalendarWatch(live, bus, Ears(clock), clock)
    await watch.look()
    assert heard == []
    made = (await upload(zhang, FILE_2027)).json()["version"]
    await kong.put(f"/api/calendar/proposals/{made['id']}/approval")
    await watch.look()
    await watch.look()
    assert [(event.confirmed, len(event.days)) for event in heard] == [((2027,), 20)]
    assert live.is_workday(date(2026, 12, 27))
