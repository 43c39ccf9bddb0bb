"""Plans for tests: times of Yingkou, entries by the dozen, and a calendar that a test may invent."""

from datetime import UTC, date, datetime, time, timedelta

from hypothesis import strategies as st

from core.calendar import CalendarDay, DayKind, WorkCalendar, shipped_calendar
from core.clock import SHANGHAI
from seats.plan_rules import EVERY_DAY, MIDNIGHT, Entry, default_entries

CALENDAR = shipped_calendar()
DEFAULTS = default_entries(10, 2, time(8), time(17, 30))
FIRST = datetime(2026, 9, 20, tzinfo=UTC)
SPAN = timedelta(days=25)  # over the National Day holiday and its make-up days


def at(text: str) -> datetime:
    """Return the moment that "2026-10-01 22:00" is in Yingkou."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


def window(
    number: int, begins: str, ends: str, count: int, made: str = "2026-09-01 08:00"
) -> Entry:
    return Entry(
        id=number, kind="window", open_seats=count, made_at=at(made), starts_at=at(begins), ends_at=at(ends)
    )  # fmt: skip


def moment(number: int, made: str, ends: str | None, count: int) -> Entry:
    return Entry(
        id=number, kind="now", open_seats=count, made_at=at(made), starts_at=at(made),
        ends_at=at(ends) if ends else None,
    )  # fmt: skip


moments = st.timedeltas(timedelta(0), SPAN).map(lambda passed: FIRST + passed)
counts = st.integers(0, 12)
lengths = st.timedeltas(timedelta(seconds=1), timedelta(days=3))


@st.composite
def entries(draw: st.DrawFn, number: int = 1) -> Entry:
    """Any entry that the commands could have made."""
    kind = draw(st.sampled_from(("standing", "window", "now")))
    made = draw(moments)
    gone = draw(st.none() | lengths.map(lambda passed: made + passed))
    common = {
        "id": number,
        "kind": kind,
        "open_seats": draw(counts),
        "made_at": made,
        "withdrawn_at": gone,
    }
    if kind == "standing":
        begins = draw(st.integers(0, MIDNIGHT - 1))
        ends = draw(st.integers(begins + 1, MIDNIGHT))
        days = frozenset(draw(st.sets(st.sampled_from(sorted(EVERY_DAY)), min_size=1)))
        return Entry(**common, days=days, begins=begins, ends=ends)
    starts = made if kind == "now" else made + draw(st.timedeltas(timedelta(0), timedelta(days=5)))
    lasting = kind == "now" and draw(st.booleans())
    return Entry(**common, starts_at=starts, ends_at=None if lasting else starts + draw(lengths))


@st.composite
def plans(draw: st.DrawFn) -> list[Entry]:
    size = draw(st.integers(0, 6))
    return [*DEFAULTS, *(draw(entries(number)) for number in range(1, size + 1))]


@st.composite
def calendars(draw: st.DrawFn) -> WorkCalendar:
    """A calendar whose days change their kind in any way."""
    days = [FIRST.date() + timedelta(days=n) for n in range(-1, 70)]
    kinds = draw(st.lists(st.sampled_from(list(DayKind)), min_size=len(days), max_size=len(days)))
    known: dict[date, CalendarDay] = {
        day: CalendarDay(kind, "") for day, kind in zip(days, kinds, strict=True)
    }
    return WorkCalendar(known, frozenset({2026}))
