"""The queue rules over HTTP: what holds, a look ahead, applying and bringing back; skills and the elderly list."""

from typing import Annotated

from fastapi import APIRouter, Depends

from core.config import Settings
from core.security import Guard, Principal
from seats.elderly import ElderlyList
from seats.plan_changes import MAY_PLAN
from seats.queue_rules import problems_of
from seats.rule_book import Draft, RuleBook
from seats.rule_timeline import Caller, timeline
from seats.rules_schemas import (
    AgentSkillsOut,
    ApplyIn,
    InForceOut,
    NumberIn,
    NumberOut,
    PreviewIn,
    PreviewOut,
    ProblemOut,
    RestoreIn,
    RulesOut,
    SkillsIn,
    StepOut,
    VersionOut,
)
from seats.service import SeatService


def build_router(
    rules: RuleBook, seats: SeatService, elderly: ElderlyList, settings: Settings, guard: Guard
) -> APIRouter:
    """Return the endpoints under /api/queue-rules, all for those who may plan."""
    router = APIRouter(prefix="/api/queue-rules", tags=["queue rules"])
    planner = Annotated[Principal, Depends(guard(*MAY_PLAN))]

    @router.get("")
    async def overview(_who: planner) -> RulesOut:
        now = await rules.in_force()
        return RulesOut(
            version=now.version,
            rules=now.rules,
            shipped=rules.shipped(),
            versions=[VersionOut.of(row) for row in await rules.versions()],
            duty_mobiles=settings.duty_mobiles,
            own_switch=settings.own_asterisk,
        )

    @router.post("/preview")
    async def preview(body: PreviewIn, _who: planner) -> PreviewOut:
        problems = problems_of(body.rules, settings.duty_mobiles)
        asked = body.caller
        caller = Caller(
            skill=asked.skill,
            kind=asked.kind,
            seats=asked.seats,
            of_skill=tuple((int(level), count) for level, count in asked.of_skill.items()),
        )
        steps = [] if problems else timeline(body.rules, caller)
        return PreviewOut(
            problems=[ProblemOut.model_validate(problem) for problem in problems],
            timeline=[StepOut.model_validate(step) for step in steps],
        )

    @router.put("")
    async def apply(body: ApplyIn, who: planner) -> InForceOut:
        draft = Draft(body.rules, body.reason, body.based_on)
        return InForceOut.model_validate(await rules.apply(draft, who))

    @router.post("/versions/{version}/restoration")
    async def restore(version: int, body: RestoreIn, who: planner) -> InForceOut:
        now = await rules.restore(version, body.reason, body.based_on, who)
        return InForceOut.model_validate(now)

    @router.get("/skills")
    async def skills(_who: planner) -> list[AgentSkillsOut]:
        return [AgentSkillsOut.model_validate(row) for row in await seats.skills()]

    @router.put("/skills/{account_id}", status_code=204)
    async def set_skills(account_id: int, body: SkillsIn, who: planner) -> None:
        await seats.set_skills(account_id, body.skills, who)

    @router.get("/elderly")
    async def numbers(_who: planner) -> list[NumberOut]:
        return [NumberOut.of(row) for row in await elderly.all()]

    @router.post("/elderly", status_code=201)
    async def add_number(body: NumberIn, who: planner) -> NumberOut:
        return NumberOut.of(await elderly.add(body.number, body.note, who))

    @router.delete("/elderly/{number_id}", status_code=204)
    async def remove_number(number_id: int, who: planner) -> None:
        await elderly.remove(number_id, who)

    return router
