"""Working days of China: the golden deadlines, both sides of midnight, and two independent libraries (D-01…D-04)."""

from datetime import UTC, date, datetime, timedelta

import chinese_calendar
import holidays
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.calendar import (
    CalendarDay,
    DayKind,
    Due,
    SkippedDay,
    compose,
    shipped_calendar,
    shipped_papers,
)
from core.clock import SHANGHAI

CHINA = shipped_calendar()
YEARS = range(2016, 2027)
PEER = holidays.country_holidays("CN", years=list(YEARS))


def due(received: str, working_days: int) -> Due:
    return CHINA.due(datetime.fromisoformat(received).replace(tzinfo=SHANGHAI), working_days)


GOLDEN = """
2026-11-23T10:00 2026-11-25 2026-11-30 2026-12-07
2026-09-18T15:00 2026-09-21 2026-09-24 2026-10-09
2026-09-19T10:00 2026-09-21 2026-09-24 2026-10-09
2026-09-20T09:00 2026-09-22 2026-09-28 2026-10-10
2026-09-24T16:59 2026-09-29 2026-10-09 2026-10-15
2026-09-30T17:30 2026-10-09 2026-10-13 2026-10-20
2026-10-08T08:00 2026-10-10 2026-10-14 2026-10-21
2026-02-13T18:00 2026-02-24 2026-02-27 2026-03-05
2026-02-20T03:00 2026-02-25 2026-02-28 2026-03-06
2026-04-30T23:59 2026-05-07 2026-05-11 2026-05-18
2025-12-30T11:00 2026-01-04 2026-01-07 2026-01-14
2016-06-08T12:00 2016-06-13 2016-06-16 2016-06-23
2016-09-30T12:00 2016-10-09 2016-10-12 2016-10-19
2016-02-05T12:00 2016-02-14 2016-02-17 2016-02-24
"""


@pytest.mark.parametrize("row", GOLDEN.split("\n")[1:-1])
def test_the_golden_deadlines_fall_on_their_days(row: str) -> None:
    """Table of 5.3 (F01-F03, O01): the last day inside 2, 5 and 10 working days."""
    received, *last_days = row.split()
    for days, last_day in zip((2, 5, 10), last_days, strict=True):
        found = due(received, days)
        assert (found.last_day, found.provisional) == (date.fromisoformat(last_day), False)


def test_a_promise_that_reaches_into_an_unpublished_year_is_provisional() -> None:
    """D-33: from 18 December on for 10 days, from 25 December on for 5."""
    assert [due("2026-12-18T12:00", days).provisional for days in (2, 5, 10)] == [
        False,
        False,
        True,
    ]
    assert (due("2026-12-17T12:00", 10).provisional, due("2026-12-25T12:00", 5).provisional) == (
        False,
        True,
    )
    assert due("2026-12-18T12:00", 10).last_day == date(2027, 1, 4)


def test_a_year_without_a_notice_is_monday_to_friday_without_new_year() -> None:
    """X18: never refused."""
    kinds = [CHINA.kind(date(2027, 1, day)) for day in (1, 2, 3, 4)]
    assert kinds == [DayKind.HOLIDAY, DayKind.REST, DayKind.REST, DayKind.WORK]
    assert CHINA.name(date(2027, 1, 1)) == "元旦"
    assert CHINA.provisional(date(2027, 1, 4))
    assert not CHINA.provisional(date(2026, 12, 31))


def test_a_promise_ends_at_24_of_its_last_day_in_shanghai() -> None:
    """D-03, D-34: 2026-09-21 24:00 is 16:00 UTC, exclusive."""
    assert due("2026-09-18T15:00", 2).at == datetime(2026, 9, 21, 16, tzinfo=UTC)


def test_the_day_of_receipt_is_the_one_of_shanghai() -> None:
    """X25: one millisecond before and at midnight, said in UTC."""
    midnight = datetime(2026, 9, 30, 16, tzinfo=UTC)  # 1 October, 00:00
    before = CHINA.due(midnight - timedelta(milliseconds=1), 1)
    after = CHINA.due(midnight, 1)
    assert before.last_day == after.last_day == date(2026, 10, 8)
    assert len(before.skipped) == len(after.skipped) + 1 == 7


def test_a_due_explains_itself() -> None:
    """5.4: the explanation lists what was counted and what was skipped, with the reason."""
    found = due("2026-09-24T16:59", 2)
    assert found.counted == (date(2026, 9, 28), date(2026, 9, 29))
    assert found.skipped == tuple(
        SkippedDay(date(2026, 9, day), DayKind.HOLIDAY, "中秋节") for day in (25, 26, 27)
    )


