"""A call as we know it: frozen values that only `fold` makes anew."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Literal, get_args

from telephony.events import EmergencyResult, OfferResult, Outcome, SegmentEnd
from telephony.states import OPEN_OFFERS, Evidence, LegState, OfferState, Phase

Role = Literal["caller", "agent", "other"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Leg:
    """One channel of a call. `farewell`: who ended the talk, when Asterisk told before it happened.

    `resumes`: a reloaded desktop's new leg, until it stands in the bridge in the place of the lost one.
    `takes_over`: a shift leader's leg, until the caller is in one bridge with it.
    """

    uniqueid: str
    role: Role
    started_at: datetime
    channel: str = ""
    endpoint: str = ""
    state: LegState = "new"
    bridge: str = ""
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    cause: int = 0
    farewell: SegmentEnd | None = None
    resumes: bool = False
    takes_over: bool = False

    @property
    def live(self) -> bool:
        return self.state != "gone"


@dataclass(frozen=True, kw_only=True, slots=True)
class Offer:
    """One attempt to reach a seat; `uniqueid` is the leg that rang."""

    attempt: int
    endpoint: str
    uniqueid: str
    offered_at: datetime
    state: OfferState = "ringing"
    ended_at: datetime | None = None

    @property
    def open(self) -> bool:
        return self.state in OPEN_OFFERS

    @property
    def result(self) -> OfferResult | None:
        return _RESULTS.get(self.state)


@dataclass(frozen=True, kw_only=True, slots=True)
class Segment:
    """The time that one seat talked with the caller; `attempt` is 0 when the seat was not offered the call."""

    number: int
    endpoint: str
    uniqueid: str
    attempt: int
    started_at: datetime
    ended_at: datetime | None = None
    reason: SegmentEnd | None = None

    @property
    def open(self) -> bool:
        return self.ended_at is None

    @property
    def talk_seconds(self) -> float:
        return _seconds(self.started_at, self.ended_at)


@dataclass(frozen=True, kw_only=True, slots=True)
class EmergencyAttempt:
    """One route that was tried to the desk `number`; `result` is set with `ended_at`."""

    attempt: int
    number: str
    route: str
    dialled_at: datetime
    reached_at: datetime | None = None
    ended_at: datetime | None = None
    result: EmergencyResult | None = None

    @property
    def talk_seconds(self) -> float:
        return 0.0 if self.reached_at is None else _seconds(self.reached_at, self.ended_at)


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """One citizen conversation; `id` is our UUID, `linkedid` is stored for the record only.

    `queued_at` is the first entry into a queue, `joined_at` the present or latest one.
    """

    id: str
    started_at: datetime
    phase: Phase = "routing"
    phase_since: datetime
    linkedid: str = ""
    caller: str = ""
    caller_name: str = ""
    dnid: str = ""
    menu: str = ""
    emergency: bool = False
    queue: str = ""
    position: int = 0
    in_queue: bool = False
    queued_at: datetime | None = None
    joined_at: datetime | None = None
    left_queue_at: datetime | None = None
    announced: bool = False
    recording: str = ""
    legs: Mapping[str, Leg] = field(default_factory=lambda: MappingProxyType({}))
    offers: tuple[Offer, ...] = ()
    segments: tuple[Segment, ...] = ()
    emergencies: tuple[EmergencyAttempt, ...] = ()
    evidence: frozenset[Evidence] = frozenset(("arrived",))
    outcome: Outcome | None = None
    ended_at: datetime | None = None
    last_at: datetime
    facts: int = 0
    divergences: int = 0

    @property
    def caller_leg(self) -> Leg | None:
        return next((leg for leg in self.legs.values() if leg.role == "caller"), None)

    @property
    def live_legs(self) -> list[Leg]:
        return [leg for leg in self.legs.values() if leg.live]

    @property
    def answered_at(self) -> datetime | None:
        """When talk first began."""
        return self.segments[0].started_at if self.segments else None

    @property
    def waited_seconds(self) -> float:
        """Seconds from the first queue entry to the first talk, or to the end of the waiting; 0 if it never queued."""
        if self.queued_at is None:
            return 0.0
        return _seconds(self.queued_at, self.answered_at or self.left_queue_at or self.ended_at)

    @property
    def talk_seconds(self) -> float:
        """Seconds during which at least one agent talked with the caller."""
        total, covered = 0.0, None
        for segment in sorted(self.segments, key=lambda s: s.started_at):
            start, end = segment.started_at, segment.ended_at
            if end is None:
                continue
            start = start if covered is None or start > covered else covered
            total += _seconds(start, end)
            covered = end if covered is None or end > covered else covered
        return total

    @property
    def served_after(self) -> float | None:
        """Seconds from the queue entry (0 without one) to the talk by which a person answered; None if nobody did.

        A talk counts once its agent's leg was up for a second; one that goes on is taken to reach it (S03, S05).
        """
        served = next((s for s in self.segments if s.open or self._up_seconds(s) >= 1.0), None)
        if served is None:
            return None
        return _seconds(self.queued_at or served.started_at, served.started_at)

    def _up_seconds(self, segment: Segment) -> float:
        leg = self.legs.get(segment.uniqueid)
        up, gone = (leg.answered_at, leg.ended_at) if leg else (None, None)
        return _seconds(up or segment.started_at, gone or segment.ended_at)

    def segment_of(self, uniqueid: str) -> Segment | None:
        """Return the segment that the leg `uniqueid` talks in now."""
        return next((s for s in self.segments if s.uniqueid == uniqueid and s.open), None)

    def offer_of(self, uniqueid: str) -> Offer | None:
        return next((o for o in self.offers if o.uniqueid == uniqueid), None)


_RESULTS: dict[OfferState, OfferResult] = {result: result for result in get_args(OfferResult)}


def _seconds(start: datetime, end: datetime | None) -> float:
    return 0.0 if end is None else max(0.0, (end - start).total_seconds())
