"""Our own estimate of a wait (facts 11): from what agents did in the last two hours, or nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from seat_world import World

from seats.expected_wait import FEWEST, estimate, expected_minutes


@pytest.mark.parametrize(
    ("ahead", "seats", "handling", "minutes"),
    [(0, 10, 180, 1), (9, 10, 180, 3), (10, 10, 180, 4), (0, 2, 240, 2), (5, 0, 180, None)],
)
def test_the_next_free_seat_takes_the_next_caller(
    ahead: int, seats: int, handling: float, minutes: int | None
) -> None:
    assert estimate(ahead, seats, handling) == minutes


@given(ahead=st.integers(0, 500), seats=st.integers(1, 50), handling=st.floats(1, 3600))
def test_more_people_ahead_never_shorten_and_more_seats_never_lengthen_the_wait(
    ahead: int, seats: int, handling: float
) -> None:
    def of(ahead: int, seats: int) -> int:
        return estimate(ahead, seats, handling) or 61

    assert of(ahead, seats) <= of(ahead + 1, seats)
    assert of(ahead, seats + 1) <= of(ahead, seats)


async def test_with_few_calls_nothing_is_said_and_old_ones_do_not_count(world: World) -> None:
    await world.ready("王", "01")

    async def minutes(ahead: int) -> int | None:
        async with world.database.reading() as session:
            return await expected_minutes(session, ahead, world.clock())

    for number in range(FEWEST):
        assert await minutes(0) is None
        call = f"call-{number}"
        await world.ring("01", call)
        await world.answer("01", call)
        world.clock.advance(seconds=150)
        await world.end_talk("01", call)
        world.clock.advance(seconds=90)
        await world.service.set_ready(world.people["王"])
        await world.settle()
    assert (await minutes(0), await minutes(2)) == (4, 12)
    world.clock.advance(hours=3)
    assert await minutes(0) is None
