"""How the queue stands in Asterisk: one value, the text that it fills into the templates, its place on disk (pure)."""

from dataclasses import dataclass
from pathlib import Path

import structlog
from pydantic import TypeAdapter, ValidationError

log = structlog.get_logger(__name__)

FILE = "queue.json"
EVERYBODY = 1000
"""A penalty above all that members have: raised to it, all members are alike."""


@dataclass(frozen=True, kw_only=True)
class Window:
    """From `after_seconds` of waiting on, members with a penalty from `lowest` to `highest` may be offered the call."""

    after_seconds: int
    lowest: int
    highest: int

    @property
    def everybody(self) -> bool:
        return self.highest >= EVERYBODY


@dataclass(frozen=True, kw_only=True)
class SkillWindows:
    """How the choice widens for a caller who asks for `skill`; the first window begins at 0."""

    skill: str
    windows: tuple[Window, ...]


@dataclass(frozen=True, kw_only=True)
class QueueConfig:
    """Everything that a manager's queue rules change in Asterisk; `version` 0 is what is shipped.

    `small_team`: with so many members or fewer Asterisk looks at no penalty (penaltymemberslimit).
    `overflow_number` is dialled through the trunk where a caller `timed_out` or was `unstaffed` and the
    outcome says `overflow`; '' for none. `comfort_seconds` 0: no word while waiting.
    """

    version: int = 0
    strategy: str = "leastrecent"
    ring_seconds: int = 15
    retry_seconds: int = 1
    wrap_up_net_seconds: int = 2
    small_team: int = 2
    skills: tuple[SkillWindows, ...] = ()
    comfort_seconds: int = 40
    longest_wait_seconds: int = 1800
    timed_out_to_overflow: bool = False
    unstaffed_to_overflow: bool = False
    overflow_number: str = ""
    overflow_ring_seconds: int = 30


_adapter = TypeAdapter(QueueConfig)


def store(config: QueueConfig, data_dir: Path) -> None:
    """Keep `config` for the next start of Asterisk; the file is whole or the old one."""
    unfinished = data_dir / f".{FILE}.new"
    unfinished.write_bytes(_adapter.dump_json(config, indent=1))
    unfinished.replace(data_dir / FILE)


def stored(data_dir: Path) -> QueueConfig | None:
    """Return what was applied last, None if nothing was; a spoilt file is told of and passed over."""
    try:
        return _adapter.validate_json((data_dir / FILE).read_bytes())
    except FileNotFoundError:
        return None
    except ValidationError:
        log.error("the kept queue rules cannot be read, what is shipped holds", file=FILE)
        return None


def values(config: QueueConfig) -> dict[str, str]:
    """Return what stands in the places of queues.conf, queuerules.conf and extensions.d/28-rules.conf."""
    return {
        "queue_strategy": config.strategy,
        "ring_seconds": str(config.ring_seconds),
        "retry_seconds": str(config.retry_seconds),
        "wrap_up_net_seconds": str(config.wrap_up_net_seconds),
        "small_team": str(config.small_team),
        "comfort_seconds": str(config.comfort_seconds),
        "longest_wait_seconds": str(config.longest_wait_seconds),
        "rules_version": str(config.version),
        "queue_rules": "\n\n".join(_rule(skill) for skill in config.skills if rule_name(skill)),
        "skills": "\n".join(_extension(skill) for skill in config.skills),
        "after_timed_out": _after(config, overflows=config.timed_out_to_overflow),
        "after_unstaffed": _after(config, overflows=config.unstaffed_to_overflow),
        "overflow": _overflow(config),
    }


def rule_name(skill: SkillWindows) -> str:
    """Return the name of the rule by which the choice widens, '' where it never changes."""
    return f"skill-{skill.skill}" if len(skill.windows) > 1 else ""


def rule_lines(windows: tuple[Window, ...]) -> list[str]:
    """Return the later windows as Asterisk has them: seconds, highest, lowest, and what low penalties are raised to."""
    return [
        f"{w.after_seconds},{w.highest},{w.lowest},{EVERYBODY if w.everybody else 0}"
        for w in windows[1:]
    ]


def _rule(skill: SkillWindows) -> str:
    changes = [f"penaltychange => {line}" for line in rule_lines(skill.windows)]
    return "\n".join([f"[{rule_name(skill)}]", *changes])


def _extension(skill: SkillWindows) -> str:
    first = skill.windows[0]
    return (
        f"exten => {skill.skill},1,Set(QUEUE_MIN_PENALTY={first.lowest})\n"
        f" same => n,Set(QUEUE_MAX_PENALTY={first.highest})\n"
        f" same => n,Set(QUEUE_RAISE_PENALTY={EVERYBODY if first.everybody else 0})\n"
        f" same => n,Set(QUEUE_RULE={rule_name(skill)})\n"
        " same => n,Return()"
    )


def _after(config: QueueConfig, *, overflows: bool) -> str:
    return "overflow" if overflows and config.overflow_number else "message"


def _overflow(config: QueueConfig) -> str:
    if not config.overflow_number:
        return "NoOp(nobody)"
    to, rings = config.overflow_number, config.overflow_ring_seconds
    return f"Dial(PJSIP/{to}@trunk,{rings},iIU(overflow-answered))"
