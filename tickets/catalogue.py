"""Everything the ticket form offers to choose from, with its texts."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from seats.reasons import PAUSE_REASONS
from tickets.labels import sections
from tickets.register import Area, Category, Hotline, Unit, referral_targets
from tickets.schemas import Catalogue, CategoryOut, Choice, HotlineOut, TargetOut, UnitOut

_FROM_LABELS = (
    "appeal_types",
    "handling_classes",
    "urgencies",
    "reply_methods",
    "genders",
    "subject_kinds",
    "languages",
    "states",
    "channels",
    "referral_results",
    "unit_kinds",
    "merge_modes",
    "fields",
)


async def catalogue(session: AsyncSession, today: date) -> Catalogue:
    """Return the vocabularies, the category tree, areas, units, hotlines and referral targets."""
    return Catalogue(
        **{section: _choices(section) for section in _FROM_LABELS},
        pause_reasons=[
            Choice(code=reason.code, zh=reason.zh, en=reason.en)
            for reason in PAUSE_REASONS
            if reason.choosable
        ],
        categories=await _categories(session),
        areas=[
            Choice(code=area.code, zh=area.zh, en=area.en)
            for area in await session.scalars(select(Area).order_by(Area.code))
        ],
        units=[
            UnitOut(id=unit.id, name=unit.name, kind=unit.kind)
            for unit in await session.scalars(
                select(Unit).where(Unit.active).order_by(Unit.kind, Unit.id)
            )
        ],
        hotlines=await _hotlines(session, today),
        referral_targets=[
            TargetOut(code=body.code, zh=body.zh, en=body.en, number=body.number, kind=body.kind)
            for body in referral_targets()
        ],
    )


async def _categories(session: AsyncSession) -> list[CategoryOut]:
    rows = await session.scalars(select(Category).order_by(Category.code))
    return [
        CategoryOut(
            code=row.code,
            name=row.zh,
            zh=row.zh,
            en=row.en,
            parent=row.parent,
            pinyin=row.pinyin,
            active=row.active,
        )
        for row in rows
    ]


async def _hotlines(session: AsyncSession, today: date) -> list[HotlineOut]:
    rows = await session.execute(
        select(Hotline, Unit.name.label("owner"))
        .outerjoin(Unit, Unit.id == Hotline.owner_unit_id)
        .order_by(Hotline.number)
    )
    return [
        HotlineOut(
            number=row.Hotline.number,
            name=row.Hotline.name,
            owner=row.owner or "",
            mode=row.Hotline.mode_on(today),
        )
        for row in rows
    ]


def _choices(section: str) -> list[Choice]:
    return [Choice(code=code, zh=zh, en=en) for code, (zh, en) in sections()[section].items()]
