"""What all desktops share: switch, seats, plan, queue, figures; encoded once however many receive it."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from web.live_state import Figures, Piece, Plan, Queue, Seat, Surge, Switch, encode


@dataclass
class Board:
    """The published state of the shared pieces; `put` tells what a change means to the sockets."""

    switch: Switch = field(default_factory=lambda: Switch(up=False))
    plan: Plan = field(default_factory=lambda: Plan(open_seats=0, physical_seats=0))
    queue: Queue = field(default_factory=Queue)
    surge: Surge | None = None
    seats: dict[str, Seat] = field(default_factory=dict)
    figures: Figures | None = None
    _texts: dict[bool, str] = field(default_factory=dict)

    def put_surge(self, surge: Surge | None) -> Iterator[tuple[str, Piece | None]]:
        if surge != self.surge:
            self.surge, self._texts = surge, {}
            yield "surge", surge

    def put_switch(self, switch: Switch) -> Iterator[tuple[str, Piece]]:
        if switch != self.switch:
            self.switch, self._texts = switch, {}
            yield "switch", switch

    def put_plan(self, plan: Plan) -> Iterator[tuple[str, Piece]]:
        if plan != self.plan:
            self.plan, self._texts = plan, {}
            yield "plan", plan

    def put_queue(self, queue: Queue) -> Iterator[tuple[str, Piece]]:
        if queue != self.queue:
            self.queue, self._texts = queue, {}
            yield "queue", queue

    def put_figures(self, figures: Figures) -> Iterator[tuple[str, Piece]]:
        if figures != self.figures:
            self.figures, self._texts = figures, {}
            yield "figures", figures

    def put_seats(self, seats: dict[str, Seat]) -> Iterator[tuple[str, Piece]]:
        changed = [seat for number, seat in seats.items() if self.seats.get(number) != seat]
        if changed:
            self.seats, self._texts = {**self.seats, **seats}, {}
        for seat in changed:
            yield "seat", seat

    def text(self, *, names: bool = True) -> str:
        """Return the shared members of a snapshot's state as JSON text, made once per change."""
        if names not in self._texts:
            seats = self.seats if names else {n: nameless(seat) for n, seat in self.seats.items()}
            self._texts[names] = (
                f'"switch":{encode(self.switch)},"seats":{encode(seats)},'
                f'"plan":{encode(self.plan)},"queue":{encode(self.queue)},'
                f'"figures":{encode(self.figures)},"surge":{encode(self.surge)}'
            )
        return self._texts[names]


def nameless(seat: Seat) -> Seat:
    """Return a seat without who sits there."""
    return replace(seat, agent_name="")
