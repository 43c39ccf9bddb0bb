"""The shift leader beside a call, on the real Asterisk: who hears whom, and what becomes of the call."""

from dataclasses import dataclass

import pytest
from sqlalchemy import select
from support.aftermath import ledger
from support.audio import until_heard, until_together
from support.floor import AtSeat, Floor
from support.hotline import Operator, signed_in, until
from support.live_screen import Screen, live
from support.phones import SeatPhone, seat_phone

from core.security import AuditRow
from seats.floor.models import Monitor, MonitorStep
from telephony.calls import Call
from telephony.ledger import recorded_call
from telephony.sip_call import SipCall

pytestmark = [
    pytest.mark.timeout(120),
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.xdist_group("plain ground"),
]

CITIZEN, AGENT, LEADER = 440.0, 650.0, 900.0


@dataclass
class Desk:
    """A shift leader: over HTTP, with a telephone of his own and the live connection."""

    operator: Operator
    phone: SeatPhone
    screen: Screen
    call: SipCall | None = None

    async def listens_to(self, seat: str, mode: str = "listen") -> SipCall:
        """Click on a seat; return the call at his own telephone once it hears."""
        answer = await self.operator.client.post(
            "/api/floor/monitors", json={"seat": seat, "mode": mode}
        )
        assert answer.status_code == 201, answer.text
        self.call = await self.phone.next_call()
        assert self.call.header("X-Hotline-Monitor") == answer.json()["id"]
        await self.call.until_answered()
        return self.call

    async def goes_on(self, mode: str) -> None:
        path = f"/api/floor/monitors/{self.screen.state['monitor']['id']}"
        answer = await self.operator.client.patch(path, json={"mode": mode})
        assert answer.status_code == 200, answer.text
        assert answer.json()["mode"] == mode
        await self.screen.until(
            lambda: (self.screen.state["monitor"] or {}).get("mode") == mode, what=mode
        )


async def leader(floor: Floor, username: str = "shift01") -> Desk:
    enter = floor._stack.enter_async_context
    operator = await enter(signed_in(floor.hotline, username))
    lent = await operator.client.put("/api/floor/phone")
    assert lent.status_code == 200, lent.text
    assert lent.json()["endpoint"].startswith("boss")
    phone = await enter(seat_phone(floor.asterisk, lent.json()["endpoint"], hertz=LEADER))
    return Desk(operator, phone, await enter(live(operator)))


async def talk(floor: Floor, number: str, seat: str = "03") -> tuple[AtSeat, SipCall, SipCall]:
    """Return an agent at a seat, the citizen's call, and the seat's leg of it, both heard by the other."""
    agent = await floor.ready("op01", seat, hertz=AGENT)
    citizen = await floor.dialled(number, hertz=CITIZEN)
    await agent.screen.in_state("talking", within=30)
    leg = await agent.phone.next_call()
    await until_heard(citizen.media, AGENT)
    await until_heard(leg.media, CITIZEN)
    return agent, citizen, leg


async def test_who_hears_whom_in_each_mode_and_the_call_survives_the_leaders_telephone(
    floor: Floor,
) -> None:
    """Spec telephony 9: listen, whisper, barge; the agent is told of barge and never of listening."""
    desk = await leader(floor)
    agent, citizen, leg = await talk(floor, "13900000501")
    own = await desk.listens_to("03")
    await until_together(own.media, CITIZEN, AGENT, without=(LEADER,))
    await until_together(leg.media, CITIZEN, without=(LEADER,))
    await until_together(citizen.media, AGENT, without=(LEADER,))
    assert desk.screen.state["monitor"]["agent_name"] == "林小雨"

    await desk.goes_on("whisper")
    await until_together(leg.media, CITIZEN, LEADER)
    await until_together(citizen.media, AGENT, without=(LEADER,))
    assert agent.screen.events("notice") == []

    await desk.goes_on("barge")
    await until_together(leg.media, CITIZEN, LEADER)
    await until_together(citizen.media, AGENT, LEADER)
    await until_together(own.media, CITIZEN, AGENT)
    await agent.screen.until(lambda: agent.screen.events("notice"), what="the agent is told")
    assert agent.screen.events("notice")[-1]["data"]["code"] == "MONITOR_BARGE"
    assert "何班长" in agent.screen.events("notice")[-1]["data"]["zh"]

    await desk.goes_on("listen")
    await until_together(citizen.media, AGENT, without=(LEADER,))
    await desk.phone.vanish()
    call_id = desk.screen.state["monitor"]["call_id"]
    await floor.asterisk.console(f"channel request hangup {await leg_of(floor)}")
    await desk.screen.until(lambda: desk.screen.state["monitor"] is None, what="the session over")
    await until_heard(citizen.media, AGENT)
    await until_heard(leg.media, CITIZEN)
    await citizen.hang_up()
    await agent.screen.in_state("wrap_up")
    await the_ledger_knows_one_talk(floor, call_id)
    await the_audit_says_who_heard_what(floor, call_id)


