"""What comes into the form: unknown fields refused, values cleaned and checked, codes looked up."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from tickets.cleaning import clean_line, clean_text
from tickets.errors import FieldRefused
from tickets.form import FIELDS, Field
from tickets.labels import label
from tickets.models import Ticket
from tickets.phones import normalise_phone
from tickets.register import Area, Category, referral_targets

Value = str | int | bool | None
_EMPTY: dict[str, Value] = {"line": "", "text": "", "phone": ""}


@dataclass(eq=False)
class Problem(Exception):
    """Why one value cannot be taken."""

    zh: str
    en: str


async def fill(session: AsyncSession, raw: Mapping[str, Value]) -> dict[str, Value]:
    """Return the cleaned values of `raw`; FieldRefused names every field that cannot be taken."""
    values: dict[str, Value] = {}
    problems: dict[str, Problem] = {}
    for name, value in raw.items():
        try:
            values[name] = await _look_up(session, name, clean(name, value))
        except Problem as problem:
            problems[clean_line(name[:40])] = problem
    if problems:
        raise refusal(problems)
    return values


def clean(name: str, value: Value) -> Value:
    """Return `value` in the form in which the field `name` keeps it; raises Problem."""
    field = FIELDS.get(name)
    if field is None:
        raise Problem("没有此字段", "No such field")
    if value is None or value == "":
        if not field.optional:
            raise Problem("不能为空", "Must be chosen")
        return _EMPTY.get(field.kind)
    if field.kind == "flag":
        if not isinstance(value, bool):
            raise Problem("应为是或否", "Must be true or false")
        return value
    if field.kind == "ticket":
        return _ticket_reference(value)
    if not isinstance(value, str):
        raise Problem("应为文字", "Must be text")
    return _clean_text(field, value)


def refusal(problems: Mapping[str, Problem]) -> FieldRefused:
    """Return the error that names all of `problems`."""
    return FieldRefused(
        summary_zh=";".join(f"{label('fields', name)}:{p.zh}" for name, p in problems.items()),
        summary_en="; ".join(f"{name}: {p.en}" for name, p in problems.items()),
        fields=[{"field": name, "zh": p.zh, "en": p.en} for name, p in problems.items()],
    )


def _clean_text(field: Field, value: str) -> str | None:
    if field.limit and len(value) > 4 * field.limit:  # do not even clean ten megabytes
        raise _too_long(field)
    if field.kind == "choice":
        if field.choices is None or value not in set(field.choices):
            raise Problem("选项有误", "Not one of the choices")
        return value
    if field.kind == "phone":
        return _phone(value)
    text = clean_text(value) if field.kind == "text" else clean_line(value[:1000])
    if field.limit and len(text) > field.limit:
        raise _too_long(field)
    return text or _blank(field)


def _blank(field: Field) -> str | None:
    return "" if field.kind in _EMPTY else None


def _phone(value: str) -> str:
    number = normalise_phone(value)
    if not number and clean_line(value):
        raise Problem("不是有效的电话号码", "Not a telephone number")
    return number


def _ticket_reference(value: str | int) -> str | int | None:
    """Return the id or the number by which a ticket is named."""
    if isinstance(value, str) and len(value) <= 24:
        return clean_line(value) or None
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**31:
        return value
    raise Problem("应为工单编号", "Must be a ticket")


def _too_long(field: Field) -> Problem:
    return Problem(f"超过 {field.limit} 字", f"Longer than {field.limit} characters")


async def _look_up(session: AsyncSession, name: str, value: Value) -> Value:
    kind = FIELDS[name].kind
    if value is None:
        return None
    if kind == "category":
        return await _category(session, str(value))
    if kind == "area" and await session.get(Area, str(value)) is None:
        raise Problem("没有此县区", "No such district")
    if kind == "target" and value not in {target.code for target in referral_targets()}:
        raise Problem("没有此指引对象", "No such referral target")
    if kind == "ticket":
        return await _ticket(session, value)
    return value


async def _category(session: AsyncSession, code: str) -> str:
    found = await session.get(Category, code)
    if found is None:
        raise Problem("没有此事项分类", "No such category")
    if not found.active:
        new = found.replaced_by or "—"
        raise Problem(f"该分类已停用，请改用 {new}", f"Retired; use {new}")
    if found.parent is None:
        raise Problem("请选到第二级或第三级", "Choose a field or an item of this class")
    return code


async def _ticket(session: AsyncSession, value: Value) -> int:
    named = Ticket.id == value if isinstance(value, int) else Ticket.number == value
    found = await session.scalar(select(Ticket.id).where(named))
    if found is None:
        raise Problem("没有此工单", "No such ticket")
    return found
