"""Filling in the ticket form, as fast fingers do: shortcuts, arrow keys, Tab order is not relied on."""

from playwright.async_api import expect

from support.desk import Desk

HEATING: dict[str, str] = {
    "caller_name": "王小明",
    "title": "小区供暖温度不达标",
    "address": "学府路12号1单元",
    "occurred_at": "昨晚八点起",
    "complained_party": "供热公司",
    "purpose": "希望尽快恢复供暖",
}
CONTENT = "室内只有十二度,已连续三天。"


async def choose(desk: Desk, **values: str) -> None:
    """Choose in rows of choices with the arrow keys."""
    for field, value in values.items():
        row = desk.page.locator(f'[data-field="{field}"]')
        await row.locator("[tabindex='0']").focus()
        for _ in range(await row.get_by_role("radio").count()):
            if await desk.part(f"field-{field}-{value}").get_attribute("aria-checked") == "true":
                break
            await desk.page.keyboard.press("ArrowRight")
        await expect(desk.part(f"field-{field}-{value}")).to_have_attribute("aria-checked", "true")


async def pick(desk: Desk, field: str, typed: str, shown: str) -> None:
    """Type into a list that searches; take the best, which is marked, with Enter."""
    box = desk.page.locator(f"#f-{field}")
    if field == "category":
        await desk.press("Alt+c")
    else:
        await box.focus()
    await desk.page.keyboard.type(typed)
    # Its own list: the one before it may still be fading away.
    await expect(box).to_have_attribute("aria-expanded", "true")
    own = await box.get_attribute("aria-controls")
    await expect(desk.page.locator(f"[id='{own}'] .is-hovering")).to_contain_text(shown)
    await desk.press("Enter")
    await expect(box).to_have_attribute("aria-expanded", "false")
    await expect(desk.page.locator(f'[data-field="{field}"]')).to_contain_text(shown)


async def write(desk: Desk, **fields: str) -> None:
    """Write into text fields."""
    for name, text in fields.items():
        await desk.page.locator(f"#f-{name}").fill(text)


async def saved(desk: Desk) -> None:
    """Wait until everything typed is on the server."""
    await expect(desk.part("save-state")).to_have_attribute("data-status", "saved")
