"""Which call a fact belongs to: by our id on the channel, else by channel, linked set or bridge."""

import uuid
from collections import OrderedDict
from dataclasses import replace

from telephony import facts as f
from telephony.calls import Call
from telephony.messages import endpoint_of, is_agent

TRUNK_CONTEXT = "from-trunk"
_NAMESPACE = uuid.UUID("8d6f3f0e-6a0c-5a0e-9a53-1f3a0f12345a")


def derived_id(uniqueid: str) -> str:
    """Return the id of a call that ended before it was given one, or that only queue_log knows."""
    return str(uuid.uuid5(_NAMESPACE, uniqueid))


class Directory:
    """Learns from every fact; channels of no call yet are kept until they join one (at most `limit`)."""

    def __init__(self, limit: int = 5000) -> None:
        self._limit = limit
        self._calls: dict[str, str] = {}
        self._bridges: dict[str, str] = {}
        self._seats: dict[str, str] = {}
        self._strangers: OrderedDict[str, list[f.ChannelFact]] = OrderedDict()

    def call_of(self, uniqueid: str) -> str:
        """Return the call of a channel, '' for a channel of none."""
        return self._calls.get(uniqueid, "")

    def learn(self, call: Call) -> None:
        """Know the legs and bridges of a call that was read back from the ledger."""
        for leg in call.legs.values():
            self._calls[leg.uniqueid] = call.id
            if leg.bridge:
                self._bridges[leg.bridge] = call.id
            if leg.role == "agent" and leg.live:
                self._seats[leg.endpoint] = call.id

    def forget(self, call: Call) -> None:
        """Drop what leads to a call that is over."""
        for uniqueid in call.legs:
            self._calls.pop(uniqueid, None)
        for bridge in [b for b, call_id in self._bridges.items() if call_id == call.id]:
            del self._bridges[bridge]
        for seat in [seat for seat, call_id in self._seats.items() if call_id == call.id]:
            del self._seats[seat]

    def route(self, fact: f.ChannelFact) -> list[f.ChannelFact]:
        """Return the facts that may now be folded, each with its call id; [] while the call is unknown."""
        call_id = self._find(fact)
        if not call_id:
            return self._stranger(fact)
        ready: list[f.ChannelFact] = []
        for uniqueid in (fact.uniqueid, fact.dest_uniqueid if isinstance(fact, f.DialFact) else ""):
            if uniqueid and uniqueid not in self._calls:
                self._calls[uniqueid] = call_id
                ready += self._strangers.pop(uniqueid, [])
        if isinstance(fact, f.BridgeEntered):
            self._bridges[fact.bridge] = call_id
        for channel in (fact.channel, fact.dest_channel if isinstance(fact, f.DialFact) else ""):
            if is_agent(endpoint := endpoint_of(channel)):
                self._seats[endpoint] = call_id
        return [replace(item, call_id=call_id) for item in (*ready, fact)]

    def _find(self, fact: f.ChannelFact) -> str:
        # The first word counts: a channel that changes its call would split both calls' ledgers.
        known = self._calls.get(fact.uniqueid) or fact.call_id
        if not known and isinstance(fact, f.DialFact):
            known = self._calls.get(fact.dest_uniqueid) or fact.dest_call_id
        if not known and isinstance(fact, f.BridgeEntered):
            known = self._bridges.get(fact.bridge, "")
        if not known and isinstance(fact, f.ChannelAppeared) and fact.resumes:
            known = self._seats.get(endpoint_of(fact.channel), "")
        return known or self._calls.get(fact.linkedid, "")

    def _stranger(self, fact: f.ChannelFact) -> list[f.ChannelFact]:
        if isinstance(fact, f.DialFact) or not fact.uniqueid:
            return []
        seen = self._strangers.setdefault(fact.uniqueid, [])
        if isinstance(fact, f.ChannelGone):
            del self._strangers[fact.uniqueid]
            first = seen[0] if seen else None
            if isinstance(first, f.ChannelAppeared) and first.context == TRUNK_CONTEXT:
                # It reached the trunk, so it counts, though it left before the dialplan named it.
                call_id = derived_id(fact.uniqueid)
                self._calls[fact.uniqueid] = call_id
                return [replace(item, call_id=call_id) for item in (*seen, fact)]
            return []
        if len(seen) < 10:
            seen.append(fact)
        if len(self._strangers) > self._limit:
            self._strangers.popitem(last=False)
        return []
