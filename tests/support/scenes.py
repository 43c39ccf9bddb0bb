"""Hand-made facts and recorded sessions for tests of calls."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from telephony import facts as f
from telephony.ami_frames import events_in
from telephony.calls import Call
from telephony.directory import Directory
from telephony.fold import Happening, fold
from telephony.messages import fact_of

RECORDINGS = Path(__file__).parents[1] / "recordings"
NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
CALL_ID = "6f1d1f1e-0c1a-4a53-9d7e-3f1a0f123450"
CALLER, SEAT = "1000.1", "1000.2"


@dataclass
class Story:
    """Tells facts of one call, a second apart, and folds them."""

    call_id: str = CALL_ID
    at: datetime = NOON
    call: Call | None = None
    told: list[Happening] = field(default_factory=list)
    facts: list[f.ChannelFact] = field(default_factory=list)

    def about(self, uniqueid: str = CALLER, channel: str = "") -> f.About:
        name = channel or (
            "PJSIP/trunk-00000001" if uniqueid == CALLER else "PJSIP/seat03-00000002"
        )
        return {"uniqueid": uniqueid, "channel": name, "linkedid": CALLER, "call_id": self.call_id}

    def tell(self, *facts: f.ChannelFact) -> list[Happening]:
        """Fold the facts; return what happened."""
        happened: list[Happening] = []
        for fact in facts:
            self.call, happenings = fold(self.call, fact)
            happened += happenings
            self.facts.append(fact)
            self.at += timedelta(seconds=1)
        self.told += happened
        return happened

    def arrive(self, caller: str = "13900000001") -> list[Happening]:
        return self.tell(
            f.ChannelAppeared(at=self.at, **self.about(), caller=caller, context="from-trunk"),
            f.CallArrived(
                at=self.at, **self.about(), caller=caller, caller_name="王小明", dnid="12345"
            ),
        )

    def queue(self) -> list[Happening]:
        return self.tell(f.QueueJoined(at=self.at, **self.about(), queue="hotline", position=1))

    def offer(self, leg: str = SEAT, endpoint: str = "seat03") -> list[Happening]:
        channel = f"PJSIP/{endpoint}-0000{leg[-1]:0>4}"
        return self.tell(
            f.ChannelAppeared(at=self.at, **self.about(leg, channel)),
            f.AgentCalled(
                at=self.at,
                **self.about(),
                dest_uniqueid=leg,
                dest_channel=channel,
                endpoint=endpoint,
                queue="hotline",
            ),
        )

    def pick_up(self, leg: str = SEAT) -> list[Happening]:
        return self.tell(
            f.ChannelStateSeen(at=self.at, **self.about(leg), state=6),
            f.DialEnded(at=self.at, **self.about(), dest_uniqueid=leg, status="ANSWER"),
            f.QueueLeft(at=self.at, **self.about(), queue="hotline"),
        )

    def enter(self, leg: str, bridge: str = "b1") -> list[Happening]:
        return self.tell(f.BridgeEntered(at=self.at, **self.about(leg), bridge=bridge))

    def leave(self, leg: str, bridge: str = "b1") -> list[Happening]:
        return self.tell(f.BridgeLeft(at=self.at, **self.about(leg), bridge=bridge))

    def gone(self, leg: str = CALLER, cause: int = 16) -> list[Happening]:
        return self.tell(f.ChannelGone(at=self.at, **self.about(leg), cause=cause))

    def talk(self, leg: str = SEAT) -> list[Happening]:
        return [*self.offer(leg), *self.pick_up(leg), *self.enter(leg), *self.enter(CALLER)]

    @property
    def now(self) -> Call:
        assert self.call is not None
        return self.call

    def names(self) -> list[str]:
        return [type(happening).__name__ for happening in self.told]


def recorded_facts(name: str) -> list[f.ChannelFact]:
    """Return the facts of a recorded session, routed to their calls."""
    directory = Directory()
    facts: list[f.ChannelFact] = []
    for event in events_in((RECORDINGS / f"{name}.ami").read_bytes()):
        fact = fact_of(event, NOON)
        if isinstance(fact, f.ChannelFact):
            facts += directory.route(fact)
    return facts


def folded(facts: list[f.ChannelFact]) -> tuple[dict[str, Call], list[Happening]]:
    """Fold facts of several calls in order."""
    calls: dict[str, Call] = {}
    told: list[Happening] = []
    for fact in facts:
        calls[fact.call_id], happenings = fold(calls.get(fact.call_id), fact)
        told += happenings
    return calls, told


def talking() -> Story:
    """Return a call in which seat 03 talks; what was told so far is forgotten."""
    story = Story()
    story.arrive()
    story.queue()
    story.talk()
    story.told.clear()
    return story
