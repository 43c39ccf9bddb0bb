"""The link to Asterisk: connect and come back, one ordered intake, commands with time-outs, no replay."""

import asyncio
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import structlog

from core.clock import Clock, utc_now
from core.errors import HotlineError
from telephony.ami_action import LinkAction
from telephony.ami_frames import AmiEvent, AmiResponse, header_of
from telephony.ami_intake import Expectations, Incoming, Intake, LinkDown, LinkUp
from telephony.ami_limits import WANTED_EVENTS, LinkLimits
from telephony.ami_protocol import LinkMetrics, LinkProtocol
from telephony.errors import AmiDown, AmiLoginRefused, AmiRefused, AmiTimeout

__all__ = [
    "WANTED_EVENTS",
    "AmiEvent",
    "AmiLink",
    "AmiResponse",
    "LinkDown",
    "LinkLimits",
    "LinkMetrics",
    "LinkUp",
]

log = structlog.get_logger(__name__)

DEFAULT_LIMITS = LinkLimits()


class AmiLink:
    """A link that is kept up until `close`; one reader takes `intake()`, anybody may `send` and `ask`.

    Events not in `wanted` are dropped at the look of their name. When the intake is full the link is
    dropped and comes back once the reader has caught up: a re-sync instead of a silent loss. Nothing
    is sent twice: what was under way when the link broke fails with AmiDown. A peer that goes silent
    is noticed by a missing pong (see LinkLimits).
    """

    def __init__(
        self,
        *,
        host: str,
        port: int,
        user: str,
        secret: str,
        clock: Clock = utc_now,
        wanted: frozenset[str] = WANTED_EVENTS,
        limits: LinkLimits = DEFAULT_LIMITS,
    ) -> None:
        self.metrics = LinkMetrics()
        self.last_error = ""
        self._address, self._user, self._secret = (host, port), user, secret
        self._clock, self._wanted, self._limits = clock, wanted, limits
        self._intake = Intake(limits.intake)
        self._herald: Callable[[AmiEvent], None] | None = None
        self._expectations = Expectations()
        self._protocol: LinkProtocol | None = None
        self._live = asyncio.Event()
        self._startup = ""  # the present run of Asterisk, as it names it
        self._task: asyncio.Task[None] | None = None

    @property
    def connected(self) -> bool:
        return self._live.is_set()

    @property
    def backlog(self) -> int:
        """How many items wait in the intake."""
        return len(self._intake)

    async def start(self) -> None:
        """Begin to connect, and return at once: LinkUp in the intake tells that Asterisk is there."""
        if self._task is None:
            self._task = asyncio.create_task(self._stay_connected(), name="ami link")

    async def wait_connected(self, timeout: float = 10.0) -> None:
        """Return when the link is up; AmiDown, with the last reason, after `timeout` seconds."""
        try:
            async with asyncio.timeout(timeout):
                await self._live.wait()
        except TimeoutError:
            raise AmiDown(reason=self.last_error or "no answer yet") from None

    async def close(self) -> None:
        """End the link for good; nothing is tried again afterwards."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait([task])

    def announce_to(self, herald: Callable[[AmiEvent], None]) -> None:
        """Call `herald` with each event as it enters the intake, before anybody takes it; it must not wait."""
        self._herald = herald

    async def intake(self) -> Incoming:
        """Return the next event or mark, in order of arrival."""
        return await self._intake.get()

    def try_intake(self) -> Incoming | None:
        """Return what is next, None if nothing waits."""
        return self._intake.get_nowait()

    async def send(
        self, action: str, *, timeout: float = 5.0, **fields: str | list[str]
    ) -> AmiResponse:
        """Send one action and return Asterisk's answer; a list value repeats its header.

        Raises AmiInjection before anything is sent, AmiDown, AmiTimeout, or AmiRefused for an error.
        """
        sent = await self._request(self._up(), LinkAction(action, fields), timeout)
        return sent.result()

    async def ask(
        self, action: str, *, timeout: float = 10.0, **fields: str | list[str]
    ) -> list[AmiEvent]:
        """Send a list action and return its events, without the closing one; raises what `send` raises."""
        sent = await self._request(self._up(), LinkAction(action, fields, as_list=True), timeout)
        if sent.result().get("EventList").lower() != "start":
            raise AmiRefused(action=action, message="not a list action")
        return sent.events

    @contextmanager
    def expect(self, name: str, **headers: str) -> Iterator[asyncio.Future[AmiEvent]]:
        """Give a future of the first event `name` with these headers that arrives within the block.

        It fails with AmiDown when the link breaks; the event still goes its way into the intake.
        """
        self._up()
        with self._expectations.expect(name, headers) as seen:
            yield seen

    def _up(self) -> LinkProtocol:
        if self._protocol is None or not self._live.is_set():
            raise AmiDown(reason=self.last_error or "not connected")
        return self._protocol

    async def _request(
        self, protocol: LinkProtocol, action: LinkAction, timeout: float
    ) -> LinkAction:
        protocol.send(action)
        try:
            # Not asyncio.timeout: an answer that came while this process was busy still counts.
            await asyncio.wait([action.future], timeout=timeout)
            if not action.future.done():
                raise AmiTimeout(action=action.action, seconds=timeout)
            action.future.result()
            return action
        finally:
            protocol.forget(action)

    async def _stay_connected(self) -> None:
        failures = 0
        while True:
            began = time.monotonic()
            pause = min(self._limits.retry_most, self._limits.retry_first * 2.0**failures)
            try:
                reason = await self._one_connection()
            except AmiLoginRefused as error:
                reason, pause = str(error), self._limits.retry_refused
            except AmiDown as error:
                reason = error.details["reason"]
            except (OSError, TimeoutError, HotlineError) as error:
                reason = str(error) or type(error).__name__
            except Exception as error:
                # A bug of ours must not end the link for good.
                log.exception("ami link failed")
                reason = type(error).__name__
            self._note_down(reason)
            # A link that was up for a while begins anew; one that breaks at once is tried ever slower.
            failures = 0 if time.monotonic() - began > self._limits.retry_most else failures + 1
            # Jitter, so that several processes do not come back in step.
            await asyncio.sleep(pause * random.uniform(0.5, 1))
            await self._intake.room()

    async def _one_connection(self) -> str:
        """Connect, serve until the connection is over, and return why it ended."""
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(self._limits.connect_within):
            _, protocol = await loop.create_connection(
                lambda: LinkProtocol(self._on_event, self.metrics, self._limits.frame),
                *self._address,
            )
        self._protocol = protocol
        protocol.lost.add_done_callback(
            lambda lost: self._expectations.fail(AmiDown(reason=lost.result()))
        )
        pinging = asyncio.create_task(self._ping(protocol), name="ami ping")
        try:
            await self._log_in(protocol)
            await asyncio.wait([protocol.lost])
            return protocol.lost.result()
        finally:
            pinging.cancel()
            self._live.clear()
            self._protocol = None
            protocol.drop("closed")

    async def _log_in(self, protocol: LinkProtocol) -> None:
        async with asyncio.timeout(self._limits.connect_within):
            await protocol.greeted
        # FullyBooted comes on every login, and late when Asterisk is still loading its modules.
        with self._expectations.expect("FullyBooted", {}) as booted:
            login = LinkAction("Login", {"Username": self._user, "Secret": self._secret})
            try:
                (await self._request(protocol, login, self._limits.connect_within)).result()
            except AmiRefused as error:
                self.metrics.refusals += 1
                raise AmiLoginRefused(**error.details) from None
            try:
                async with asyncio.timeout(self._limits.boot_within):
                    await booted
            except TimeoutError:
                raise AmiDown(reason="Asterisk is not fully booted") from None
        await self._go_live(protocol)

    async def _go_live(self, protocol: LinkProtocol) -> None:
        status = (await self._request(protocol, LinkAction("CoreStatus", {}), 10.0)).result()
        settings = (await self._request(protocol, LinkAction("CoreSettings", {}), 10.0)).result()
        # Asterisk's own name for its start stays the same when our clock or its uptime is off.
        startup = f"{status['CoreStartupDate']} {status['CoreStartupTime']}"
        restarted, self._startup = self._startup not in ("", startup), startup
        version = settings["AsteriskVersion"]
        self.metrics.connects += 1
        self.metrics.reconnects = self.metrics.connects - 1
        self.last_error = ""
        self._live.set()
        self._intake.mark(LinkUp(self._clock(), restarted, version))
        log.info("ami link up", restarted=restarted, version=version)

    async def _ping(self, protocol: LinkProtocol) -> None:
        """Drop the connection when a pong is missing; an error is an answer too, before the login."""
        while not protocol.lost.done():
            await asyncio.wait([protocol.lost], timeout=self._limits.ping_every)
            try:
                await self._request(protocol, LinkAction("Ping", {}), self._limits.pong_within)
            except AmiTimeout:
                protocol.drop(f"no pong within {self._limits.pong_within:g} s")
            except AmiDown:
                return

    def _note_down(self, reason: str) -> None:
        """Tell the reader once per reason: a loss of the link, and why it does not come back."""
        if reason != self.last_error:
            log.warning("ami link down", reason=reason)
            self._intake.mark(LinkDown(self._clock(), reason))
        self.last_error = reason

    def _on_event(self, event: AmiEvent) -> None:
        self._expectations.show(event)
        if event.name not in self._wanted or not self._live.is_set():
            # Before LinkUp events say nothing that the reader will not ask about after it.
            self.metrics.unwanted += 1
            return
        if not self._intake.offer(event):
            self.metrics.overflows += 1
            if self._protocol is not None:
                self._protocol.drop("the reader of events is too slow")
            return
        self.metrics.events += 1
        if self._herald is not None:
            self._herald(event)
        stamp = header_of(event.frame, b"Timestamp")
        if stamp is not None:
            with suppress(ValueError):
                self.metrics.lag = self._clock().timestamp() - float(stamp)
