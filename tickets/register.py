"""Reference data and registers: categories, areas, units, merged hotlines, knowledge articles."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, TypedDict, TypeVar

import yaml
from sqlalchemy import Date, ForeignKey, String, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base
from tickets.errors import FieldRefused
from tickets.labels import REFERENCE
from tickets.terms import MergeMode, UnitKind


class Category(Base):
    """A node of the tree class → field → item; a retired one names its replacement (X73)."""

    __tablename__ = "category"

    code: Mapped[str] = mapped_column(String(8), primary_key=True)
    parent: Mapped[str | None] = mapped_column(ForeignKey("category.code"), index=True)
    zh: Mapped[str] = mapped_column(String(60))
    en: Mapped[str] = mapped_column(String(80))
    pinyin: Mapped[str] = mapped_column(String(60))  # initials: 供暖不热 -> gnbr
    active: Mapped[bool] = mapped_column(default=True)
    replaced_by: Mapped[str | None] = mapped_column(String(8))


class Area(Base):
    """A county or district by its administrative code."""

    __tablename__ = "area"

    code: Mapped[str] = mapped_column(String(12), primary_key=True)
    zh: Mapped[str] = mapped_column(String(40))
    en: Mapped[str] = mapped_column(String(60))


class Unit(Base):
    """A handling unit; second-level units hang under one first-level unit."""

    __tablename__ = "unit"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    kind: Mapped[str] = mapped_column(String(16))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    active: Mapped[bool] = mapped_column(default=True)


class Hotline(Base):
    """A number that reaches us: whose it was, and how far it has been merged (A03, A04)."""

    __tablename__ = "hotline"

    number: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    owner_unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    mode: Mapped[str] = mapped_column(String(16))
    merged_on: Mapped[date | None] = mapped_column(Date)
    closed_on: Mapped[date | None] = mapped_column(Date)
    greeting: Mapped[str] = mapped_column(String(200), default="")
    skill: Mapped[str] = mapped_column(String(32), default="")
    note: Mapped[str] = mapped_column(String(200), default="")

    def mode_on(self, day: date) -> str:
        """Return the merge mode that holds on `day` (a closed line is closed from its date on)."""
        if self.closed_on is not None and day >= self.closed_on:
            return MergeMode.CLOSED
        if self.merged_on is not None and day >= self.merged_on:
            return MergeMode.MERGED
        return MergeMode.PARALLEL if self.closed_on or self.merged_on else self.mode


@dataclass(frozen=True)
class ReferralTarget:
    """A body that callers are guided or transferred to instead of opening a matter."""

    code: str
    zh: str
    en: str
    number: str
    kind: str  # emergency, national, guide_only


_Coded = TypeVar("_Coded", Category, Area)


class _Node(TypedDict, total=False):
    code: str
    zh: str
    en: str
    active: bool
    replaced_by: str
    children: list["_Node"]


def initials(name: str) -> str:
    """Return the pinyin initials of a Chinese name, other characters as they are."""
    # Its dictionary takes most of a second to load, and only new names need it: a restart must be quick.
    from pypinyin import Style, lazy_pinyin

    letters = lazy_pinyin(name, style=Style.FIRST_LETTER, errors=_letters_only)
    return "".join(letters).lower()[:60]


@cache
def referral_targets() -> tuple[ReferralTarget, ...]:
    return tuple(ReferralTarget(**entry) for entry in _read("referral_targets.yaml"))


async def load_reference(session: AsyncSession) -> None:
    """Bring categories and areas in the database to the shipped files; local additions stay."""
    known = {row.zh: row.pinyin for row in await session.scalars(select(Category))}
    await _bring(session, Category, _walk(_read("categories.yaml"), None, known))
    await _bring(session, Area, _read("areas.yaml"))


def new_unit(name: str, kind: str, parent_id: int | None = None) -> Unit:
    """Return a unit to be added; FieldRefused unless `kind` is one of the four (B10)."""
    if kind not in set(UnitKind):
        raise FieldRefused(
            summary_zh="单位类型",
            summary_en="kind of unit",
            fields=[{"field": "kind", "zh": "单位类型有误", "en": "Unknown kind of unit"}],
        )
    return Unit(name=name, kind=kind, parent_id=parent_id, active=True)


async def _bring(
    session: AsyncSession, table: type[_Coded], rows: Iterable[dict[str, Any]]
) -> None:
    present = {row.code: row for row in await session.scalars(select(table))}
    for row in rows:
        if (known := present.get(row["code"])) is None:
            session.add(table(**row))
            continue
        for name, value in row.items():
            setattr(known, name, value)
    await session.flush()


def _walk(
    nodes: list[_Node], parent: str | None, known: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    """Yield the rows of a tree; `known` are names whose initials are in the database already."""
    for node in nodes:  # parents first
        yield {
            "code": node["code"],
            "parent": parent,
            "zh": node["zh"],
            "en": node["en"],
            "pinyin": known.get(node["zh"]) or initials(node["zh"]),
            "active": node.get("active", True),
            "replaced_by": node.get("replaced_by"),
        }
        yield from _walk(node.get("children", []), node["code"], known)


def _letters_only(text: str) -> str:
    return "".join(mark for mark in text if mark.isascii() and mark.isalnum())


def _read(name: str) -> Any:
    return yaml.safe_load((REFERENCE / name).read_text(encoding="utf-8"))
