"""Calls over HTTP: who sees which, masked or not, the recording with a trace, hanging up."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

import pytest
from live_facts import agent
from sqlalchemy import select
from web_world import WebWorld

from core.security import AuditRow, Role
from telephony.calls import Call, Leg, Offer, Segment
from telephony.models import CallRow, SegmentRow
from web.models import CallAgent

AT = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
CALLER = "13900000001"


async def add_call(
    web: WebWorld, call_id: str, account_id: int | None = None, *, minutes: int = 0, file: str = ""
) -> None:
    at = AT + timedelta(minutes=minutes)
    async with web.hotline.database.unit_of_work() as uow:
        uow.session.add(
            CallRow(
                id=call_id, linkedid="l", phase="ended", caller=CALLER, caller_name="", dnid="12345",
                menu="complaint", emergency=False, queue="hotline", started_at=at, queued_at=at,
                answered_at=at, ended_at=at, outcome="answered", evidence=[], waited_seconds=4.0,
                talk_seconds=60.0, segment_count=1, recording=file, facts=0, divergences=0,
            )
        )  # fmt: skip
        await uow.session.flush()
        uow.session.add(
            SegmentRow(
                call_id=call_id, number=1, endpoint="seat03", uniqueid="u", attempt=1, started_at=at,
                ended_at=at, reason="caller", talk_seconds=60.0,
            )
        )  # fmt: skip
        if account_id is not None:
            uow.session.add(CallAgent(call_id=call_id, account_id=account_id, seat="03", at=at))


async def test_my_calls_are_listed_newest_first_and_page_by_page(web: WebWorld) -> None:
    account_id = await web.person(Role.OPERATOR)
    other = await web.person(Role.OPERATOR, username="op2")
    for number in range(5):
        await add_call(web, f"call-{number}", account_id, minutes=number)
    await add_call(web, "call-of-another", other, minutes=9)
    async with web.client(await web.token(account_id)) as client:
        first = (await client.get("/api/calls/mine?limit=3")).json()
        assert [line["call_id"] for line in first["calls"]] == ["call-4", "call-3", "call-2"]
        assert first["calls"][0]["agent_name"] == "op1 测试"
        assert first["calls"][0]["caller_masked"] == "139****0001"
        second = (
            await client.get("/api/calls/mine", params={"limit": 3, "before": first["next"]})
        ).json()
    assert [line["call_id"] for line in second["calls"]] == ["call-1", "call-0"]
    assert second["next"] is None


@pytest.mark.parametrize(
    ("role", "own", "status", "caller"),
    [
        (Role.OPERATOR, True, 200, CALLER),
        (Role.OPERATOR, False, 404, None),  # X54: not 403
        (Role.CALLBACK_AGENT, False, 404, None),
        (Role.SHIFT_LEADER, False, 200, CALLER),
        (Role.INTAKE, False, 200, CALLER),
        (Role.AUDITOR, False, 200, "139****0001"),
        (Role.UNIT_HANDLER, False, 403, None),
    ],
)
@pytest.mark.parametrize("path", ["/api/calls/call-1", "/api/callers/call-1/history"])
async def test_a_call_is_seen_by_right(
    web: WebWorld, role: Role, own: bool, status: int, caller: str | None, path: str
) -> None:
    account_id = await web.person(role)
    await add_call(web, "call-1", account_id if own else None)
    async with web.client(await web.token(account_id)) as client:
        answer = await client.get(path)
        unknown = await client.get(path.replace("call-1", "call-x"))
    assert answer.status_code == status
    if status == 404:
        assert answer.json()["code"] == unknown.json()["code"] == "NOT_FOUND"
    elif path.endswith("call-1"):
        assert answer.json().get("caller") == caller


async def test_the_history_knows_the_callers_earlier_calls_but_not_this_one(web: WebWorld) -> None:
    account_id = await web.person(Role.OPERATOR)
    await add_call(web, "call-0")
    await add_call(web, "call-1", account_id, minutes=5)
    async with web.client(await web.token(account_id)) as client:
        history = (await client.get("/api/callers/call-1/history")).json()
    assert [line["call_id"] for line in history["last_calls"]] == ["call-0"]
    assert set(history) == {"known_name", "last_calls", "tickets"}


async def test_a_recording_is_streamed_in_ranges_and_leaves_a_trace(web: WebWorld) -> None:
    folder = web.hotline.paths.recordings
    (folder / "2026/11/23").mkdir(parents=True)
    (folder / "2026/11/23/call-1.wav").write_bytes(b"RIFF0123456789")
    account_id = await web.person(Role.OPERATOR)
    await add_call(web, "call-1", account_id, file="2026/11/23/call-1.wav")
    async with web.client(await web.token(account_id)) as client:
        whole = await client.get("/api/calls/call-1/recording")
        part = await client.get("/api/calls/call-1/recording", headers={"Range": "bytes=4-7"})
    assert (whole.status_code, whole.headers["content-type"]) == (200, "audio/wav")
    assert whole.headers["cache-control"] == "no-store"
    assert (part.status_code, part.content) == (206, b"0123")
    async with web.hotline.database.reading() as session:
        rows = (await session.scalars(select(AuditRow))).all()
        assert [(row.by, row.action, row.target) for row in rows] == [
            (f"account:{account_id}", "recording_played", "call:call-1")
        ] * 2


@pytest.mark.parametrize("file", ["", "missing.wav", "../secrets/ami", "/etc/passwd"])
async def test_a_recording_that_is_not_there_or_not_ours_is_404(web: WebWorld, file: str) -> None:
    account_id = await web.person(Role.OPERATOR)
    web.hotline.settings.generated("ami")
    await add_call(web, "call-1", account_id, file=file)
    async with web.client(await web.token(account_id)) as client:
        assert (await client.get("/api/calls/call-1/recording")).status_code == 404


@dataclass
class TrunkAndSeat:
    """A live call at seat 03 and a switch that notes what it is told."""

    web: WebWorld
    hung_up: list[tuple[str, int]]


@pytest.fixture
def live(web: WebWorld, monkeypatch: pytest.MonkeyPatch) -> TrunkAndSeat:
    told: list[tuple[str, int]] = []

    async def hangup(channel: str, cause: int = 16) -> None:
        told.append((channel, cause))

    monkeypatch.setattr(web.hotline.switch, "hangup", hangup)
    return TrunkAndSeat(web, told)


def live_call(**parts: Any) -> Call:
    legs = {
        "u1": Leg(uniqueid="u1", role="caller", started_at=AT, channel="PJSIP/trunk-1"),
        "u2": Leg(uniqueid="u2", role="agent", started_at=AT, channel="PJSIP/seat03-2"),
    }
    return Call(
        id="call-1", started_at=AT, phase_since=AT, last_at=AT, legs=MappingProxyType(legs), **parts
    )


TALKS = Segment(number=1, endpoint="seat03", uniqueid="u2", attempt=1, started_at=AT)
RINGS = Offer(attempt=1, endpoint="seat03", uniqueid="u2", offered_at=AT)


@pytest.mark.parametrize(
    ("role", "at_seat", "call", "status", "told"),
    [
        (Role.OPERATOR, True, live_call(segments=(TALKS,)), 202, [("PJSIP/trunk-1", 16)]),
        (Role.OPERATOR, True, live_call(offers=(RINGS,)), 202, [("PJSIP/seat03-2", 21)]),
        (Role.OPERATOR, True, live_call(), 409, []),
        (Role.OPERATOR, False, live_call(segments=(TALKS,)), 409, []),
        (Role.SHIFT_LEADER, False, live_call(segments=(TALKS,)), 202, [("PJSIP/trunk-1", 16)]),
        (Role.OPERATOR, True, None, 404, []),
    ],
)
async def test_an_agent_ends_his_own_call_and_a_shift_leader_any(
    live: TrunkAndSeat,
    role: Role,
    at_seat: bool,
    call: Call | None,
    status: int,
    told: list[tuple[str, int]],
) -> None:
    hotline = live.web.hotline
    account_id = await live.web.person(role)
    if at_seat:
        await hotline.feed.on_agent_state(agent(account_id, "signed_out", "talking"))
    if call is not None:
        hotline.bridge.calls["call-1"] = call
    async with live.web.client(await live.web.token(account_id)) as client:
        answer = await client.delete("/api/calls/call-1")
    assert answer.status_code == status
    assert live.hung_up == told
