"""The published live state and the streams that carry it: what a snapshot says and every event after it."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from core.clock import Clock
from core.security import OFFICE, Role
from web.live_board import Board, nameless
from web.live_desk import Desk
from web.live_state import Notice, Piece, Seat, TicketHint, encode, event_body
from web.live_stream import OTHER_TAB, SIGNED_OUT, Connection, Stream

KEPT_FOR = timedelta(minutes=5)
OVERSEERS = OFFICE | {Role.SHIFT_LEADER}


class Hub:
    """Every change goes through `share`, `tell` or `update`, which publish it in the same breath.

    Nothing here waits: a change is in the board or desk and in the streams before the caller goes on.
    """

    def __init__(self, clock: Clock, physical_seats: int) -> None:
        self.clock = clock
        self.board = Board()
        self.desks: dict[int, Desk] = {}
        self.streams: dict[int, Stream] = {}
        self.resumed = self.snapshots = 0
        self._at: dict[str, int] = {}
        self._shown: dict[tuple[str, frozenset[Role]], Piece] = {}
        # One change of the switch may touch every seat at once; that is no sign of a slow reader.
        self._max_lag = 256 + 2 * physical_seats

    def desk(self, account_id: int) -> Desk:
        return self.desks.get(account_id, Desk())

    def account_at(self, endpoint: str) -> int | None:
        """Return who works at `endpoint` now."""
        return self._at.get(endpoint)

    def update(self, account_id: int, desk: Desk) -> None:
        """Replace an agent's desk and send him what differs."""
        old = self.desk(account_id)
        self.desks[account_id] = desk
        if old.session and self._at.get(old.session.endpoint) == account_id:
            del self._at[old.session.endpoint]
        if desk.session:
            self._at[desk.session.endpoint] = account_id
        stream = self.streams.get(account_id)
        if stream is None:
            return
        at = self.clock()
        # The pop first: who is calling is on the screen before the seat is seen to ring.
        for name, before, now in (
            ("pop", old.pop, desk.pop),
            ("session", old.session, desk.session),
            ("call", old.call, desk.call),
            ("monitor", old.monitor, desk.monitor),
        ):
            if before != now:
                stream.append(event_body(name, now, at))

    def share(self, changes: Iterable[tuple[str, Piece | None]]) -> None:
        """Send changes of the board to everybody, each encoded once; screens on a wall get no names."""
        at = self.clock()
        for name, piece in changes:
            body = event_body(name, piece, at)
            masked = event_body(name, nameless(piece), at) if isinstance(piece, Seat) else body
            for stream in self.streams.values():
                stream.append(masked if stream.is_screen else body)

    def show(self, name: str, shown: Iterable[tuple[Piece, frozenset[Role]]]) -> None:
        """Replace a piece that is not for everybody: each part, if it differs, goes to those who hold its roles."""
        at = self.clock()
        for piece, roles in shown:
            if self._shown.get((name, roles)) == piece:
                continue
            self._shown[name, roles] = piece
            body = event_body(name, piece, at)
            for stream in self.streams.values():
                if stream.roles & roles:
                    stream.append(body)

    def hint(self, hint: TicketHint, account_id: int | None) -> None:
        """Tell those who may list this ticket that it changed."""
        body = event_body("ticket", hint, self.clock())
        self._send(body, lambda who, roles: who == account_id or bool(roles & OVERSEERS))

    def notify(self, notice: Notice, roles: frozenset[Role]) -> None:
        """Show a notice once to everybody who holds one of `roles`."""
        body = event_body("notice", notice, self.clock())
        self._send(body, lambda _who, held: bool(held & roles))

    def notify_person(self, notice: Notice, account_id: int) -> None:
        """Show a notice once to one person."""
        body = event_body("notice", notice, self.clock())
        self._send(body, lambda who, _roles: who == account_id)

    def attach(self, connection: Connection, stream_id: str, after: int) -> str | None:
        """Join the account's stream: None if the events after `after` suffice, else the snapshot frame."""
        account_id = connection.principal.account_id
        stream = self.streams.get(account_id)
        if stream is None:
            stream = Stream(keep=2 * self._max_lag, max_lag=self._max_lag)
            self.streams[account_id] = stream
        stream.roles = connection.principal.roles
        if self.desk(account_id).session:
            for other in stream.connections:
                other.close(OTHER_TAB)
        stream.idle_since = None
        stream.connections.add(connection)
        if stream.holds(stream_id, after):
            self.resumed += 1
            connection.cursor = after
            connection.woken.set()
            return None
        self.snapshots += 1
        connection.cursor = stream.seq
        return self.snapshot(account_id)

    def detach(self, connection: Connection) -> None:
        """The socket is gone; its stream is kept for a while."""
        stream = self.streams.get(connection.principal.account_id)
        if stream is not None:
            stream.connections.discard(connection)
            if not stream.connections:
                stream.idle_since = self.clock()

    def snapshot(self, account_id: int) -> str:
        """Return the snapshot frame of one account's stream."""
        stream, desk = self.streams[account_id], self.desk(account_id)
        return (
            f'{{"type":"snapshot","stream":"{stream.id}","seq":{stream.seq},"state":'
            f'{{"server_time":{encode(self.clock())},{self.board.text(names=not stream.is_screen)},'
            f"{self._pieces_for(stream.roles)}"
            f'"session":{encode(desk.session)},"call":{encode(desk.call)},"pop":{encode(desk.pop)},'
            f'"monitor":{encode(desk.monitor)}}}}}'
        )

    def _pieces_for(self, held: frozenset[Role]) -> str:
        seen = {name: piece for (name, roles), piece in self._shown.items() if held & roles}
        return "".join(f'"{name}":{encode(piece)},' for name, piece in seen.items())

    def signed_out(self, account_id: int, token: str | None = None) -> None:
        """Close the sockets of one sign-in (or of all of an account) with 4001."""
        stream = self.streams.get(account_id)
        for connection in stream.connections if stream else ():
            if token is None or connection.token == token:
                connection.close(SIGNED_OUT)

    def forget_idle(self) -> None:
        """Drop streams that nobody came back to, and desks with nothing on them."""
        limit: datetime = self.clock() - KEPT_FOR
        for account_id, stream in list(self.streams.items()):
            if stream.idle_since and stream.idle_since < limit:
                del self.streams[account_id]
        for account_id, desk in list(self.desks.items()):
            if desk == Desk():
                del self.desks[account_id]

    @property
    def sockets(self) -> int:
        return sum(len(stream.connections) for stream in self.streams.values())

    @property
    def unacknowledged(self) -> int:
        return sum(not each.acknowledged for desk in self.desks.values() for each in desk.pops)

    def _send(self, body: str, wanted: Callable[[int, frozenset[Role]], bool]) -> None:
        for account_id, stream in self.streams.items():
            if wanted(account_id, stream.roles):
                stream.append(body)
