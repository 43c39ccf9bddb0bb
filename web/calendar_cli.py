"""`hotline calendar …`: look at a month, reckon a deadline, import a year, approve it."""

import re
from collections.abc import Callable, Coroutine
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.calendar import DayKind, Due, WorkCalendar
from core.calendar_book import Diff, diff_of, load_calendar, open_book
from core.calendar_changes import approve, propose_paper
from core.calendar_errors import CalendarFileRefused
from core.calendar_file import MOST_BYTES, read_paper
from core.calendar_models import CalendarVersion, VersionState
from core.clock import SHANGHAI, utc_now
from core.config import Settings
from core.db import Database
from core.errors import NotFound, Unprocessable
from core.security import Principal, authenticate, principal
from web.admin import installation
from web.auth import WrongCredentials

Work = Callable[[Settings], Coroutine[Any, Any, str]]
KINDS = {
    DayKind.WORK: "工作日",
    DayKind.REST: "周末",
    DayKind.HOLIDAY: "放假",
    DayKind.MAKEUP: "调休上班",
}
WEEKDAYS = "一二三四五六日"
_MONTH = re.compile(r"(20\d\d)-(\d{1,2})", re.ASCII)

Who = Annotated[
    str,
    typer.Option(
        "--as", prompt="用户名 / user name", help="Who does this: an account of the Office"
    ),
]
Password = Annotated[str, typer.Option(prompt="密码 / password", hide_input=True)]


def calendar_commands(run: Callable[[Work], str]) -> typer.Typer:
    """Return the commands; `run` gives them the settings and says refusals in one line."""
    app = typer.Typer(no_args_is_help=True, help="Working days: show, due, import, approve")

    @app.command()
    def show(month: Annotated[str, typer.Argument(help="e.g. 2026-10")]) -> None:
        """Print a month, day by day."""
        typer.echo(run(lambda settings: _show(settings, month)))

    @app.command()
    def due(
        received: Annotated[
            datetime, typer.Argument(help="Time in Yingkou", formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d"])
        ],
        days: Annotated[int, typer.Option(help="Working days", min=1, max=250)],
    ) -> None:
        """Print when a number of working days expires, and which days were counted and skipped."""
        typer.echo(run(lambda settings: _due(settings, received.replace(tzinfo=SHANGHAI), days)))

    @app.command("import")
    def import_year(
        file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
        username: Who,
        password: Password,
    ) -> None:
        """Check a file (YAML or CSV), print what it would change, and propose it."""
        typer.echo(run(lambda settings: _import(settings, file, username, password)))

    @app.command("approve")
    def approve_proposal(
        username: Who,
        password: Password,
        number: Annotated[int | None, typer.Argument(help="Not needed if one waits")] = None,
    ) -> None:
        """Put a proposal of somebody else in force."""
        typer.echo(run(lambda settings: _approve(settings, number, username, password)))

    return app


async def _show(settings: Settings, month: str) -> str:
    found = _MONTH.fullmatch(month)
    if found is None or not 1 <= int(found[2]) <= 12:
        raise Unprocessable(missing="月份，如 2026-10 (a month, e.g. 2026-10)")
    day = first = date(int(found[1]), int(found[2]), 1)
    async with installation(settings) as database, database.reading() as session:
        calendar = await load_calendar(session)
    lines = []
    while day.month == first.month:
        lines.append(f"  {_line(calendar, day)}")
        day += timedelta(days=1)
    worked = sum(calendar.is_workday(first + timedelta(days=n)) for n in range(len(lines)))
    mark = "（暂定：该年放假安排尚未导入）" if calendar.provisional(first) else ""
    return "\n".join([f"{first.year} 年 {first.month} 月{mark}", *lines, f"工作日 {worked} 天"])


async def _due(settings: Settings, received: datetime, days: int) -> str:
    async with installation(settings) as database, database.reading() as session:
        calendar = await load_calendar(session)
    return due_text(calendar, received, calendar.due(received, days))


def due_text(calendar: WorkCalendar, received: datetime, due: Due) -> str:
    """Return a deadline as it is explained to people: its end, the days counted, the days skipped and why."""
    end = due.at.astimezone(SHANGHAI)
    mark = "（暂定：跨入放假安排尚未导入的年份）" if due.provisional else ""
    return "\n".join(
        [
            f"受理 {received:%Y-%m-%d %H:%M}，{len(due.counted)} 个工作日",
            f"截止 {due.last_day} 24:00 前，即早于 {end:%Y-%m-%d %H:%M}{mark}",
            "计入",
            *(f"  {_line(calendar, day)}" for day in due.counted),
            "跳过",
            *(f"  {_line(calendar, skip.day)}" for skip in due.skipped),
        ]
    )


def _line(calendar: WorkCalendar, day: date) -> str:
    name = calendar.name(day)
    document = calendar.document(day)
    parts = [f"{day} 星期{WEEKDAYS[day.weekday()]}", KINDS[calendar.kind(day)]]
    parts += [name] if name else []
    parts += [document] if document else []
    return "  ".join(parts)


async def _import(settings: Settings, file: Path, username: str, password: str) -> str:
    with file.open("rb") as opened:
        content = opened.read(MOST_BYTES + 1)
    try:
        paper = read_paper(file.name, content)
    except CalendarFileRefused as refused:
        for fault in refused.faults:
            typer.echo(
                f"{file.name} 第 {fault.line} 行：{fault.zh} / line {fault.line}: {fault.en}",
                err=True,
            )
        raise
    async with installation(settings) as database:
        who = await _person(database, username, password)
        async with database.unit_of_work() as uow:
            made = await propose_paper(uow, paper, who, utc_now())
            if made.version is None:
                return f"{paper.year} 年的这一版本已经生效，无需导入"
            diff = diff_of(await open_book(uow.session), made.version)
            return f"{_diff_text(diff)}\n提案 {made.version.id} 待他人审批：hotline calendar approve {made.version.id}"


def _diff_text(diff: Diff) -> str:
    lines = ["该年此前为暂定"] if diff.was_provisional else []
    lines += [
        f"  {change.day} 星期{WEEKDAYS[change.day.weekday()]}  {KINDS[change.old_kind]} {change.old_name}".rstrip()
        + f" → {KINDS[change.new_kind]} {change.new_name}".rstrip()
        for change in diff.changes
    ]
    return "\n".join([*lines, f"共改变 {len(diff.changes)} 天"])


async def _approve(settings: Settings, number: int | None, username: str, password: str) -> str:
    async with installation(settings) as database:
        who = await _person(database, username, password)
        async with database.unit_of_work() as uow:
            chosen = number if number is not None else await _only_one(uow.session)
            version = await approve(uow, chosen, who, utc_now())
            return f"{version.year} 年 {version.number} 已生效；运行中的热线一分钟内采用"


async def _only_one(session: AsyncSession) -> int:
    waiting = (
        await session.scalars(
            select(CalendarVersion)
            .where(CalendarVersion.state == VersionState.PROPOSED)
            .order_by(CalendarVersion.id)
        )
    ).all()
    if not waiting:
        raise NotFound(what="待审批的提案 (a proposal that waits)")
    if len(waiting) > 1:
        listed = ", ".join(f"{version.id} ({version.year} {version.number})" for version in waiting)
        raise Unprocessable(missing=f"提案编号 (which one): {listed}")
    return waiting[0].id


async def _person(database: Database, username: str, password: str) -> Principal:
    async with database.reading() as session:
        account = await authenticate(session, username, password)
        if account is None:
            raise WrongCredentials()
        return principal(account)
