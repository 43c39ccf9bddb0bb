"""What is worth an alarm, and when one is raised, gets worse and is cleared: pure, with hysteresis."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

Level = Literal["warning", "alarm"]
Code = Literal[
    "EMERGENCY_CALL",
    "NOBODY_STAFFED",
    "NOBODY_READY",
    "LONGEST_WAIT",
    "CONNECT_RATE",
    "UNDERSTAFFED",
    "MISSED_OFFERS",
    "CALLBACK_OVERDUE",
    "SWITCH_DOWN",
    "DATABASE_AWAY",
    "BACKLOG",
    "DISK_FILLING",
]
_RANK: dict[Level | None, int] = {None: 0, "warning": 1, "alarm": 2}


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Thresholds of one measure. `low`: small values are bad (a rate), otherwise large ones.

    It is a warning from `warning` on and an alarm from `alarm` on (None: never), once it has been so for `after`
    seconds. It is over when the value has been at `calm` or better for `quiet` seconds; between `calm` and `warning`
    nothing happens. `step`: how much further it must go to be raised again.
    """

    code: Code
    zh: str  # {value} is the measure, rounded
    en: str
    warning: float | None
    alarm: float | None
    calm: float
    step: float
    after: float = 0.0
    quiet: float = 10.0
    low: bool = False

    def level(self, value: float) -> Level | None:
        """Return what `value` amounts to by itself."""
        if self.alarm is not None and self._at_least(value, self.alarm):
            return "alarm"
        if self.warning is not None and self._at_least(value, self.warning):
            return "warning"
        return None

    def is_calm(self, value: float) -> bool:
        return value >= self.calm if self.low else value <= self.calm

    def is_worse(self, value: float, than: float) -> bool:
        """Whether `value` is at least a step further than what was raised."""
        return (than - value if self.low else value - than) >= self.step

    def _at_least(self, value: float, limit: float) -> bool:
        return value <= limit if self.low else value >= limit


RULES: tuple[Rule, ...] = (
    Rule(code="EMERGENCY_CALL", zh="紧急来电 {value} 个等待接听", en="Emergency calls waiting: {value}",
         warning=None, alarm=1, calm=0, step=1, quiet=2),
    Rule(code="NOBODY_STAFFED", zh="无坐席可接，{value} 个来电受影响", en="No seat takes calls; callers hit: {value}",
         warning=None, alarm=1, calm=0, step=3),
    Rule(code="NOBODY_READY", zh="无空闲坐席，{value} 个来电在排队", en="No seat is free; callers waiting: {value}",
         warning=1, alarm=5, calm=0, step=3, after=15),
    Rule(code="LONGEST_WAIT", zh="最长等待 {value} 秒", en="The longest wait is {value} s",
         warning=60, alarm=180, calm=30, step=120),
    Rule(code="CONNECT_RATE", zh="近 24 小时接通率 {value}%", en="Connect rate of the last 24 h is {value}%",
         warning=94.99, alarm=90, calm=95.5, step=2, after=60, quiet=300, low=True),
    Rule(code="UNDERSTAFFED", zh="比开放坐席少 {value} 人在岗", en="Seats open and not staffed: {value}",
         warning=1, alarm=None, calm=0, step=3, after=300, quiet=30),
    Rule(code="MISSED_OFFERS", zh="近 10 分钟漏接 {value} 次", en="Offers missed within 10 minutes: {value}",
         warning=3, alarm=6, calm=1, step=3, quiet=60),
    Rule(code="CALLBACK_OVERDUE", zh="{value} 条未接来电超时未回拨", en="Callbacks overdue: {value}",
         warning=1, alarm=10, calm=0, step=5),
    Rule(code="SWITCH_DOWN", zh="电话交换机连接中断 {value} 秒", en="No link to the switch for {value} s",
         warning=None, alarm=5, calm=0, step=600, quiet=5),
    Rule(code="DATABASE_AWAY", zh="数据库 {value} 秒无响应", en="No answer from the database for {value} s",
         warning=3, alarm=15, calm=1, step=600, quiet=10),
    Rule(code="BACKLOG", zh="待处理事件积压 {value} 条", en="Events waiting to be taken in: {value}",
         warning=500, alarm=5000, calm=100, step=5000, after=3, quiet=10),
    Rule(code="DISK_FILLING", zh="录音磁盘已用 {value}%", en="The disk of recordings is {value}% full",
         warning=85, alarm=95, calm=83, step=2, quiet=60),
)  # fmt: skip
RULE_OF: Mapping[Code, Rule] = {rule.code: rule for rule in RULES}

Readings = Mapping[Code, float | None]
"""What is measured now; None or missing: not known, and nothing follows from it."""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What is remembered of one rule between two looks: the level raised, at which value, and since when it changes."""

    level: Level | None = None
    value: float = 0.0
    bad_since: datetime | None = None
    calm_since: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Raised:
    """A new alarm; `again`: the one that stands has got worse and is replaced by this one."""

    code: Code
    level: Level
    value: float
    again: bool = False


@dataclass(frozen=True, kw_only=True)
class Cleared:
    code: Code


Change = Raised | Cleared


@dataclass(frozen=True, kw_only=True)
class Watch:
    """Everything that is remembered, by code."""

    standing: Mapping[Code, Standing] = field(default_factory=dict)


def due_alarms(
    readings: Readings, watch: Watch, now: datetime, rules: tuple[Rule, ...] = RULES
) -> tuple[Watch, list[Change]]:
    """Return what is remembered after this look, and what changes."""
    standing, changes = dict(watch.standing), list[Change]()
    for rule in rules:
        value = readings.get(rule.code)
        if value is None:
            continue
        before = standing.get(rule.code, Standing())
        after, change = look(rule, before, value, now)
        standing[rule.code] = after
        if change is not None:
            changes.append(change)
    return Watch(standing=standing), changes


def look(
    rule: Rule, before: Standing, value: float, now: datetime
) -> tuple[Standing, Change | None]:
    """Judge one measure."""
    level = rule.level(value)
    if before.level is None:
        return _not_raised(rule, before, level, value, now)
    if level is not None and (
        _RANK[level] > _RANK[before.level] or rule.is_worse(value, before.value)
    ):
        worst = level if _RANK[level] > _RANK[before.level] else before.level
        return (
            Standing(level=worst, value=value),
            Raised(code=rule.code, level=worst, value=value, again=True),
        )
    if not rule.is_calm(value):
        return replace(before, calm_since=None), None
    calm_since = before.calm_since or now
    if now - calm_since < timedelta(seconds=rule.quiet):
        return replace(before, calm_since=calm_since), None
    return Standing(), Cleared(code=rule.code)


def _not_raised(
    rule: Rule, before: Standing, level: Level | None, value: float, now: datetime
) -> tuple[Standing, Change | None]:
    if level is None:
        return Standing(), None
    bad_since = before.bad_since or now
    if now - bad_since < timedelta(seconds=rule.after):
        return Standing(bad_since=bad_since), None
    return Standing(level=level, value=value), Raised(code=rule.code, level=level, value=value)


def shown(value: float) -> str:
    """Return a measure as people read it: whole, or with one decimal where it is not."""
    return f"{value:.1f}".removesuffix(".0")
