"""Why a shift stays short: what the rules say against each person who could still be called."""

from collections import Counter
from datetime import date

from seats.roster.conflicts import HARD_FOR_PEOPLE, Code, Conflict, conflicts
from seats.roster.rules import Assignment, Person, Roster
from seats.roster.shifts import ShiftKind

BUSY = "BUSY"
WORDS: dict[str, tuple[str, str]] = {
    BUSY: ("{n} 人当天已有班", "{n} work that day already"),
    "ABSENT": ("{n} 人休假或培训", "{n} are on leave or in training"),
    "SHORT_REST": ("{n} 人班间休息不足", "{n} would rest too little"),
    "OVERLAP": ("{n} 人时间重叠", "{n} would overlap"),
    "NIGHTS_IN_ROW": ("{n} 人连续夜班过多", "{n} would have too many nights in a row"),
    "NIGHTS_PILE_UP": ("{n} 人两周内夜班过多", "{n} would have too many nights in a fortnight"),
    "DAYS_IN_ROW": ("{n} 人连续上班过多", "{n} would work too many days in a row"),
    "WEEK_HOURS": ("{n} 人本周工时已满", "{n} have no hours left in the week"),
    "MONTH_HOURS": ("{n} 人本月工时已满", "{n} have no hours left in the month"),
}
FREE = ("{n} 人还可以安排", "{n} could still be called")


def shortages(roster: Roster) -> list[Conflict]:
    """Return a TOO_FEW for every shift that is short, with what keeps the others from it."""
    found = []
    for each in conflicts(roster):
        if each.code == "TOO_FEW":
            shift = roster.rules.by_code[each.shift]
            zh, en = _why(roster, each.day, shift)
            found.append(
                Conflict(
                    each.code, each.day, f"{each.zh}：{zh}", f"{each.en}: {en}", (), each.shift
                )
            )
    return found


def _against(roster: Roster, person: Person, day: date, shift: ShiftKind) -> Code | str:
    """Return the first rule that calling `person` into `shift` would break, BUSY, or '' if nothing is against it."""
    own = [row for row in roster.assignments if row.person == person.id]
    if any(row.day == day for row in own):
        return BUSY
    rows = frozenset([*own, Assignment(person.id, day, shift.code)])
    before = set(conflicts(roster.with_assignments(frozenset(own))))
    for each in conflicts(roster.with_assignments(rows)):
        if each.code in HARD_FOR_PEOPLE and each not in before:
            return each.code
    return ""


def _why(roster: Roster, day: date, shift: ShiftKind) -> tuple[str, str]:
    count = Counter(
        _against(roster, person, day, shift)
        for person in roster.people
        if Assignment(person.id, day, shift.code) not in roster.assignments
    )
    words = [WORDS.get(code, FREE) for code, _ in count.most_common()]
    numbers = [number for _, number in count.most_common()]
    return (
        "、".join(zh.format(n=n) for (zh, _), n in zip(words, numbers, strict=True)),
        ", ".join(en.format(n=n) for (_, en), n in zip(words, numbers, strict=True)),
    )
