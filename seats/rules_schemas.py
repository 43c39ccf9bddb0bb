"""The JSON of the queue rules' endpoints."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from core.log import mask_number
from seats.queue_rules import LIMITS, QueueRules
from seats.rule_book import rules_in
from seats.rule_models import PriorityNumber, RulesVersion, VersionState
from seats.rule_timeline import Kind, What
from seats.skills import SOUGHT, Skill

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class _FromValue(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class VersionOut(BaseModel):
    """`refusal` is {code, zh, en, details} of what Asterisk said, {} for a version that was taken over."""

    version: int
    rules: QueueRules
    reason: str
    by_name: str
    at: datetime
    restores: int | None
    state: VersionState
    refusal: dict[str, object]

    @staticmethod
    def of(row: RulesVersion) -> "VersionOut":
        return VersionOut(
            version=row.version, rules=rules_in(row), reason=row.reason, by_name=row.by_name,
            at=row.at, restores=row.restores, state=row.state, refusal=row.refusal,
        )  # fmt: skip


class RulesOut(BaseModel):
    """`version` is in force, `shipped` is version 0; `own_switch` false: they cannot be applied from here."""

    version: int
    rules: QueueRules
    shipped: QueueRules
    versions: list[VersionOut]
    limits: dict[str, tuple[int, int]] = LIMITS
    skills: tuple[Skill, ...] = SOUGHT
    duty_mobiles: list[str]
    own_switch: bool


class InForceOut(_FromValue):
    version: int
    rules: QueueRules


class ApplyIn(BaseModel):
    rules: QueueRules
    reason: Reason
    based_on: int = Field(ge=0)


class RestoreIn(BaseModel):
    reason: Reason
    based_on: int = Field(ge=0)


class CallerIn(BaseModel):
    """Whose wait is drawn; `of_skill`: level -> how many of the staffed seats stand for the skill with it."""

    skill: Skill = "general"
    kind: Kind = "ordinary"
    seats: int = Field(default=10, ge=0, le=1000)
    of_skill: dict[Literal["1", "2", "3"], Annotated[int, Field(ge=0, le=1000)]] = {}


class PreviewIn(BaseModel):
    rules: QueueRules
    caller: CallerIn


class ProblemOut(_FromValue):
    field: str
    code: str
    zh: str
    en: str


class StepOut(_FromValue):
    at: int
    until: int | None
    what: What
    seats: int | None
    zh: str
    en: str


class PreviewOut(BaseModel):
    """`timeline` is empty while there are problems."""

    problems: list[ProblemOut]
    timeline: list[StepOut]


class AgentSkillsOut(_FromValue):
    account_id: int
    name: str
    work_number: str
    home_company: str
    skills: dict[Skill, int]
    seat: str
    stands_for: Skill | None


class SkillsIn(BaseModel):
    skills: dict[Skill, Annotated[int, Field(ge=1, le=3)]]

    @model_validator(mode="after")
    def _sought_only(self) -> Self:
        """Everybody can do `general`: it is no entry."""
        if "general" in self.skills:
            raise ValueError("general is not a skill of anybody")
        return self


class NumberIn(BaseModel):
    number: str = Field(min_length=3, max_length=32)
    note: Annotated[str, StringConstraints(strip_whitespace=True, max_length=80)] = ""


class NumberOut(BaseModel):
    id: int
    masked: str
    note: str
    added_at: datetime

    @staticmethod
    def of(row: PriorityNumber) -> "NumberOut":
        return NumberOut(
            id=row.id, masked=mask_number(row.number), note=row.note, added_at=row.added_at
        )
