"""Reference data as shipped, and the registers."""

from datetime import date

import pytest
from ticket_world import World

from core.errors import HotlineError
from tickets.register import Category, Hotline, initials, new_unit, referral_targets
from tickets.terms import State


async def test_the_catalogue_has_every_choice_of_the_form(world: World) -> None:
    catalogue = await world.service.catalogue()
    assert len(catalogue.appeal_types) == len(catalogue.handling_classes) == 5
    assert [state.code for state in catalogue.states] == list(State)
    assert {area.zh for area in catalogue.areas} == {
        *("站前区", "西市区", "鲅鱼圈区", "老边区", "盖州市", "大石桥市")
    }
    assert {"rest", "meal"} <= {reason.code for reason in catalogue.pause_reasons}
    assert "sign_in" not in {reason.code for reason in catalogue.pause_reasons}


async def test_the_four_classes_and_the_fourteen_consumption_fields_exist(world: World) -> None:
    """C01, C02, C03, C04."""
    tree = (await world.service.catalogue()).categories
    assert [node.code for node in tree if node.parent is None] == ["1", "2", "3", "4"]
    fields = {node.name for node in tree if node.parent == "1" and node.active}
    assert fields == {
        *("工商", "食品药品", "医疗卫生", "文化", "旅游", "质量监督", "物价", "农业", "林业"),
        *("电信", "城市供水", "城市供电", "煤气", "供暖"),
    }
    assert {node.name for node in tree if node.parent == "2"} == {
        *("工作作风", "服务态度", "办事效率")
    }
    by_code = {node.code: node for node in tree}
    for node in tree:
        assert node.parent is None or node.code.startswith(node.parent)
        assert node.parent is None or node.parent in by_code
    assert by_code["11401"].pinyin == "gnbr"


def test_initials_are_those_of_the_characters() -> None:
    assert initials("停水") == "ts"
    assert initials("12345热线(供暖)") == "12345rxgn"


def test_emergency_national_and_guide_only_bodies_are_told_apart() -> None:
    """5.11, C11, C12, C13, C14."""
    kinds = {target.code: target.kind for target in referral_targets()}
    assert {kinds[code] for code in ("110", "119", "120", "122")} == {"emergency"}
    assert {kinds[code] for code in ("12315", "12333", "12328", "12329")} == {"national"}
    assert {kinds[code] for code in ("12388", "12389", "12309", "petition")} == {"guide_only"}


async def test_preparing_again_keeps_local_additions(world: World) -> None:
    async with world.database.unit_of_work() as uow:
        uow.session.add(Category(code="40899", parent="408", zh="本地", en="Local", pinyin="bd"))
        (await uow.session.get_one(Category, "101")).zh = "改动"
    await world.service.prepare()
    tree = {node.code: node.name for node in (await world.service.catalogue()).categories}
    assert tree["40899"] == "本地"
    assert tree["101"] == "工商"


@pytest.mark.parametrize("kind", ["", "bureau", "COUNTY"])
def test_a_unit_without_one_of_the_four_kinds_is_refused(kind: str) -> None:
    """B10."""
    with pytest.raises(HotlineError) as refused:
        new_unit("某单位", kind)
    assert refused.value.status == 422


def test_a_line_is_parallel_until_its_date_then_merged_then_closed() -> None:
    """A04."""
    line = Hotline(
        number="1",
        name="测试",
        mode="parallel",
        merged_on=date(2016, 6, 1),
        closed_on=date(2017, 1, 1),
    )
    assert line.mode_on(date(2016, 5, 31)) == "parallel"
    assert line.mode_on(date(2016, 6, 1)) == "merged"
    assert line.mode_on(date(2017, 1, 1)) == "closed"
    assert Hotline(number="2", name="并行", mode="parallel").mode_on(date(2026, 1, 1)) == "parallel"
