"""The web application: which part hears which fact, and which router answers which path."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI

import seats.api
import seats.callbacks.api
import seats.floor.api
import seats.roster.api
import seats.rules_api
import seats.staffing.api
import tickets.api
import tickets.knowledge.api
from core.calendar_changes import CalendarChanged
from core.config import Settings
from core.events import Event
from core.security import Principal
from ivr.events import SurgeChanged
from seats.events import (
    AgentStateChanged,
    OfferMissed,
    OpenSeatsChanged,
    PauseWished,
    SeatPlanChanged,
)
from seats.floor.events import AgentOrdered, MonitorUpdated
from telephony.events import (
    CallAnswered,
    CallEnded,
    CallHeld,
    CallOffered,
    CallQueued,
    CallResumed,
    CallStarted,
    CallUnserved,
    DeviceChanged,
    EmergencyDialled,
    EmergencyEnded,
    EmergencyReached,
    MemberChanged,
    MemberRemoved,
    MonitorChanged,
    OfferEnded,
    OfferForeseen,
    OutboundEnded,
    QueueChanged,
    RecordingStarted,
    SegmentEnded,
    SwitchDown,
    SwitchUp,
)
from tickets.events import TicketChanged, TicketOpened
from web.auth import session_router
from web.between_rooms import Meetings
from web.calendar_api import calendar_router
from web.calls_api import calls_router
from web.emergency_api import emergency_router
from web.figures_api import figures_router
from web.figures_report import FiguresDesk
from web.hang_up import hang_up
from web.hardening import allowed_origins, harden
from web.health import health_router
from web.live import LiveDoor
from web.live_feed import Feed
from web.probes import probes_of
from web.problems import add_problem_handlers
from web.static import desktop_router
from web.surge_api import surge_router
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
    (CallUnserved, Feed.on_call_unserved),
    (CallEnded, Feed.on_call_ended),
    (QueueChanged, Feed.on_queue_changed),
    (MemberChanged, Feed.on_member_changed),
    (MemberRemoved, Feed.on_member_removed),
    (DeviceChanged, Feed.on_device_changed),
    (SwitchUp, Feed.on_switch_up),
    (SwitchDown, Feed.on_switch_down),
    (AgentStateChanged, Feed.on_agent_state),
    (PauseWished, Feed.on_pause_wished),
    (OpenSeatsChanged, Feed.on_open_seats),
    (SeatPlanChanged, Feed.on_seat_plan),
    (OfferMissed, Feed.on_offer_missed),
    (EmergencyDialled, Feed.on_emergency_dialled),
    (EmergencyReached, Feed.on_emergency_reached),
    (EmergencyEnded, Feed.on_emergency_ended),
    (MonitorUpdated, Feed.on_monitor),
    (AgentOrdered, Feed.on_agent_ordered),
    (SurgeChanged, Feed.on_surge),
    (TicketOpened, Feed.on_ticket_opened),
    (TicketChanged, Feed.on_ticket_changed),
)


def listeners(hotline: Hotline, meetings: Meetings) -> tuple[tuple[type[Event], Hearing], ...]:
    """Return who hears what, once per fact, in this order: seats first, then tickets, then the figures."""
    seat_service, metrics, callbacks = hotline.seats, hotline.metrics, hotline.callbacks
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
        (SwitchUp, hotline.rules.on_switch_up),
        (MonitorChanged, hotline.floor.on_monitor_changed),
        (MonitorUpdated, meetings.note_take_over),
        (SwitchUp, hotline.floor.on_switch_up),
        (SwitchUp, metrics.on_switch_up),
        (CallEnded, metrics.on_call_ended),
        (CallAnswered, callbacks.on_call_answered),
        (CallEnded, callbacks.on_call_ended),
        (OutboundEnded, callbacks.on_outbound_ended),
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
    for kind, watcher in hotline.wallboard.watchers():
        hotline.bus.watch(kind, watcher)
    hotline.bus.watch(Event, hotline.metrics.on_event)
    hotline.bus.watch(CalendarChanged, hotline.calendar.on_changed)
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
        seats.callbacks.api.build_router(hotline.callbacks, guard),
        seats.rules_api.build_router(
            hotline.rules, hotline.seats, hotline.elderly, settings, guard
        ),
        seats.floor.api.build_router(hotline.floor, guard),
        surge_router(hotline.surge, guard),
        seats.roster.api.build_router(hotline.roster, guard, settings),
        tickets.api.build_router(hotline.tickets, guard),
        tickets.knowledge.api.build_router(database, hotline.tickets, guard),
        calls_router(database, clock, guard, hotline.paths.recordings, end_call, hotline.lore),
        calendar_router(database, clock, guard),
        hotline.wallboard.router(guard),
        seats.staffing.api.build_router(hotline.staffing, guard),
        figures_router(FiguresDesk(database, clock, hotline.tests), guard),
        door.router(),
        emergency_router(hotline.emergencies, hotline.calls, hotline.hub, guard),
        desktop_router(),
    ):
        app.include_router(router)
