"""Generating a month: the problem from the database, the solver in its process, the answer into the draft."""

import asyncio
import sys
from dataclasses import dataclass
from datetime import date

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.security import Principal
from seats.roster.board import carried_balance
from seats.roster.editing import set_cells
from seats.roster.errors import GenerationFailed, GenerationRunning, SolverMissing
from seats.roster.explain import shortages
from seats.roster.models import RosterVersion, RosterWish
from seats.roster.months import Cell, Month, cells_of, check_revision, roster_of, version_of
from seats.roster.problem import ANSWER, MISSING_STATUS, PROBLEM, Answer, Problem, Wish
from seats.roster.room import MAY_PLAN_ROSTER, RosterRoom
from seats.roster.rules import Assignment, Roster
from seats.roster.views import Generated

log = structlog.get_logger(__name__)
PATIENCE = 30.0
"""Seconds on top of the search for a process to start and to answer."""


@dataclass(frozen=True)
class Options:
    """`keep_all`: fill gaps alone; `since`: leave the days before it; `effort`: deterministic seconds of search."""

    seed: int = 1
    effort: float = 20.0
    keep_all: bool = False
    since: date | None = None


async def generate(
    room: RosterRoom, month: Month, revision: int | None, options: Options, who: Principal
) -> Generated:
    """Fill the draft anew around its fixed cells, leave and training; return it with what could not be met.

    Nothing is locked while the solver works: RosterChanged if somebody edited the draft meanwhile. Raises
    GenerationRunning, SolverMissing or GenerationFailed; the draft is then as it was.
    """
    who.require(*MAY_PLAN_ROSTER)
    if room.generating.locked():
        raise GenerationRunning()
    async with room.generating:
        async with room.database.reading() as session:
            check_revision(await version_of(session, month, "draft"), revision)
            problem, before = await _problem(room, session, month, options)
        answer = await run(problem)
        wanted = _cells(problem.roster, before, answer)
        view = await set_cells(room, month, revision, wanted, who, what="generate")
        log.info("roster generated", month=str(month), short=answer.short, seconds=answer.seconds)
        return Generated(
            month=view,
            short=answer.short,
            best=answer.best,
            seconds=answer.seconds,
            reasons=await asyncio.to_thread(shortages, _solved(problem.roster, answer)),
        )


async def run(problem: Problem) -> Answer:
    """Return the solver's answer from a process of its own, which ends with this call whatever happens."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "seats.roster.solver",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        async with asyncio.timeout(problem.wall_seconds + PATIENCE):
            out, err = await process.communicate(PROBLEM.dump_json(problem))
    except TimeoutError as error:
        raise GenerationFailed() from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode == MISSING_STATUS:
        raise SolverMissing()
    if process.returncode != 0:
        log.error("the solver failed", status=process.returncode, said=err.decode()[-2000:])
        raise GenerationFailed()
    return ANSWER.validate_json(out)


async def _problem(
    room: RosterRoom, session: AsyncSession, month: Month, options: Options
) -> tuple[Problem, list[Cell]]:
    version = await _base(session, month)
    roster = await roster_of(session, month, version, await room.calendar_for(session))
    before = await cells_of(session, version) if version is not None else []
    wishes = await session.scalars(
        select(RosterWish).where(RosterWish.day.between(month.first, month.last))
    )
    problem = Problem(
        roster=roster,
        fixed=frozenset(
            Assignment(cell.person, cell.day, cell.shift)
            for cell in before
            if cell.shift in roster.rules.by_code and _stays(cell, options)
        ),
        wishes=tuple(Wish(row.account_id, row.day, row.shift, row.avoid) for row in wishes),
        days_off=frozenset(
            (cell.person, cell.day) for cell in before if cell.fixed and not cell.shift
        ),
        balance=await carried_balance(room, session, month),
        seed=options.seed,
        effort=options.effort,
    )
    return problem, before


async def _base(session: AsyncSession, month: Month) -> RosterVersion | None:
    return await version_of(session, month, "draft") or await version_of(
        session, month, "published"
    )


def _stays(cell: Cell, options: Options) -> bool:
    early = options.since is not None and cell.day < options.since
    return cell.fixed or options.keep_all or early


def _solved(roster: Roster, answer: Answer) -> Roster:
    outside = {row for row in roster.assignments if not roster.inside(row.day)}
    return roster.with_assignments(answer.assignments | outside)


def _cells(roster: Roster, before: list[Cell], answer: Answer) -> list[Cell]:
    """Return a cell for every person and day that had one or gets one; notes and fixing stay."""
    old = {(cell.person, cell.day): cell for cell in before}
    new = {(row.person, row.day): row.shift for row in answer.assignments}
    return [
        Cell(
            person,
            day,
            new.get((person, day), ""),
            cell.fixed if (cell := old.get((person, day))) else False,
            cell.note if cell else "",
        )
        for person, day in sorted(old.keys() | new.keys())
    ]
