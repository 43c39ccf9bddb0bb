"""The queue rules as a manager sets them, what may be wrong with them, and what they mean for Asterisk (pure)."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

from seats.skills import SOUGHT, Skill, window
from telephony.queue_config import EVERYBODY, QueueConfig, SkillWindows, Window

Strategy = Literal["leastrecent", "fewestcalls", "rrmemory", "random"]
"""Which free seat rings: longest without a call, fewest calls, in turn, at random.

Not `ringall` (every headset would ring for one caller) and not `linear` (Asterisk takes it over at a restart only).
"""
Ending = Literal["message", "overflow"]
"""What a caller who cannot be served is given: he may leave a message, or the duty mobile rings first."""

EMERGENCY_PRIORITY = 100
"""Set by the flow and, without us, by the dialplan (25-fallback.conf)."""


@dataclass(frozen=True, kw_only=True)
class Widening:
    """From `after_seconds` on a caller may be offered to seats of his skill with `least_level`; 0: to everybody."""

    after_seconds: int
    least_level: int


@dataclass(frozen=True, kw_only=True)
class QueueRules:
    """One version of the rules; all times in seconds but `redial_minutes`. The defaults are what is shipped."""

    strategy: Strategy = "leastrecent"
    ring_seconds: int = 15
    retry_seconds: int = 1
    wrap_up_net_seconds: int = 2

    small_team: int = 2
    widening: tuple[Widening, ...] = (
        Widening(after_seconds=0, least_level=1),
        Widening(after_seconds=15, least_level=0),
    )
    menu_skills: dict[str, Skill] = field(default_factory=dict)

    elderly_priority: int = 20
    promised_priority: int = 10
    redial_minutes: int = 10

    longest_wait_seconds: int = 1800
    after_longest_wait: Ending = "message"
    unstaffed: Ending = "message"
    overflow_number: str = ""
    overflow_ring_seconds: int = 30

    tell_position: bool = True
    tell_wait: bool = True
    comfort_seconds: int = 40


@dataclass(frozen=True)
class Problem:
    """Why rules are refused: the field, a stable code, and both texts."""

    field: str
    code: str
    zh: str
    en: str


LIMITS: dict[str, tuple[int, int]] = {
    "ring_seconds": (5, 120),
    "retry_seconds": (1, 10),
    "wrap_up_net_seconds": (0, 30),
    "small_team": (0, 12),
    "elderly_priority": (0, 90),
    "promised_priority": (0, 90),
    "redial_minutes": (0, 60),
    "longest_wait_seconds": (60, 3600),
    "overflow_ring_seconds": (10, 60),
}
MOST_STEPS = 4
LAST_STEP_BY = 60


def problems_of(rules: QueueRules, duty_mobiles: Collection[str]) -> list[Problem]:
    """Return everything that is wrong, [] for rules that may be applied."""
    return [
        *_out_of_limits(rules),
        *_comfort(rules),
        *_widening(rules),
        *_overflow(rules, duty_mobiles),
    ]


def _out_of_limits(rules: QueueRules) -> Iterator[Problem]:
    for name, (least, most) in LIMITS.items():
        if not least <= getattr(rules, name) <= most:
            yield Problem(
                name,
                "OUT_OF_LIMITS",
                f"应在 {least} 到 {most} 之间",
                f"Must be between {least} and {most}",
            )


def _comfort(rules: QueueRules) -> Iterator[Problem]:
    if rules.comfort_seconds and not 15 <= rules.comfort_seconds <= 600:
        yield Problem(
            "comfort_seconds",
            "OUT_OF_LIMITS",
            "应为 0(不播放)或 15 到 600",
            "Must be 0 (never) or between 15 and 600",
        )


def _widening(rules: QueueRules) -> Iterator[Problem]:
    steps = rules.widening
    if not 1 <= len(steps) <= MOST_STEPS:
        zh, en = f"应有 1 到 {MOST_STEPS} 级", f"There must be 1 to {MOST_STEPS} steps"
        yield Problem("widening", "WRONG_NUMBER_OF_STEPS", zh, en)
        return
    if steps[0].after_seconds != 0:
        zh, en = "第一级应从 0 秒开始", "The first step must begin at 0 s"
        yield Problem("widening", "FIRST_STEP_LATE", zh, en)
    if steps[-1].least_level != 0:
        # A caller whose skill goes home while he waits would wait for nobody.
        zh, en = "最后一级应为全部坐席", "The last step must be everybody"
        yield Problem("widening", "NEVER_EVERYBODY", zh, en)
    pairs = list(pairwise(steps))
    if any(b.after_seconds <= a.after_seconds or b.least_level >= a.least_level for a, b in pairs):
        zh, en = "各级应依次推后、依次放宽", "Each step must come later and reach further"
        yield Problem("widening", "STEPS_OUT_OF_ORDER", zh, en)
    if any(not 0 <= step.least_level <= 3 for step in steps):
        zh, en = "熟练程度应在 0 到 3 之间", "A level must be between 0 and 3"
        yield Problem("widening", "UNKNOWN_LEVEL", zh, en)
    if not 0 <= steps[-1].after_seconds <= LAST_STEP_BY:
        zh = f"最迟 {LAST_STEP_BY} 秒应放宽到全部坐席"
        en = f"Everybody must be reached by {LAST_STEP_BY} s"
        yield Problem("widening", "EVERYBODY_TOO_LATE", zh, en)


def _overflow(rules: QueueRules, duty_mobiles: Collection[str]) -> Iterator[Problem]:
    wanted = "overflow" in (rules.after_longest_wait, rules.unstaffed)
    if rules.overflow_number and rules.overflow_number not in duty_mobiles:
        zh, en = "此号码不在允许转出的名单中", "This number is not among those that may be dialled"
        yield Problem("overflow_number", "NOT_ALLOWED", zh, en)
    elif wanted and not rules.overflow_number:
        zh, en = "请选择值班手机", "Choose a duty mobile"
        yield Problem("overflow_number", "OVERFLOW_NUMBER_MISSING", zh, en)


def config_of(rules: QueueRules, version: int) -> QueueConfig:
    """Return what rules without problems mean for Asterisk."""
    return QueueConfig(
        version=version,
        strategy=rules.strategy,
        ring_seconds=rules.ring_seconds,
        retry_seconds=rules.retry_seconds,
        wrap_up_net_seconds=rules.wrap_up_net_seconds,
        small_team=rules.small_team,
        skills=tuple(
            SkillWindows(skill=skill, windows=tuple(_windows(rules, skill))) for skill in SOUGHT
        ),
        comfort_seconds=rules.comfort_seconds,
        longest_wait_seconds=rules.longest_wait_seconds,
        timed_out_to_overflow=rules.after_longest_wait == "overflow",
        unstaffed_to_overflow=rules.unstaffed == "overflow",
        overflow_number=rules.overflow_number,
        overflow_ring_seconds=rules.overflow_ring_seconds,
    )


def _windows(rules: QueueRules, skill: Skill) -> Iterator[Window]:
    for step in rules.widening:
        lowest, highest = window(skill, step.least_level) if step.least_level else (0, EVERYBODY)
        yield Window(after_seconds=step.after_seconds, lowest=lowest, highest=highest)
