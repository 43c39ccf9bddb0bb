"""The parts of the hotline, made and connected in one place, started and stopped in order."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import structlog
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncSession

from core.calendar import WorkCalendar
from core.calendar_book import load_calendar
from core.calendar_live import LiveCalendar
from core.clock import Clock, utc_now
from core.config import DEMO_SECRET, Settings
from core.db import Database
from core.events import Bus, LocalBus
from core.redis_bus import RedisBus
from ivr.load import DEFAULT, load_flow
from ivr.placement import Place
from ivr.prompts import catalogue
from ivr.runner import Questions, Runner
from ivr.surge import SurgeService
from seats.callbacks.service import CallbackService
from seats.elderly import ElderlyList
from seats.floor.service import FloorService
from seats.roster.room import RosterRoom
from seats.rule_book import RuleBook
from seats.service import SeatService
from seats.staffing.advice import StaffingDesk
from telephony.agi import AgiServer, by_script
from telephony.ami import AmiLink
from telephony.bridge import Bridge
from telephony.calls import Call
from telephony.emergency import Emergencies
from telephony.instance import InstancePaths
from telephony.monitor_legs import MonitorLegs
from telephony.numbers import load_places, normalise
from telephony.provision import ami_secret
from telephony.queue_files import QueueFiles
from telephony.switch import Switch
from tickets.chain_heads import HEADS
from tickets.identity import Keyring
from tickets.service import TicketService
from web.admission import Admission
from web.auth import guard_for
from web.calendar_watch import CalendarWatch
from web.call_lookup import CallLookup, caller_lore
from web.caller_lore import Lore
from web.chain_watch import ChainWatch
from web.demo import seed_demo
from web.housekeeping import Housekeeping
from web.live_feed import Feed
from web.live_figures import LiveFigures
from web.live_hub import Hub
from web.live_truth import RoomsTruth
from web.metrics import Metrics
from web.placing import Placing
from web.screen_pop import PopStore
from web.ticket_status import TicketStatus
from web.wallboard.parts import Wallboard
from web.write_behind import WriteBehind

log = structlog.get_logger(__name__)


class Hotline:
    """One process of the hotline: made without touching anything, opened by `start`, shut by `close`."""

    def __init__(self, settings: Settings, clock: Clock = utc_now) -> None:
        self.settings = settings = with_own_secret(settings)
        self.clock = clock
        self.paths = InstancePaths((settings.data_dir / "asterisk").resolve())
        self.bus = bus_for(settings)
        self.database = Database(settings.database, self.bus)
        self.admission = Admission(self.database, clock)
        self.guard = guard_for(self.admission)
        self.calendar = LiveCalendar(self.database)

        self.link = link_for(settings, clock)
        self.switch = Switch(self.link, queue=settings.queue)
        self.bridge = Bridge(
            self.link,
            self.switch,
            self.database,
            clock,
            self.paths.recordings,
            queue=settings.queue,
            queue_log=self.paths.queue_log if settings.own_asterisk else None,
            # The desktops of this process are told on the spot, those of others over the bus.
            foreseen=lambda event: self.feed.show_offer(event.offer),
        )
        self.emergencies = Emergencies(
            self.link,
            self.switch,
            self.bridge.calls,
            settings.emergency_routes,
            settings.emergency_instead,
            settings.emergency_ring_seconds,
        )

        self.hub = Hub(clock, settings.physical_seats)
        self.seats = SeatService(
            self.database, self.switch, clock, settings, lambda: self.calendar.now
        )
        queue_files = QueueFiles(self.link, settings, self.paths)
        self.rules = RuleBook(self.database, clock, settings, queue_files.apply)
        self.elderly = ElderlyList(self.database, clock)
        self.surge = SurgeService(self.database, clock, self.paths.sounds / "hotline")
        self.agi = agi_server_for(
            self.database,
            settings,
            clock,
            self.surge,
            Placing(self.database, clock, self.rules, self.seats, self.switch, self.calls),
        )
        self.tests = frozenset(normalise(each) or each for each in settings.test_numbers)
        self.staffing = StaffingDesk(
            self.database, clock, self.seats.planned, self._calendar, self.tests
        )
        self.floor = FloorService(self.seats.room, MonitorLegs(self.link), self.switch, self.bridge)
        self.roster = RosterRoom(self.database, clock, load_calendar)
        lines = CallLookup(self.database, self.calls, self.hub)
        self.lines = lines
        self.tickets = TicketService(self.database, clock=clock, settings=settings, lines=lines)

        self.writes = WriteBehind(self.database)
        self.feed = Feed(
            self.hub,
            RoomsTruth(self.seats, self, LiveFigures(self.database, clock, self.tests)),
            self.lore,
            PopStore(self.database, self.writes, clock),
        )
        self.metrics = Metrics(self.hub, self, clock)
        watch = CalendarWatch(self.calendar, self.bus, self.hub, clock)
        chain = ChainWatch(self.tickets, self.hub, clock, settings.data_dir / HEADS)
        self.callbacks = CallbackService(
            self.database, clock, settings, self.seats.session_of, self.switch
        )
        self.wallboard = Wallboard(self)
        self.housekeeping = Housekeeping(
            self.seats,
            self.callbacks,
            self.hub,
            self.feed,
            watch,
            chain,
            self.surge,
            self.database,
            clock,
        )

    async def start(self) -> None:
        """Open everything, the switch last: its first facts find all listeners ready.

        Does not wait for Asterisk: the web is there without it, and /readyz says what is missing.
        """
        self.settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        await self.database.migrate(people=Keyring(self.settings))
        await self.bus.start()
        await self.calendar.reload()
        await self.tickets.prepare()
        await self.seats.start()
        await seed_demo(self.database, self.settings, self.clock)
        await self.bridge.start()
        self.writes.start()
        await self.feed.start()
        if surge := await self.surge.start():
            await self.feed.on_surge(surge)
        for event in await self.floor.under_way():
            await self.feed.on_monitor(event)
        await self.agi.start()
        await self.link.start()
        self.wallboard.start()
        self.housekeeping.start()
        asyncio.get_running_loop().run_in_executor(None, load_places)
        log.info("the hotline runs")

    async def close(self) -> None:
        """Shut in the reverse order; calls go on in Asterisk."""
        for part, shut in self._shutters():
            try:
                await shut()
            except Exception:
                log.exception("a part did not stop cleanly", part=part)

    @property
    def calls(self) -> Mapping[str, Call]:
        """The live table: calls that have not ended."""
        return self.bridge.calls

    @property
    def connected(self) -> bool:
        """The link is up, and what we believe has been compared with Asterisk since."""
        return self.bridge.in_step

    @property
    def backlog(self) -> int:
        return self.link.backlog

    @property
    def reconnects(self) -> int:
        return self.link.metrics.reconnects

    @property
    def menu_sessions(self) -> int:
        return self.agi.sessions

    async def lore(self, caller: str, dnid: str, menu: str) -> Lore:
        """Return what is known of a caller."""
        return await caller_lore(self.database, self.tickets, caller, dnid, menu)

    async def _calendar(self, _session: AsyncSession) -> WorkCalendar:
        return self.calendar.now

    def _shutters(self) -> list[tuple[str, Callable[[], Awaitable[None]]]]:
        return [
            ("housekeeping", self.housekeeping.close),
            ("emergencies", self.emergencies.close),
            ("wallboard", self.wallboard.close),
            ("callbacks", self.callbacks.close),
            ("agi", self.agi.close),
            ("link", self.link.close),
            ("bridge", self.bridge.close),
            ("surge", self.surge.close),
            ("floor", self.floor.close),
            ("seats", self.seats.close),
            ("feed", self.feed.close),
            ("writes", self.writes.close),
            ("bus", self.bus.close),
            ("database", self.database.close),
        ]


def with_own_secret(settings: Settings) -> Settings:
    """Return the settings with a secret of this installation: in demo mode none has to be set (X97)."""
    if settings.secret_key.get_secret_value() != DEMO_SECRET:
        return settings
    own = SecretStr(settings.generated("secret_key"))
    return settings.model_copy(update={"secret_key": own})


def bus_for(settings: Settings) -> Bus:
    return RedisBus(settings.redis_url) if settings.redis_url else LocalBus()


def link_for(settings: Settings, clock: Clock) -> AmiLink:
    return AmiLink(
        host=settings.ami_host,
        port=settings.ami_port,
        user=settings.ami_user,
        secret=ami_secret(settings),
        clock=clock,
    )


def agi_server_for(
    database: Database,
    settings: Settings,
    clock: Clock,
    surge: SurgeService,
    place: Place | None = None,
) -> AgiServer:
    """Return the server that walks callers through the shipped flow; not started."""
    flow = load_flow(DEFAULT, catalogue())
    questions = Questions(
        flow_for=lambda _dnid: flow,
        place=place,
        ticket_status=TicketStatus(database, Keyring(settings)),
        banner=surge.banner,
        inform=surge.ask_to_be_informed,
        clock=clock,
    )
    handler = by_script({"inbound": Runner(questions).call})
    return AgiServer(handler, settings.agi_host, settings.agi_port)
