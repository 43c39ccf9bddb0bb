"""What a waiting caller meets, second by second, under given rules: what the screen draws (pure)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from seats.queue_rules import EMERGENCY_PRIORITY, QueueRules
from seats.skills import Skill

Kind = Literal["ordinary", "elderly", "promised", "redial", "emergency"]
What = Literal["joins", "told", "offered", "comfort", "limit", "alarm", "overflow", "message"]

LEVEL_ZH = {3: "专家", 2: "熟练及以上", 1: "会处理"}
LEVEL_EN = {3: "experts", 2: "those who know it", 1: "those who can help"}


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who waits, and who is there for him: `seats` staffed, `of_skill` of them for what he asks, by level."""

    skill: Skill = "general"
    kind: Kind = "ordinary"
    seats: int = 10
    of_skill: tuple[tuple[int, int], ...] = ()  # (level, how many seats)

    def seats_with(self, least_level: int) -> int:
        return sum(count for level, count in self.of_skill if level >= least_level)


@dataclass(frozen=True, kw_only=True)
class Step:
    """At second `at` this happens; what lasts ends at `until`. `seats`: how many may be offered the call."""

    at: int
    what: What
    zh: str
    en: str
    until: int | None = None
    seats: int | None = None


def timeline(rules: QueueRules, caller: Caller) -> list[Step]:
    """Return what happens to a caller whom nobody answers, in order; wants rules without problems."""
    if caller.seats == 0:
        return list(_unserved(rules, 0, unstaffed=True))
    steps = [*_beginning(rules, caller), *_offers(rules, caller), *_comfort(rules)]
    steps += _unserved(rules, rules.longest_wait_seconds, unstaffed=False)
    return sorted(steps, key=lambda step: step.at)


def _beginning(rules: QueueRules, caller: Caller) -> Iterator[Step]:
    zh, en = _place(rules, caller)
    yield Step(at=0, what="joins", zh=zh, en=en)
    told = [("前面还有几位", "how many are before him")] if rules.tell_position else []
    told += [("预计等待时间", "how long it may take")] if rules.tell_wait else []
    if told and caller.kind != "emergency":
        zh, en = "、".join(zh for zh, _ in told), " and ".join(en for _, en in told)
        yield Step(
            at=0, what="told", zh=f"有人排在前面时，播报{zh}", en=f"If others wait he hears {en}"
        )


def _place(rules: QueueRules, caller: Caller) -> tuple[str, str]:
    match caller.kind:
        case "emergency":
            return "排在所有来电之前", f"Before everybody (priority {EMERGENCY_PRIORITY})"
        case "elderly" if rules.elderly_priority:
            return _by_priority(rules.elderly_priority)
        case "promised" if rules.promised_priority:
            return _by_priority(rules.promised_priority)
        case "redial" if rules.redial_minutes:
            zh = f"{rules.redial_minutes} 分钟内重拨，回到原来的位次"
            return zh, f"Calls again within {rules.redial_minutes} min: his former place"
        case _:
            return "排在队尾", "At the end of the line"


def _by_priority(priority: int) -> tuple[str, str]:
    return f"优先级 {priority}，排在普通来电之前", f"Priority {priority}: before ordinary callers"


def _offers(rules: QueueRules, caller: Caller) -> Iterator[Step]:
    end = rules.longest_wait_seconds
    if why := _everybody_at_once(rules, caller):
        zh, en = why
        yield Step(
            at=0, until=end, what="offered", seats=caller.seats,
            zh=f"全部坐席（{zh}）", en=f"Everybody ({en})",
        )  # fmt: skip
        return
    ends = [step.after_seconds for step in rules.widening[1:]] + [end]
    for step, until in zip(rules.widening, ends, strict=True):
        level = step.least_level
        yield Step(
            at=step.after_seconds,
            until=until,
            what="offered",
            seats=caller.seats_with(level) if level else caller.seats,
            zh=f"本技能坐席（{LEVEL_ZH[level]}）" if level else "全部坐席",
            en=f"Seats of the skill: {LEVEL_EN[level]}" if level else "Everybody",
        )


def _everybody_at_once(rules: QueueRules, caller: Caller) -> tuple[str, str] | None:
    """Return why no seat is kept waiting for, None where the choice widens step by step."""
    if caller.skill == "general":
        return "综合来电", "no particular skill"
    if holds_no_seat(rules, caller.kind):
        return "优先来电不等特定技能", "priority waits for no skill"
    if caller.seats <= rules.small_team:
        return (
            f"在岗不超过 {rules.small_team} 席",
            f"no more than {rules.small_team} seats are staffed",
        )
    if not caller.seats_with(1):
        return "没有本技能坐席在岗", "nobody of the skill is there"
    return None


def holds_no_seat(rules: QueueRules, kind: Kind) -> bool:
    """Tell whether such a caller goes to whoever is free first: at the head of the line he would hold up the rest."""
    match kind:
        case "emergency":
            return True
        case "elderly":
            return rules.elderly_priority > 0
        case "promised":
            return rules.promised_priority > 0
        case "redial":
            return rules.redial_minutes > 0
        case "ordinary":
            return False


def _comfort(rules: QueueRules) -> Iterator[Step]:
    if not rules.comfort_seconds:
        return
    for at in range(rules.comfort_seconds, rules.longest_wait_seconds, rules.comfort_seconds):
        yield Step(at=at, what="comfort", zh="播放安抚语", en="A word of comfort")


def _unserved(rules: QueueRules, at: int, *, unstaffed: bool) -> Iterator[Step]:
    if not unstaffed:
        yield Step(
            at=at, what="limit", zh="到达最长等待时间，离开队列", en="The longest wait is over"
        )
    zh = "无人在岗，立即提醒班长" if unstaffed else "提醒班长"
    en = "Nobody is staffed: managers are alarmed" if unstaffed else "Managers are alarmed"
    yield Step(at=at, what="alarm", zh=zh, en=en)
    ending = rules.unstaffed if unstaffed else rules.after_longest_wait
    if ending == "overflow":
        rings = rules.overflow_ring_seconds
        zh, en = f"转值班手机，振铃 {rings} 秒", f"The duty mobile rings for {rings} s"
        yield Step(at=at, until=at + rings, what="overflow", zh=zh, en=en)
        at += rings
    yield Step(
        at=at, what="message",
        zh="提示无人接听，请来电人留言", en="He hears that nobody is there and may leave a message",
    )  # fmt: skip
