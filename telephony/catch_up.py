"""Calls that went on while we were away: lines of queue_log that the ledger cannot explain become facts (pure)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from telephony import facts as f
from telephony.messages import call_id_in, endpoint_of
from telephony.models import QueueLogRow
from telephony.numbers import normalise


@dataclass(frozen=True, kw_only=True)
class Lost:
    """An unexplained line: of which call, at which moment, and whether its caller is still there.

    `talking` is the leg of the seat that talks with the caller as far as the ledger knows, '' for none.
    """

    row: QueueLogRow
    at: datetime
    call_id: str
    alive: bool
    talking: str = ""

    @property
    def about(self) -> f.About:
        uniqueid = self.row.uniqueid
        return {
            "uniqueid": uniqueid,
            "channel": "",
            "linkedid": uniqueid,
            "call_id": self.call_id,
        }

    def data(self, index: int) -> str:
        return self.row.data[index] if len(self.row.data) > index else ""


def facts_of(lost: Lost) -> list[f.ChannelFact]:
    """Return the facts that a lost line stands for; [] for a line that is not about the fate of a call.

    While the caller is still there Asterisk itself is asked about the talk, so CONNECT adds nothing.
    """
    make = _MEANING.get(lost.row.event)
    if make is None:
        return []
    # Both lines that begin a call name its caller in the same place.
    caller = normalise(lost.data(1)) if lost.row.event in ("CALLARRIVED", "ENTERQUEUE") else ""
    appeared = f.ChannelAppeared(at=lost.at, **lost.about, corrected=True, caller=caller)
    return [appeared, *make(lost)]


def _arrived(lost: Lost) -> Iterator[f.ChannelFact]:
    yield f.CallArrived(
        at=lost.at,
        **lost.about,
        corrected=True,
        caller=normalise(lost.data(1)),
        dnid=lost.data(2)[:32],
    )


def _gone(lost: Lost) -> Iterator[f.ChannelFact]:
    if not lost.alive:
        yield f.ChannelGone(at=lost.at, **lost.about, corrected=True)


def _entered(lost: Lost) -> Iterator[f.ChannelFact]:
    position = lost.data(2)
    yield f.QueueJoined(
        at=lost.at,
        **lost.about,
        corrected=True,
        queue=lost.row.queue,
        position=int(position) if position.isdecimal() else 0,
    )


def _rang(lost: Lost) -> Iterator[f.ChannelFact]:
    ring = int(lost.data(0)) if lost.data(0).isdecimal() else 0
    yield from _offered(lost, f"queue-log-{lost.row.id}", timedelta(milliseconds=ring))
    yield f.ChannelGone(
        at=lost.at,
        uniqueid=f"queue-log-{lost.row.id}",
        call_id=lost.call_id,
        corrected=True,
        cause=26 if lost.row.event == "RINGCANCELED" else 19,
    )


def _connected(lost: Lost) -> Iterator[f.ChannelFact]:
    agent = lost.data(1)
    if lost.alive or not agent:
        return
    ring = int(lost.data(2)) if lost.data(2).isdecimal() else 0
    yield from _offered(lost, agent, timedelta(seconds=ring))
    yield f.QueueLeft(at=lost.at, **lost.about, corrected=True, queue=lost.row.queue)
    for uniqueid in (lost.row.uniqueid, agent):
        yield f.BridgeEntered(
            at=lost.at,
            uniqueid=uniqueid,
            call_id=lost.call_id,
            corrected=True,
            bridge=f"queue-log-{agent}",
        )


def _completed(lost: Lost) -> Iterator[f.ChannelFact]:
    if not lost.talking:
        return
    yield f.AgentCompleted(
        at=lost.at,
        **lost.about,
        corrected=True,
        dest_uniqueid=lost.talking,
        endpoint=endpoint_of(lost.row.agent),
        reason="agent" if lost.row.event == "COMPLETEAGENT" else "caller",
    )
    yield f.ChannelGone(at=lost.at, uniqueid=lost.talking, call_id=lost.call_id, corrected=True)
    yield from _gone(lost)


def _abandoned(lost: Lost) -> Iterator[f.ChannelFact]:
    yield f.QueueAbandoned(at=lost.at, **lost.about, corrected=True, queue=lost.row.queue)
    yield f.QueueLeft(at=lost.at, **lost.about, corrected=True, queue=lost.row.queue)
    yield from _gone(lost)


def _exit(outcome: str) -> Callable[[Lost], Iterator[f.ChannelFact]]:
    def left(lost: Lost) -> Iterator[f.ChannelFact]:
        yield f.OutcomeDeclared(at=lost.at, **lost.about, corrected=True, outcome=outcome)
        yield f.QueueLeft(at=lost.at, **lost.about, corrected=True, queue=lost.row.queue)

    return left


def _offered(lost: Lost, agent: str, ago: timedelta) -> Iterator[f.ChannelFact]:
    yield f.AgentCalled(
        at=lost.at - ago,
        **lost.about,
        corrected=True,
        dest_uniqueid=agent,
        dest_channel="",
        endpoint=endpoint_of(lost.row.agent),
        queue=lost.row.queue,
    )


def stated_call_id(row: QueueLogRow) -> str:
    """Return the call id that our dialplan wrote into the line, '' for a line of app_queue."""
    return call_id_in(row.data[0]) if row.event in ("CALLARRIVED", "CALLGONE") and row.data else ""


_MEANING: dict[str, Callable[[Lost], Iterator[f.ChannelFact]]] = {
    "CALLARRIVED": _arrived,
    "CALLGONE": _gone,
    "ENTERQUEUE": _entered,
    "RINGNOANSWER": _rang,
    "RINGCANCELED": _rang,
    "CONNECT": _connected,
    "COMPLETECALLER": _completed,
    "COMPLETEAGENT": _completed,
    "ABANDON": _abandoned,
    "EXITWITHTIMEOUT": _exit("timed_out"),
    "EXITEMPTY": _exit("left_empty"),
}
