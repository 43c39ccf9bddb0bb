"""What all desktops share: switch, seats, plan, queue; encoded once however many receive it."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from web.live_state import Piece, Plan, Queue, Seat, Surge, Switch, encode


@dataclass
class Board:
    """The published state of the shared pieces; `put` tells what a change means to the sockets."""

    switch: Switch = field(default_factory=lambda: Switch(up=False))
    plan: Plan = field(default_factory=lambda: Plan(open_seats=0, physical_seats=0))
    queue: Queue = field(default_factory=Queue)
    surge: Surge | None = None
    seats: dict[str, Seat] = field(default_factory=dict)
    _text: str = ""

    def put_surge(self, surge: Surge | None) -> Iterator[tuple[str, Piece | None]]:
        if surge != self.surge:
            self.surge, self._text = surge, ""
            yield "surge", surge

    def put_switch(self, switch: Switch) -> Iterator[tuple[str, Piece]]:
        if switch != self.switch:
            self.switch, self._text = switch, ""
            yield "switch", switch

    def put_plan(self, plan: Plan) -> Iterator[tuple[str, Piece]]:
        if plan != self.plan:
            self.plan, self._text = plan, ""
            yield "plan", plan

    def put_queue(self, queue: Queue) -> Iterator[tuple[str, Piece]]:
        if queue != self.queue:
            self.queue, self._text = queue, ""
            yield "queue", queue

    def put_seats(self, seats: dict[str, Seat]) -> Iterator[tuple[str, Piece]]:
        changed = [seat for number, seat in seats.items() if self.seats.get(number) != seat]
        if changed:
            self.seats, self._text = {**self.seats, **seats}, ""
        for seat in changed:
            yield "seat", seat

    def text(self) -> str:
        """Return the shared members of a snapshot's state as JSON text, made once per change."""
        if not self._text:
            self._text = (
                f'"switch":{encode(self.switch)},"seats":{encode(self.seats)},'
                f'"plan":{encode(self.plan)},"queue":{encode(self.queue)},'
                f'"surge":{encode(self.surge)}'
            )
        return self._text