async def leg_of(floor: Floor) -> str:
    text = await floor.asterisk.console("core show channels concise")
    return next(line.split("!")[0] for line in text.splitlines() if line.startswith("PJSIP/boss"))


async def the_ledger_knows_one_talk(floor: Floor, call_id: str) -> None:
    async with ledger(floor) as database, database.reading() as session:
        call = await recorded_call(session, call_id)
    assert call is not None
    assert [segment.endpoint for segment in call.segments] == ["seat03"]
    assert {leg.endpoint for leg in call.legs.values()} == {"trunk", "seat03"}
    assert len(call.offers) == 1


async def the_audit_says_who_heard_what(floor: Floor, call_id: str) -> None:
    async with ledger(floor) as database, database.reading() as session:
        audits = (await session.scalars(select(AuditRow).order_by(AuditRow.id))).all()
        (row,) = await session.scalars(select(Monitor).where(Monitor.call_id == call_id))
        steps = (
            await session.scalars(
                select(MonitorStep).where(MonitorStep.monitor_id == row.id).order_by(MonitorStep.id)
            )
        ).all()
        assert (row.leader, row.agent_name, row.ended_at is not None) == ("何班长", "林小雨", True)
        assert [step.mode for step in steps] == ["listen", "whisper", "barge", "listen"]
        said = [audit.action for audit in audits if audit.target == f"call:{call_id}"]
    assert said == [
        *("monitor.begin", "monitor.listen", "monitor.whisper", "monitor.barge"),
        *("monitor.listen", "monitor.end"),
    ]


async def test_a_call_that_is_taken_over_goes_on_with_the_leader_and_the_agent_wraps_up(
    floor: Floor,
) -> None:
    """The caller is never dropped; the ledger has a second segment; queue_log is explained (aftermath)."""
    desk = await leader(floor)
    agent, citizen, leg = await talk(floor, "13900000502")
    own = await desk.listens_to("03", "whisper")
    await until_together(leg.media, LEADER)
    call_id = desk.screen.state["monitor"]["call_id"]
    await desk.goes_on("take_over")
    await leg.until_ended()
    await until_together(citizen.media, LEADER, without=(AGENT,))
    await until_together(own.media, CITIZEN, without=(AGENT,))
    await agent.screen.in_state("wrap_up")
    assert agent.screen.events("notice")[-1]["data"]["code"] == "MONITOR_TAKE_OVER"

    await agent.operator.ready()
    second = await floor.dialled("13900000503", hertz=CITIZEN)
    await agent.screen.in_state("talking", within=30)
    assert not citizen.ended.is_set()
    await second.hang_up()
    refused = await desk.operator.client.post("/api/floor/monitors", json={"seat": "03"})
    assert refused.status_code == 409

    await own.hang_up()
    await citizen.until_ended()
    await desk.screen.until(lambda: desk.screen.state["monitor"] is None, what="the session over")
    line = await desk.operator.get(f"/api/calls/{call_id}")
    parts = [(part["endpoint"], part["agent_name"], part["reason"]) for part in line["segments"]]
    assert parts[0] == ("seat03", "林小雨", "transfer")
    assert parts[1][:2] == ("boss01", "何班长")
    assert line["segments"][0]["ended_at"] == line["segments"][1]["started_at"]
    async with ledger(floor) as database:

        async def over() -> Call | None:
            async with database.reading() as session:
                found = await recorded_call(session, call_id)
            return found if found is not None and found.outcome else None

        call = await until(over, what="the end of the call in the ledger")
    assert (call.divergences, call.outcome, len(call.offers)) == (0, "answered", 1)


async def test_what_cannot_be_heard_is_refused_with_a_reason(floor: Floor) -> None:
    desk = await leader(floor)
    await floor.seated("op01", "03")
    nobody = await desk.operator.client.post("/api/floor/monitors", json={"seat": "03"})
    assert (nobody.status_code, nobody.json()["code"]) == (409, "NOTHING_TO_HEAR")
    gone = await desk.operator.client.patch("/api/floor/monitors/none", json={"mode": "barge"})
    assert (gone.status_code, gone.json()["code"]) == (404, "NO_MONITOR")
    agent = floor.agents[0].operator
    forbidden = await agent.client.post("/api/floor/monitors", json={"seat": "03"})
    assert (forbidden.status_code, forbidden.json()["code"]) == (403, "FORBIDDEN")
