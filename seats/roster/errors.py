"""Why a wish about the roster is refused.

ABSENCE_BACKWARDS, ABSENCE_DECIDED, ABSENCE_OVERLAPS, BAD_MONTH, BAD_ROSTER_RULES, DAY_OUTSIDE_MONTH,
GENERATION_FAILED, GENERATION_RUNNING, NOTHING_TO_UNDO, NOT_ON_ROSTER, NO_ROSTER, NO_SHIFT_NOW,
OPERATOR_UNKNOWN, ROSTER_CHANGED, ROSTER_CONFLICTS, ROSTER_SHEET_BAD, ROSTER_SHEET_UNREADABLE, SHIFT_UNKNOWN,
SOLVER_MISSING, SWAP_CONFLICTS, SWAP_NOT_POSSIBLE, SWAP_STATE.
"""

from core.errors import HotlineError


class BadMonth(HotlineError):
    code, status = "BAD_MONTH", 422
    zh, en = (
        "月份无效：{month}，应为 2026-11 这样的形式",
        "Not a month: {month}; expected like 2026-11",
    )


class NoRoster(HotlineError):
    code, status = "NO_ROSTER", 404
    zh, en = "{month} 没有排班草稿", "There is no draft for {month}"


class RosterChanged(HotlineError):
    code, status = "ROSTER_CHANGED", 409
    zh, en = "排班表已被他人修改，请刷新后重试", "Somebody else has changed the roster; reload"


class NothingToUndo(HotlineError):
    code, status = "NOTHING_TO_UNDO", 409
    zh, en = "没有可以撤销的修改", "There is nothing to undo"


class RosterConflicts(HotlineError):
    code, status = "ROSTER_CONFLICTS", 409
    zh = "排班表还有 {count} 处冲突，请先处理，或写明仍要发布的理由"
    en = "The roster has {count} conflicts: solve them, or say why it is published all the same"


class OperatorUnknown(HotlineError):
    code, status = "OPERATOR_UNKNOWN", 422
    zh, en = "话务员名册上没有此人：{person}", "Not an operator on the books: {person}"


class ShiftUnknown(HotlineError):
    code, status = "SHIFT_UNKNOWN", 422
    zh, en = "没有这种班次：{shift}", "There is no such shift: {shift}"


class BadRules(HotlineError):
    code, status = "BAD_ROSTER_RULES", 422
    zh, en = "排班规则无效：{missing}", "The roster rules are not valid: {missing}"


class DayOutside(HotlineError):
    code, status = "DAY_OUTSIDE_MONTH", 422
    zh, en = "{day} 不在 {month} 内", "{day} is not in {month}"


class SolverMissing(HotlineError):
    code, status = "SOLVER_MISSING", 501
    zh = (
        "未安装自动排班所需的 ortools：请执行 pip install 'yingkou-12345[roster]'，其他功能不受影响"
    )
    en = "Generating needs ortools: pip install 'yingkou-12345[roster]'; everything else works without"


class GenerationRunning(HotlineError):
    code, status = "GENERATION_RUNNING", 409
    zh, en = "正在自动排班，请等它完成", "A roster is being generated; wait until it is done"


class GenerationFailed(HotlineError):
    code, status = "GENERATION_FAILED", 500
    zh, en = "自动排班未能完成，排班表未改动", "Generating failed; the roster is as it was"


class AbsenceOverlaps(HotlineError):
    code, status = "ABSENCE_OVERLAPS", 409
    zh = "{person}在 {first} 至 {last} 已有休假或培训"
    en = "{person} is absent already between {first} and {last}"


class AbsenceDecided(HotlineError):
    code, status = "ABSENCE_DECIDED", 409
    zh, en = "该申请已处理", "This request has been decided"


class AbsenceBackwards(HotlineError):
    code, status = "ABSENCE_BACKWARDS", 422
    zh, en = (
        "结束日期早于开始日期，或超过一年",
        "It ends before it begins, or lasts more than a year",
    )


class SwapNotPossible(HotlineError):
    code, status = "SWAP_NOT_POSSIBLE", 409
    zh, en = "不能换班：{zh}", "This swap is not possible: {en}"


class SwapConflicts(HotlineError):
    code, status = "SWAP_CONFLICTS", 409
    zh, en = "换班后会出现冲突：{zh}", "The swap would make conflicts: {en}"


class SwapStateRefused(HotlineError):
    code, status = "SWAP_STATE", 409
    zh, en = "换班申请目前不能这样处理", "The swap is not in a state for that"


class SheetUnreadable(HotlineError):
    code, status = "ROSTER_SHEET_UNREADABLE", 422
    zh, en = "无法读取该文件：{zh}", "The file cannot be read: {en}"


class SheetBad(HotlineError):
    code, status = "ROSTER_SHEET_BAD", 422
    zh = "表格有 {count} 处错误，未导入任何内容"
    en = "The sheet has {count} errors; nothing was imported"


class NotOnRoster(HotlineError):
    code, status = "NOT_ON_ROSTER", 409
    zh = "您不在{shift}的排班表上，请联系班长准入"
    en = "You are not on the roster for {shift}; ask the shift leader to admit you"


class NoShiftNow(HotlineError):
    code, status = "NO_SHIFT_NOW", 409
    zh, en = "当前时间没有班次", "There is no shift at this time"
