"""How many callers will ask for a person in each half hour of a day: level × shape × season × holiday (pure).

The level is the median of days like it and the shape is trimmed, so that a burst water main of last week is not
expected again every week. With few days behind it a forecast says so, and with none it is no forecast.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import fmean, median
from typing import Literal

from core.calendar import DayKind

HALVES = 48
RECENT = timedelta(weeks=8)
YEAR = timedelta(weeks=52)  # so that weekdays meet
HISTORY = YEAR + RECENT + timedelta(days=14)
"""How much of the past is looked at."""
AROUND = timedelta(days=10)
ENOUGH = 4
STORM = 2.0
CALM_HOLIDAYS = 2.0
"""Weight of "like any day off", in days, against the holidays that were seen."""
LEAST_SEASON = 14

Basis = Literal["same_weekday", "same_kind", "all_days", "none"]


@dataclass(frozen=True, kw_only=True)
class DayVolumes:
    """How many callers asked for a person on a past day, by half hour; `holiday` is its name or ''."""

    day: date
    kind: DayKind
    counts: tuple[int, ...]
    holiday: str = ""

    @property
    def total(self) -> int:
        return sum(self.counts)


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """Expected callers by half hour; `days` were looked at for the level, `storms` of them left out of the shape.

    `enough` is False with fewer than four such days: then it is a guess. All zeros if `basis` is "none".
    """

    calls: tuple[float, ...]
    basis: Basis
    days: int
    storms: int
    season: float
    holiday: float

    @property
    def enough(self) -> bool:
        return self.days >= ENOUGH and self.basis in ("same_weekday", "same_kind")


def forecast(
    day: date, kind: DayKind, history: Sequence[DayVolumes], holiday_name: str = ""
) -> Forecast:
    """Return the forecast for `day` from complete days before it."""
    known = [past for past in history if past.day < day]
    recent = [past for past in known if _newest(known) - past.day < RECENT]
    basis, like = _like(day, kind, recent)
    if not like:
        return Forecast(calls=(0.0,) * HALVES, basis="none", days=0, storms=0, season=1, holiday=1)
    level = median(past.total for past in like)
    # The shape is taken from all days of the kind: a weekday alone is eight days at most.
    alike = [past for past in recent if _off(past.kind) == _off(kind)] or like
    calm = [past for past in alike if past.total <= STORM * median(one.total for one in alike)]
    season = season_factor(day, known)
    holiday = holiday_factor(known, holiday_name) if kind is DayKind.HOLIDAY else 1.0
    return Forecast(
        calls=tuple(level * share * season * holiday for share in shape(calm)),
        basis=basis,
        days=len(like),
        storms=len(alike) - len(calm),
        season=season,
        holiday=holiday,
    )


def shape(days: Sequence[DayVolumes]) -> tuple[float, ...]:
    """Return the share of each half hour in a day; they add up to 1, even if nobody ever called."""
    slots = [_trimmed([past.counts[half] for past in days]) for half in range(HALVES)]
    # A day is a circle: what is before the first half hour is the last one of the day before.
    smooth = [
        slots[half - 1] / 4 + slots[half] / 2 + slots[(half + 1) % HALVES] / 4
        for half in range(HALVES)
    ]
    whole = sum(smooth)
    return tuple(one / whole for one in smooth) if whole else (1 / HALVES,) * HALVES


def season_factor(day: date, history: Sequence[DayVolumes]) -> float:
    """Return how this time of the year stood to the weeks before it a year ago, in [0.5, 2]; 1 if not known."""
    if not history:
        return 1.0
    then, before = day - YEAR, _newest(history) - YEAR
    season = [past.total for past in history if abs(past.day - then) <= AROUND]
    base = [past.total for past in history if timedelta() <= before - past.day < RECENT]
    if min(len(season), len(base)) < LEAST_SEASON or not sum(base):
        return 1.0
    return min(2.0, max(0.5, fmean(season) / fmean(base)))


def holiday_factor(history: Sequence[DayVolumes], name: str) -> float:
    """Return calls of past holidays over those of the days off around them; few holidays pull it little from 1.

    Holidays of the same name count alone if there were any.
    """
    ratios: dict[date, float] = {}
    names: dict[date, str] = {}
    for past in history:
        near = [
            other.total
            for other in history
            if other.kind is DayKind.REST and abs(other.day - past.day) <= RECENT
        ]
        if past.kind is DayKind.HOLIDAY and near and median(near) > 0:
            ratios[past.day] = past.total / median(near)
            names[past.day] = past.holiday
    same = [ratio for day, ratio in ratios.items() if names[day] == name]
    seen = same or list(ratios.values())
    return (sum(seen) + CALM_HOLIDAYS) / (len(seen) + CALM_HOLIDAYS)


def _like(
    day: date, kind: DayKind, recent: Sequence[DayVolumes]
) -> tuple[Basis, Sequence[DayVolumes]]:
    """Return the days to take the level from: holidays are seen as days off, make-up days as days worked."""
    kinds = [past for past in recent if past.kind is (DayKind.REST if _off(kind) else DayKind.WORK)]
    weekday = [past for past in kinds if past.day.weekday() == day.weekday()]
    if kind in (DayKind.WORK, DayKind.REST) and len(weekday) >= ENOUGH:
        return "same_weekday", weekday
    if kinds:
        return "same_kind", kinds
    return ("all_days", recent) if recent else ("none", ())


def _off(kind: DayKind) -> bool:
    return not kind.worked


def _trimmed(counts: Sequence[int]) -> float:
    """Return the mean without the highest value, if there are four or more."""
    kept = sorted(counts)[:-1] if len(counts) >= ENOUGH else counts
    return fmean(kept)


def _newest(history: Sequence[DayVolumes]) -> date:
    return max(past.day for past in history)
