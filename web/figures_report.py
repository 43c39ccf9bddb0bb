"""The figures S01 to S07 of a period, as a reply and as a sheet."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core.clock import SHANGHAI, Clock
from core.db import Database
from core.errors import HotlineError
from telephony.figure_rows import By, by_hour, rows_by
from telephony.figures import CONNECT_TARGET, Tally, WorstWindow, total, worst_window
from telephony.tallies import excluded_calls, tally_by_half_hour

LONGEST = timedelta(days=400)


class BadPeriod(HotlineError):
    code, status = "BAD_PERIOD", 422
    zh = "统计时段无效:结束须晚于开始,且最长 {days} 天"
    en = "Not a period: it must end after it begins and last {days} days at most"


@dataclass(frozen=True, kw_only=True)
class Report:
    """`start` and `end` bound the half-open period; `running`: it is not over, so the counts will grow."""

    start: datetime
    end: datetime
    by: By
    total: Tally
    worst: WorstWindow | None
    rows: dict[str, Tally]
    excluded: int
    running: bool


class FiguresDesk:
    """Answers what the figures of a period were; keeps nothing."""

    def __init__(self, database: Database, clock: Clock, tests: Collection[str]) -> None:
        self._database, self._clock, self._tests = database, clock, tests

    async def report(self, start: datetime, end: datetime, by: By) -> Report:
        """Count the calls that began in [start, end); times without a zone are Yingkou's. BadPeriod."""
        start, end = local(start), local(end)
        if not start < end <= start + LONGEST:
            raise BadPeriod(days=LONGEST.days)
        async with self._database.reading() as session:
            halves = await tally_by_half_hour(session, start, end, self._tests)
            excluded = await excluded_calls(session, start, end, self._tests)
        return Report(
            start=start,
            end=end,
            by=by,
            total=total(halves.values()),
            worst=worst_window(by_hour(halves), start, end),
            rows=rows_by(by, halves, start, end),
            excluded=excluded,
            running=end > self._clock(),
        )


def local(at: datetime) -> datetime:
    """Return the time in Yingkou's zone; BadPeriod for years in which no hotline was or will be."""
    if not 2000 <= at.year < 3000:
        raise BadPeriod(days=LONGEST.days)
    return at.replace(tzinfo=SHANGHAI) if at.tzinfo is None else at.astimezone(SHANGHAI)


def reply(report: Report) -> dict[str, Any]:
    """Return the JSON of GET /api/figures; a rate of nothing is null."""
    worst = report.worst
    return {
        "from": report.start.isoformat(),
        "to": report.end.isoformat(),
        "by": report.by,
        "running": report.running,
        "excluded_test_calls": report.excluded,
        "total": figures(report.total),
        "worst_24h": worst
        and {
            "from": worst.start.astimezone(SHANGHAI).isoformat(),
            "connect_percent": worst.percent,
            "target_percent": CONNECT_TARGET,
            "alarm": worst.below_target,
        },
        "rows": [{"key": key, **figures(counted)} for key, counted in report.rows.items()],
    }


def figures(counted: Tally) -> dict[str, Any]:
    """Return S01 to S05b and S07 of one tally by name."""
    return {
        "offered": counted.offered,
        "ivr_hang_ups": counted.ivr_hang_ups,
        "blacklisted": counted.blacklisted,
        "queued": counted.queued,
        "answered": counted.answered,
        "connect_percent": counted.connect_percent,
        "total_connect_percent": counted.total_connect_percent,
        "answered_within_15": counted.answered_in_15,
        "within_15_percent": counted.in_15_percent,
        "within_15_of_answered_percent": counted.in_15_of_answered_percent,
        "mean_wait_seconds": counted.mean_wait_seconds,
        "mean_talk_seconds": counted.mean_talk_seconds,
        "abandoned": counted.abandoned,
        "abandoned_within_5": counted.abandoned_in_5,
        "abandoned_percent": counted.abandoned_percent,
        "waiting": counted.waiting,
        "in_system": counted.in_system,
        "outcomes": counted.outcomes,
    }
