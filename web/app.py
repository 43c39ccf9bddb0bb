"""The web application: which part hears which fact, and which router answers which path."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI

import seats.api
import seats.roster.api
import tickets.api
from core.config import Settings
from core.events import Event
from core.security import Principal
from seats.events import AgentStateChanged, OfferMissed, OpenSeatsChanged
from telephony.events import (
    CallAnswered,
    CallEnded,
    CallHeld,
    CallOffered,
    CallQueued,
    CallResumed,
    CallStarted,
    DeviceChanged,
    MemberChanged,
    MemberRemoved,
    OfferEnded,
    OfferForeseen,
    QueueChanged,
    RecordingStarted,
    SegmentEnded,
    SwitchDown,
    SwitchUp,
)
from tickets.events import TicketChanged, TicketOpened
from web.auth import session_router
from web.between_rooms import Meetings
from web.calls_api import calls_router
from web.hang_up import hang_up
from web.hardening import allowed_origins, harden
from web.health import health_router
from web.live import LiveDoor
from web.live_feed import Feed
from web.probes import probes_of
from web.problems import add_problem_handlers
from web.static import desktop_router
from web.wiring import Hotline

Hearing = Callable[[Any], Awaitable[None]]

LIVE: tuple[tuple[type[Event], Callable[[Feed, Any], Awaitable[None]]], ...] = (
    # Heard in every web process, before anything is written: the desktop is told first.
    (OfferForeseen, Feed.on_offer_foreseen),
    (CallOffered, Feed.on_call_offered),
    (CallStarted, Feed.on_call_started),
    (CallQueued, Feed.on_call_queued),
    (OfferEnded, Feed.on_offer_ended),
    (CallAnswered, Feed.on_call_answered),
    (CallHeld, Feed.on_call_held),
    (CallResumed, Feed.on_call_resumed),
    (SegmentEnded, Feed.on_segment_ended),
    (RecordingStarted, Feed.on_recording_started),
    (CallEnded, Feed.on_call_ended),
    (QueueChanged, Feed.on_queue_changed),
    (MemberChanged, Feed.on_member_changed),
    (MemberRemoved, Feed.on_member_removed),
    (DeviceChanged, Feed.on_device_changed),
    (SwitchUp, Feed.on_switch_up),
    (SwitchDown, Feed.on_switch_down),
    (AgentStateChanged, Feed.on_agent_state),
    (OpenSeatsChanged, Feed.on_open_seats),
    (OfferMissed, Feed.on_offer_missed),
    (TicketOpened, Feed.on_ticket_opened),
    (TicketChanged, Feed.on_ticket_changed),
)


def listeners(hotline: Hotline, meetings: Meetings) -> tuple[tuple[type[Event], Hearing], ...]:
    """Return who hears what, once per fact, in this order: seats first, then tickets, then the figures."""
    seat_service, metrics = hotline.seats, hotline.metrics
    return (
        (CallOffered, seat_service.on_call_offered),
        (OfferEnded, seat_service.on_offer_ended),
        (CallAnswered, seat_service.on_call_answered),
        (CallAnswered, meetings.open_draft),
        (RecordingStarted, meetings.note_recording),
        (SegmentEnded, seat_service.on_segment_ended),
        (MemberChanged, seat_service.on_member_changed),
        (MemberRemoved, seat_service.on_member_removed),
        (DeviceChanged, seat_service.on_device_changed),
        (SwitchUp, seat_service.on_switch_up),
        (SwitchUp, metrics.on_switch_up),
        (CallEnded, metrics.on_call_ended),
    )


def create_app(settings: Settings) -> FastAPI:
    """Return the application; its lifespan opens and shuts the whole hotline."""
    hotline = Hotline(settings)
    meetings = Meetings(hotline)
    connect(hotline, meetings)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        try:
            await hotline.start()
            yield
        finally:
            await hotline.close()

    app = FastAPI(
        title="营口 12345", version="0.1.0", lifespan=lifespan, docs_url=None, redoc_url=None,
        openapi_url=None,
    )  # fmt: skip
    app.state.hotline = hotline
    harden(app, hotline.settings)
    add_problem_handlers(app)
    include_routers(app, hotline, meetings)
    return app


def connect(hotline: Hotline, meetings: Meetings) -> None:
    """Enter both tables into the bus."""
    for kind, hears in LIVE:
        hotline.bus.watch(kind, hears.__get__(hotline.feed))
    hotline.bus.watch(Event, hotline.metrics.on_event)
    for kind, listener in listeners(hotline, meetings):
        hotline.bus.listen(kind, listener)


def include_routers(app: FastAPI, hotline: Hotline, meetings: Meetings) -> None:
    """Enter every path; the desktop's catch-all comes last."""
    settings, database, clock, guard = (
        hotline.settings, hotline.database, hotline.clock, hotline.guard
    )  # fmt: skip
    door = LiveDoor(
        hotline.feed, hotline.admission, clock, allowed_origins(settings), hotline.seats.touch
    )

    async def end_call(who: Principal, call_id: str) -> None:
        await hang_up(hotline.switch, hotline.calls, hotline.hub, who, call_id)

    for router in (
        health_router(probes_of(hotline), hotline.metrics, guard),
        session_router(database, settings, clock, guard, meetings.describe, meetings.sign_out),
        seats.api.build_router(hotline.seats, guard),
        seats.roster.api.build_router(hotline.roster, guard, settings),
        tickets.api.build_router(hotline.tickets, guard),
        calls_router(database, clock, guard, hotline.paths.recordings, end_call, hotline.lore),
        door.router(),
        desktop_router(),
    ):
        app.include_router(router)