def test_the_extension_ceiling_of_ten_days_counts_the_make_up_sunday() -> None:
    """F04: received 8 September 2026, the tenth working day is the 21st."""
    found = due("2026-09-08T09:00", 10)
    assert found.last_day == date(2026, 9, 21)
    assert date(2026, 9, 20) in found.counted
    assert CHINA.kind(date(2026, 9, 20)) is DayKind.MAKEUP


def test_no_day_is_no_wait_but_a_negative_number_or_a_naive_time_is_a_mistake() -> None:
    assert due("2026-10-01T08:00", 0) == Due(
        datetime(2026, 10, 1, 16, tzinfo=UTC), date(2026, 10, 1), False, (), ()
    )
    with pytest.raises(ValueError, match="aware"):
        CHINA.due(datetime(2026, 9, 18, 15), 2)
    with pytest.raises(ValueError, match="aware"):
        due("2026-09-18T15:00", -1)


def test_a_local_order_lies_over_the_notice_and_the_later_order_wins() -> None:
    snow = {date(2026, 11, 24): CalendarDay(DayKind.HOLIDAY, "暴雪停工", "营政办〔2026〕8号")}
    lifted = {date(2026, 11, 24): CalendarDay(DayKind.WORK, "恢复上班", "营政办〔2026〕9号")}
    received = datetime(2026, 11, 23, 10, tzinfo=SHANGHAI)
    closed = compose(shipped_papers(), [snow])
    assert closed.due(received, 2).last_day == date(2026, 11, 26)
    assert closed.due(received, 2).skipped[0].name == "暴雪停工"
    assert compose(shipped_papers(), [snow, lifted]).due(received, 2).last_day == date(2026, 11, 25)


def test_the_version_of_a_calendar_tells_whether_it_is_another_one() -> None:
    """5.4: every deadline keeps what it was reckoned with."""
    assert compose(shipped_papers()[::-1]).version == CHINA.version
    assert compose(shipped_papers()[:-1]).version != CHINA.version
    assert (
        compose(
            shipped_papers(), [{date(2026, 11, 24): CalendarDay(DayKind.HOLIDAY, "雪")}]
        ).version
        != CHINA.version
    )


@pytest.mark.parametrize(
    ("now", "missing"),
    [
        ("2026-09-30T23:59:59+08:00", None),
        ("2026-09-30T16:00:00+00:00", 2027),
        ("2026-12-31T23:59:59+08:00", 2027),
        ("2027-01-01T00:00:00+08:00", None),
        ("2025-11-01T00:00:00+08:00", None),
    ],
)
def test_the_alarm_for_next_year_begins_on_the_first_of_october(
    now: str, missing: int | None
) -> None:
    """X18, 5.3: while the notice of next year is not known."""
    assert CHINA.missing_next_year(datetime.fromisoformat(now)) == missing


@pytest.mark.parametrize("year", YEARS)
def test_every_day_is_what_both_libraries_say(year: int) -> None:
    """D-01: all 4 018 days from 2016 to 2026, and the make-up days one by one."""
    day = date(year, 1, 1)
    while day.year == year:
        worked = CHINA.is_workday(day)
        assert worked == chinese_calendar.is_workday(day) == PEER.is_working_day(day), day
        assert (CHINA.kind(day) is DayKind.MAKEUP) == (worked and day.isoweekday() > 5), day
        assert (CHINA.kind(day) is DayKind.HOLIDAY) == (day in chinese_calendar.holidays), day
        day += timedelta(days=1)


MOMENTS = st.datetimes(datetime(2016, 1, 1), datetime(2026, 11, 30), timezones=st.just(UTC))


@settings(max_examples=400, deadline=None)
@given(received=MOMENTS, days=st.integers(1, 15))
def test_every_deadline_is_what_both_libraries_say(received: datetime, days: int) -> None:
    """5.3: for any moment and any length."""
    found = CHINA.due(received, days)
    start = received.astimezone(SHANGHAI).date()
    between = chinese_calendar.get_workdays(start + timedelta(days=1), found.last_day)
    assert list(found.counted) == between
    assert len(between) == days
    assert found.last_day == PEER.get_nth_working_day(start, days)
    assert found.at.astimezone(SHANGHAI) == datetime.combine(
        found.last_day + timedelta(days=1), datetime.min.time(), SHANGHAI
    )


@given(received=MOMENTS, days=st.integers(1, 30))
def test_every_day_between_receipt_and_end_is_counted_or_skipped_once(
    received: datetime, days: int
) -> None:
    found = CHINA.due(received, days)
    walked = sorted([*found.counted, *(skip.day for skip in found.skipped)])
    first = received.astimezone(SHANGHAI).date() + timedelta(days=1)
    assert walked == [first + timedelta(days=n) for n in range((found.last_day - first).days + 1)]
    assert found.last_day == found.counted[-1]
    assert CHINA.due(received, days + 1).at > found.at > received
