"""Why a change of the calendar is refused.

CALENDAR_FILE_REFUSED, CALENDAR_OLDER_VERSION, CALENDAR_ORDER_REFUSED, CALENDAR_PROPOSAL_DECIDED,
CALENDAR_PROPOSAL_OPEN, CALENDAR_SAME_PERSON, CALENDAR_SAME_VERSION.
"""

from collections.abc import Sequence
from dataclasses import asdict

from core.calendar_faults import Fault
from core.errors import HotlineError


class CalendarFileRefused(HotlineError):
    """`details.faults` lists everything that is wrong, by line; what is in force stays in force (X19)."""

    code, status = "CALENDAR_FILE_REFUSED", 422
    zh = "文件有 {count} 处错误，未导入"
    en = "The file has {count} faults and was not imported"

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(sorted(faults))
        super().__init__(count=len(faults), faults=[asdict(fault) for fault in self.faults])


class OlderVersion(HotlineError):
    code, status = "CALENDAR_OLDER_VERSION", 409
    zh = "{year} 年已有更新的版本生效（{published}，修订 {revision}）"
    en = "A newer version of {year} is in force ({published}, revision {revision})"


class SameVersion(HotlineError):
    code, status = "CALENDAR_SAME_VERSION", 409
    zh = "内容与生效的 {year} 年版本不同，但日期和修订号相同：请把修订号改为 {next}"
    en = "The content differs from what is in force for {year}, date and revision do not: make it revision {next}"


class ProposalOpen(HotlineError):
    code, status = "CALENDAR_PROPOSAL_OPEN", 409
    zh = "{year} 年另有一份待审批的提案，请先处理"
    en = "Another proposal for {year} waits for a decision"


class ProposalDecided(HotlineError):
    code, status = "CALENDAR_PROPOSAL_DECIDED", 409
    zh, en = "该提案已处理", "This proposal has been decided already"


class SamePerson(HotlineError):
    code, status = "CALENDAR_SAME_PERSON", 403
    zh = "提案人不能审批自己的提案，请由另一人审批"
    en = "Who proposed a change may not approve it: a second person must"


class OrderRefused(HotlineError):
    code, status = "CALENDAR_ORDER_REFUSED", 422
    zh = "本地安排有误：{zh_reason}"
    en = "The local order is wrong: {en_reason}"
