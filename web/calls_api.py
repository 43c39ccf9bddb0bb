"""Calls over HTTP: lists, one call with its timeline, hanging up, the recording, the caller's history."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import FileResponse

from core.clock import Clock
from core.db import Database
from core.errors import NotFound
from core.log import mask_number
from core.security import Principal, Role, audit
from telephony import queries
from telephony.models import CallRow
from web.auth import Guarding
from web.call_book import (
    CALL_ROLES,
    agent_names,
    caller_lines,
    number_for,
    own_calls,
    visible_call,
    was_offered,
)
from web.caller_lore import LookUp, Lore

Before = Annotated[datetime | None, Query()]
Limit = Annotated[int, Query(ge=1, le=100)]
HangUp = Callable[[Principal, str], Awaitable[None]]


def calls_router(
    database: Database,
    clock: Clock,
    guard: Guarding,
    recordings: Path,
    hang_up: HangUp,
    look_up: LookUp,
) -> APIRouter:
    """Return /api/calls and /api/callers. What a person may not see does not exist for him (X54)."""
    router = APIRouter(prefix="/api", tags=["calls"])
    Caller = Annotated[Principal, Depends(guard(*CALL_ROLES))]
    Agent = Annotated[Principal, Depends(guard(Role.OPERATOR, Role.SHIFT_LEADER))]

    @router.get("/calls/mine")
    async def mine(who: Caller, before: Before = None, limit: Limit = 20) -> dict[str, object]:
        async with database.reading() as session:
            lines, following = await own_calls(session, who.account_id, before, limit)
        return {"calls": lines, "next": following}

    @router.get("/calls/{call_id}")
    async def one(call_id: str, who: Caller) -> dict[str, object]:
        async with database.reading() as session:
            row = await visible_call(session, who, call_id)
            own = await was_offered(session, who.account_id, call_id)
            names = await agent_names(session, [call_id])
            timeline = await queries.timeline(session, call_id)
            return {
                **_facts(row, number_for(who, row.caller, own=own)),
                **_parts(row, names),
                "timeline": [{"seq": f.seq, "at": f.at, "kind": f.kind} for f in timeline],
            }

    @router.delete("/calls/{call_id}", status_code=202)
    async def end(call_id: str, who: Agent) -> dict[str, object]:
        await hang_up(who, call_id)
        return {"call_id": call_id}

    @router.get("/calls/{call_id}/recording")
    async def recording(call_id: str, who: Caller) -> FileResponse:
        async with database.reading() as session:
            row = await visible_call(session, who, call_id)
            file = recording_file(recordings, row.recording)
        async with database.unit_of_work() as uow:
            audit(uow.session, clock(), who.by, "recording_played", f"call:{call_id}")
        return FileResponse(file, media_type="audio/wav", headers={"Cache-Control": "no-store"})

    @router.get("/callers/{call_id}/history")
    async def history(call_id: str, who: Caller) -> dict[str, object]:
        async with database.reading() as session:
            row = await visible_call(session, who, call_id)
            caller, dnid, menu = row.caller, row.dnid, row.menu
            calls = await caller_lines(session, caller, limit=20)
        lore: Lore = await look_up(caller, dnid, menu)
        return {
            "known_name": lore.known_name,
            "last_calls": [line for line in calls if line.call_id != call_id],
            "tickets": lore.open_tickets,
        }

    return router


def _facts(row: CallRow, caller: str) -> dict[str, object]:
    return {
        "call_id": row.id,
        "caller": caller,
        "caller_masked": mask_number(row.caller),
        "dnid": row.dnid,
        "menu": row.menu,
        "emergency": row.emergency,
        "started_at": row.started_at,
        "queued_at": row.queued_at,
        "answered_at": row.answered_at,
        "ended_at": row.ended_at,
        "outcome": row.outcome,
        "waited_seconds": row.waited_seconds,
        "talk_seconds": row.talk_seconds,
        "recording": bool(row.recording),
    }


def _parts(row: CallRow, names: dict[tuple[str, str], str]) -> dict[str, object]:
    return {
        "legs": [
            {
                "role": leg.role,
                "endpoint": leg.endpoint if leg.role == "agent" else "",
                "state": leg.state,
                "started_at": leg.started_at,
                "answered_at": leg.answered_at,
                "ended_at": leg.ended_at,
                "cause": leg.cause,
            }
            for leg in row.legs
        ],
        "offers": [
            {
                "attempt": offer.attempt,
                "endpoint": offer.endpoint,
                "agent_name": names.get((row.id, offer.endpoint), ""),
                "offered_at": offer.offered_at,
                "ended_at": offer.ended_at,
                "result": offer.state,
            }
            for offer in row.offers
        ],
        "segments": [
            {
                "number": part.number,
                "endpoint": part.endpoint,
                "agent_name": names.get((row.id, part.endpoint), ""),
                "started_at": part.started_at,
                "ended_at": part.ended_at,
                "reason": part.reason,
                "talk_seconds": part.talk_seconds,
            }
            for part in row.segments
        ],
    }


def recording_file(folder: Path, name: str) -> Path:
    """Return the file of a recording inside `folder`; NotFound if it is not there or points outside."""
    root = folder.resolve()
    file = (root / name).resolve()
    if not name or not file.is_relative_to(root) or not file.is_file():
        raise NotFound(what="recording")
    return file
