"""The forecast: days like the day, robust to storms, honest about few data (telephony spec 4)."""

from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.calendar import DayKind, shipped_calendar
from seats.staffing.forecast import (
    HALVES,
    DayVolumes,
    Forecast,
    forecast,
    holiday_factor,
    season_factor,
    shape,
)

TODAY = date(2026, 9, 14)  # a Monday; no holiday in the eight weeks before
CALENDAR = shipped_calendar()
DAY = timedelta(days=1)
BUSY = tuple(10 if 16 <= half < 36 else 1 for half in range(HALVES))


def past(day: date, factor: float = 1.0, kind: DayKind | None = None) -> DayVolumes:
    counts = tuple(round(count * factor) for count in BUSY)
    return DayVolumes(
        day=day, kind=kind or CALENDAR.kind(day), counts=counts, holiday=CALENDAR.name(day)
    )


def weeks(many: int, factors: dict[int, float] | None = None) -> list[DayVolumes]:
    """Return the days before TODAY; `factors` by weekday from 0."""
    days = [TODAY - number * DAY for number in range(7 * many, 0, -1)]
    return [past(day, (factors or {}).get(day.weekday(), 1.0)) for day in days]


def expected(
    history: list[DayVolumes], day: date = TODAY, kind: DayKind = DayKind.WORK
) -> Forecast:
    return forecast(day, kind, history)


def test_a_steady_past_goes_on() -> None:
    found = expected(weeks(8, {0: 2.0}))
    assert (found.basis, found.days, found.enough, found.storms) == ("same_weekday", 8, True, 0)
    assert sum(found.calls) == pytest.approx(2 * sum(BUSY))
    assert found.calls[24] == pytest.approx(20)
    assert found.calls[2] == pytest.approx(2)


def test_one_storm_changes_nothing() -> None:
    """A burst main on a Monday with six times the calls is not expected every Monday."""
    calm = weeks(8)
    storm = [past(one.day, 6) if one.day == TODAY - 14 * DAY else one for one in calm]
    found = expected(storm)
    assert found.storms == 1
    assert found.calls == pytest.approx(expected(calm).calls)


def test_a_storm_of_two_hours_is_trimmed_from_the_shape() -> None:
    calm = weeks(8)
    burst = [
        DayVolumes(day=one.day, kind=one.kind, counts=(*one.counts[:40], 60, *one.counts[41:]))
        if one.day == TODAY - 7 * DAY
        else one
        for one in calm
    ]
    assert expected(burst).calls[40] == pytest.approx(expected(calm).calls[40])


def test_no_past_is_no_forecast() -> None:
    found = expected([])
    assert (found.basis, found.enough, sum(found.calls)) == ("none", False, 0)


def test_few_days_are_said_to_be_few() -> None:
    few = [past(TODAY - number * DAY) for number in (3, 4, 5)]  # Friday, Thursday, Wednesday
    found = expected(few)
    assert (found.basis, found.days, found.enough) == ("same_kind", 3, False)
    assert sum(found.calls) == pytest.approx(sum(BUSY))
    weekend = forecast(TODAY + 5 * DAY, DayKind.REST, few)
    assert (weekend.basis, weekend.enough) == ("all_days", False)


def test_a_day_off_is_not_seen_as_a_working_day() -> None:
    history = weeks(8, {5: 0.5, 6: 0.5})
    saturday = TODAY + 5 * DAY
    assert sum(forecast(saturday, DayKind.REST, history).calls) < 0.6 * sum(BUSY)
    # The same Saturday, worked as 调休.
    found = forecast(saturday, DayKind.MAKEUP, history)
    assert found.basis == "same_kind"
    assert sum(found.calls) == pytest.approx(sum(BUSY))


def test_holidays_of_last_year_shift_a_day_off_and_few_of_them_shift_it_little() -> None:
    year = [past(TODAY - number * DAY, 0.5) for number in range(400, 0, -1)]
    assert holiday_factor(year, "国庆节") == pytest.approx(1)
    loud = [past(one.day, 1.5) if one.holiday == "国庆节" else one for one in year]
    seven = holiday_factor(loud, "国庆节")
    assert 2.2 < seven < 3  # three times, drawn towards 1 by two days' weight
    assert holiday_factor(loud, "春节") == pytest.approx(1)
    found = forecast(date(2026, 10, 1), DayKind.HOLIDAY, loud, "国庆节")
    assert found.holiday == seven


def test_the_season_of_last_year_counts_when_it_is_known() -> None:
    heating = date(2026, 11, 2)
    before = [heating - number * DAY for number in range(440, 0, -1)]
    year = [
        past(day, 2.0 if date(2025, 10, 20) <= day < date(2025, 11, 20) else 1.0) for day in before
    ]
    assert season_factor(heating, year) > 1.5
    assert season_factor(heating, year[-200:]) == 1.0
    assert season_factor(heating, []) == 1.0


counts = st.lists(st.integers(0, 50), min_size=HALVES, max_size=HALVES).map(tuple)


@given(st.lists(counts, min_size=1, max_size=12))
def test_a_shape_is_a_distribution_whatever_the_days_were(days: list[tuple[int, ...]]) -> None:
    shares = shape([past_of(one) for one in days])
    assert sum(shares) == pytest.approx(1)
    assert min(shares) >= 0


@given(st.lists(counts, max_size=20), st.integers(0, 6), st.sampled_from(DayKind))
def test_a_forecast_is_within_what_was_seen(
    days: list[tuple[int, ...]], ahead: int, kind: DayKind
) -> None:
    history = [past_of(one, TODAY - (number + 1) * DAY) for number, one in enumerate(days)]
    found = forecast(TODAY + ahead * DAY, kind, history)
    totals = [one.total for one in history]
    assert len(found.calls) == HALVES
    assert min(found.calls) >= 0
    top = max(totals, default=0) * found.season * found.holiday
    assert sum(found.calls) <= top * (1 + 1e-9)
    assert found.enough <= (found.days >= 4)


def past_of(one: tuple[int, ...], day: date = TODAY - DAY) -> DayVolumes:
    return DayVolumes(day=day, kind=CALENDAR.kind(day), counts=one)


def test_chance_alone_moves_a_forecast_little() -> None:
    dice = Random(5)
    noisy = [
        past_of(
            tuple(sum(dice.random() < count / 50 for _ in range(50)) for count in BUSY), one.day
        )
        for one in weeks(8)
    ]
    found = expected(noisy)
    assert sum(found.calls) == pytest.approx(sum(BUSY), rel=0.05)
    assert found.calls[26] == pytest.approx(10, rel=0.2)
