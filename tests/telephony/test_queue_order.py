"""Moving a waiting caller up with nothing but priorities: whoever is not moved keeps his place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.errors import CannotMoveUp
from telephony.queue_order import EMERGENCY, promotion
from telephony.switch import Waiting

Line = list[Waiting]


def line_of(*priorities: int) -> Line:
    return [
        Waiting(
            channel=f"PJSIP/trunk-{number:08x}",
            uniqueid=f"1000.{number}",
            caller="",
            caller_name="",
            position=number,
            priority=priority,
            waited_seconds=0,
        )
        for number, priority in enumerate(priorities, 1)
    ]


def changed(line: Line, channel: str, priority: int) -> Line:
    """What app_queue does: out of the list, then behind the last of the same or a higher priority."""
    rest = [entry for entry in line if entry.channel != channel]
    moved = next(entry for entry in line if entry.channel == channel)
    moved = Waiting(**{**vars(moved), "priority": priority})
    ahead = sum(entry.priority >= priority for entry in rest)
    return [*rest[:ahead], moved, *rest[ahead:]]


def after(line: Line, number: int, *, to_head: bool) -> list[str]:
    channel = line[number].channel
    for change in promotion(line, channel, to_head=to_head):
        line = changed(line, change.channel, change.priority)
    return [entry.channel for entry in line]


LINES = st.lists(st.sampled_from((0, 1, 5, EMERGENCY)), min_size=1, max_size=8).map(
    lambda priorities: line_of(*sorted(priorities, reverse=True))
)


@given(line=LINES, number=st.integers(0, 7), to_head=st.booleans())
def test_exactly_the_chosen_caller_moves_and_never_ahead_of_an_emergency(
    line: Line, number: int, to_head: bool
) -> None:
    number %= len(line)
    names = [entry.channel for entry in line]
    first = sum(entry.priority >= EMERGENCY for entry in line)
    if number <= first:
        with pytest.raises(CannotMoveUp):
            after(line, number, to_head=to_head)
        return
    place = first if to_head else number - 1
    rest = [*names[:number], *names[number + 1 :]]
    assert after(line, number, to_head=to_head) == [*rest[:place], names[number], *rest[place:]]


def test_a_caller_who_has_left_is_not_moved() -> None:
    with pytest.raises(CannotMoveUp):
        promotion(line_of(0, 0), "PJSIP/trunk-000000ff", to_head=True)


def test_priorities_never_grow_into_those_of_emergencies() -> None:
    with pytest.raises(CannotMoveUp):
        promotion(line_of(99, 0), "PJSIP/trunk-00000002", to_head=True)
