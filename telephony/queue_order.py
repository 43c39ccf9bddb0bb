"""Moving a waiting caller up by the only means that app_queue has, priorities: which changes it takes (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass

from telephony.errors import CannotMoveUp
from telephony.switch import Waiting

EMERGENCY = 100
"""The priority of key 9 (asterisk-config, emergency); nobody is moved ahead of these."""


@dataclass(frozen=True)
class Promotion:
    """Give the caller on `channel` this priority."""

    channel: str
    priority: int


def promotion(line: Sequence[Waiting], channel: str, *, to_head: bool) -> list[Promotion]:
    """Return what to change, in order, so that `channel` passes one caller or all; the others keep their order.

    `line` is Asterisk's own, head first. Changed callers go behind those of the same priority, so that each step
    leaves everybody else where he was. CannotMoveUp at the head and behind emergencies; [] never.
    """
    here = next((i for i, entry in enumerate(line) if entry.channel == channel), 0)
    first = next((i for i, entry in enumerate(line) if entry.priority < EMERGENCY), len(line))
    passed = first if to_head else max(first, here - 1)
    if here <= passed or line[passed].priority + 1 >= EMERGENCY:
        raise CannotMoveUp()
    priority = line[passed].priority + 1
    ahead = [entry for entry in line[:passed] if entry.priority < priority]
    return [Promotion(entry.channel, priority) for entry in (*ahead, line[here])]
