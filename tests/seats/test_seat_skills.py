"""Queue members have the penalty of their agents' skills: at sign-in, after a change, whoever comes and goes."""

import pytest
from seat_world import World

from core.errors import Forbidden
from core.security import AuditRow, Role
from seats.errors import NotAnOperator
from seats.models import Agent, HomeCompany
from seats.skills import UNSKILLED, Skill, penalty


async def teach(world: World, name: str, skills: dict[Skill, int]) -> None:
    """Enter a person of the world as an operator with these skills, as a shift leader does."""
    account_id = world.people[name].account_id
    async with world.database.unit_of_work() as uow:
        if await uow.session.get(Agent, account_id) is None:
            company = HomeCompany.WATER.value
            agent = Agent(account_id=account_id, work_number=f"{account_id}", home_company=company)
            uow.session.add(agent)
    await world.hire("班长", roles=(Role.SHIFT_LEADER,))
    await world.service.set_skills(account_id, skills, world.people["班长"])
    await world.settle()


def penalties(world: World) -> dict[str, int]:
    return {endpoint: member.penalty for endpoint, member in world.switch.queue.items()}


async def test_a_member_is_added_with_the_penalty_of_its_agents_skill(world: World) -> None:
    await teach(world, "王", {"water": 2})
    await world.sign_in("王", "01")
    await world.sign_in("赵", "02")
    assert penalties(world) == {"seat01": penalty("water", 2), "seat02": UNSKILLED}


async def test_changed_skills_change_the_member_at_once(world: World) -> None:
    await teach(world, "王", {"water": 2})
    await world.ready("王", "01")
    await teach(world, "王", {"heating": 3})
    assert penalties(world) == {"seat01": penalty("heating", 3)}
    assert await world.service.on_duty("heating")
    assert not await world.service.on_duty("water")


async def test_who_comes_and_goes_changes_what_the_others_stand_for(world: World) -> None:
    await teach(world, "王", {"water": 3, "language": 1})
    await teach(world, "赵", {"water": 1})
    await world.ready("王", "01")
    assert penalties(world) == {"seat01": penalty("water", 3)}
    await world.ready("赵", "02")
    assert penalties(world) == {"seat01": penalty("language", 1), "seat02": penalty("water", 1)}
    await world.service.sign_out(world.people["赵"])
    await world.settle()
    assert penalties(world) == {"seat01": penalty("water", 3)}
    (wang,) = [row for row in await world.service.skills() if row.seat]
    assert (wang.seat, wang.stands_for, wang.skills) == ("01", "water", {"water": 3, "language": 1})


async def test_a_penalty_that_somebody_else_changed_is_put_right_by_the_comparison(
    world: World,
) -> None:
    await teach(world, "王", {"water": 2})
    await world.ready("王", "01")
    await world.switch.set_penalty("seat01", 77)
    await world.after(seconds=16)
    assert penalties(world) == {"seat01": penalty("water", 2)}


async def test_nobody_is_on_duty_for_a_skill_while_he_has_a_pause(world: World) -> None:
    await teach(world, "王", {"water": 2})
    await world.sign_in("王", "01")
    assert not await world.service.on_duty("water")
    await world.service.set_ready(world.people["王"])
    await world.settle()
    assert await world.service.on_duty("water")


async def test_skills_are_set_by_managers_for_operators_and_audited(world: World) -> None:
    with pytest.raises(Forbidden):
        await world.service.set_skills(1, {"water": 1}, world.people["王"])
    await world.hire("班长", roles=(Role.SHIFT_LEADER,))
    with pytest.raises(NotAnOperator):
        await world.service.set_skills(9, {"water": 1}, world.people["班长"])
    await teach(world, "王", {"water": 1})
    async with world.database.reading() as session:
        row = await session.get_one(AuditRow, 1)
        assert (row.action, row.details) == ("agent.skills", {"old": {}, "new": {"water": 1}})
