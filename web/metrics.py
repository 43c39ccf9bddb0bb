"""The figures of /metrics: counters fed by events, gauges read from the parts when asked."""

from collections import Counter as Tally
from collections.abc import Iterator, Mapping
from typing import Protocol

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from core.clock import Clock
from core.events import Event
from telephony.events import CallEnded, SwitchUp
from web.live_hub import Hub

disable_created_metrics()  # type: ignore[no-untyped-call]


class SwitchFigures(Protocol):
    """What the switch's parts tell of themselves."""

    @property
    def connected(self) -> bool: ...

    @property
    def backlog(self) -> int: ...

    @property
    def reconnects(self) -> int: ...

    @property
    def calls(self) -> Mapping[str, object]: ...

    @property
    def menu_sessions(self) -> int: ...


class Metrics(Collector):
    """All figures of one process in a registry of its own."""

    def __init__(self, hub: Hub, switch: SwitchFigures, clock: Clock) -> None:
        self._hub, self._switch, self._clock = hub, switch, clock
        self.registry = CollectorRegistry()
        self._outcomes = Counter(
            "hotline_calls", "Calls ended, by outcome", ["outcome"], registry=self.registry
        )
        self._corrections = Counter(
            "hotline_resync_corrections",
            "Differences found between us and Asterisk at a re-sync",
            registry=self.registry,
        )
        self._lag = Histogram(
            "hotline_event_lag_seconds",
            "From a fact's own time to its delivery in this process",
            buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30),
            registry=self.registry,
        )
        self.registry.register(self)

    def text(self) -> bytes:
        """Return everything in Prometheus' text format."""
        return generate_latest(self.registry)

    async def on_event(self, event: Event) -> None:
        self._lag.observe(max(0.0, (self._clock() - event.at).total_seconds()))

    async def on_call_ended(self, event: CallEnded) -> None:
        self._outcomes.labels(event.outcome).inc()

    async def on_switch_up(self, event: SwitchUp) -> None:
        self._corrections.inc(event.corrections)

    def collect(self) -> Iterator[Metric]:
        hub, switch = self._hub, self._switch
        for name, text, value in (
            ("hotline_switch_up", "1 while the AMI link is up", float(switch.connected)),
            ("hotline_calls_in_system", "Calls that have not ended", len(switch.calls)),
            (
                "hotline_intake_backlog",
                "Events of Asterisk that wait to be taken in",
                switch.backlog,
            ),
            ("hotline_menu_sessions", "Callers who are with the IVR", switch.menu_sessions),
            ("hotline_queue_waiting", "Callers who wait", len(hub.board.queue.waiting)),
            ("hotline_pops_unacknowledged", "Screen-pops not yet seen", hub.unacknowledged),
            ("hotline_live_sockets", "Desktops connected", hub.sockets),
        ):
            yield GaugeMetricFamily(name, text, value=value)
        for name, text, count in (
            ("hotline_switch_reconnects", "AMI connections after the first", switch.reconnects),
            ("hotline_live_resumed", "Desktops that came back without a snapshot", hub.resumed),
            ("hotline_live_snapshots", "Snapshots sent to desktops", hub.snapshots),
        ):
            yield CounterMetricFamily(name, text, value=count)
        agents = GaugeMetricFamily("hotline_seats", "Seats by state", labels=["state"])
        for state, number in Tally(seat.state for seat in hub.board.seats.values()).items():
            agents.add_metric([state], number)
        yield agents
