"""Everything that may be wrong with an import file of the calendar, in both languages."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, order=True)
class Fault:
    """One thing that is wrong with an import file, at a line counted from 1."""

    line: int
    code: str
    zh: str
    en: str


TEXTS = {
    "TOO_LARGE": ("文件过大，最多 64 KB", "The file is too large: 64 KB at most"),
    "UNREADABLE": ("文件无法读取：{what}", "The file cannot be read: {what}"),
    "UNKNOWN_FORMAT": (
        "只接受 .yaml、.yml 或 .csv 文件",
        "Only .yaml, .yml and .csv files are taken",
    ),
    "UNKNOWN_FIELD": ("不认识的字段：{what}", "Unknown field: {what}"),
    "DUPLICATE_FIELD": ("字段重复：{what}", "Field given twice: {what}"),
    "WRONG_SHAPE": ("“{what}”的写法不对", "'{what}' is not written as the format wants it"),
    "MISSING_FIELD": ("缺少“{what}”", "'{what}' is missing"),
    "BAD_YEAR": ("年份无效：{what}", "Not a year from 2016 to 2100: {what}"),
    "BAD_REVISION": ("修订号应为 1 到 99:{what}", "The revision is a number from 1 to 99: {what}"),
    "BAD_PUBLISHED": (
        "发布日期 {what} 不在 {year} 年或其上一年",
        "The date of publication, {what}, is neither in {year} nor in the year before",
    ),
    "NO_PAPER": ("没有文件原文的网址", "The address of the paper is missing"),
    "BAD_PAPER": (
        "原文网址应以 http:// 或 https:// 开头",
        "An address begins with http:// or https://",
    ),
    "NO_DAYS": ("没有任何日期", "There are no days"),
    "NO_SUCH_DATE": ("没有这一天：{what}", "There is no such date: {what}"),
    "WRONG_YEAR": (
        "{what} 不属于 {year} 年（只允许上一年 12 月 20 日以后的日期）",
        "{what} is not in {year}, nor in the last days of the year before",
    ),
    "UNKNOWN_KIND": (
        "不认识的类别：{what}（只能是 holiday 放假或 makeup 上班）",
        "Unknown kind: {what} (holiday or makeup)",
    ),
    "NO_NAME": ("没有写节日名称", "The name of the holiday is missing"),
    "NAME_TOO_LONG": ("名称最多 32 个字", "A name has 32 characters at most"),
    "DUPLICATE_DATE": ("{what} 与第 {first} 行重复", "{what} is also in line {first}"),
    "OFF_AND_MAKEUP": (
        "{what} 既放假又上班，见第 {first} 行",
        "{what} is both off and a make-up day, see line {first}",
    ),
    "MAKEUP_ON_WEEKDAY": (
        "{what} 不是周末，不能是调休上班日",
        "{what} is no weekend: not a make-up day",
    ),
    "TOO_FEW_OFF_DAYS": (
        "只有 {what} 个放假日，一年至少 11 个",
        "There are {what} off-days only; a year has 11 at least",
    ),
}


def fault(line: int, code: str, **values: Any) -> Fault:
    """Return the fault of this code; foreign text among `values` is cut to 40 characters."""
    zh, en = TEXTS[code]
    short = {key: str(value)[:40] for key, value in values.items()}
    return Fault(line, code, zh.format_map(short), en.format_map(short))
