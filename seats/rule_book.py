"""The versions of the queue rules: which is in force, how one is applied, and how an older one comes back."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import timedelta

import structlog
from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import Clock
from core.config import Settings
from core.db import Database
from core.errors import Conflict, HotlineError, NotFound
from core.security import Principal, audit
from seats.errors import RulesRefused, SwitchUnavailable
from seats.plan_changes import MAY_PLAN
from seats.queue_rules import QueueRules, config_of, problems_of
from seats.rule_models import RulesVersion
from telephony.queue_config import QueueConfig, stored

log = structlog.get_logger(__name__)
_adapter = TypeAdapter(QueueRules)

PutInForce = Callable[[QueueConfig], Awaitable[None]]
"""Makes Asterisk take a configuration over, or raises what it says instead (telephony.queue_files)."""
MOST_VERSIONS = 100
APPLIES_WITHIN = timedelta(seconds=60)
FAILURES = (HotlineError, TimeoutError, OSError)


@dataclass(frozen=True)
class InForce:
    """The rules that hold now; version 0: those that are shipped."""

    version: int
    rules: QueueRules


@dataclass(frozen=True)
class Draft:
    """What a manager wants applied, and why. `based_on`: the version in force that he looked at."""

    rules: QueueRules
    reason: str
    based_on: int
    restores: int | None = None


class RuleBook:
    """Keeps no state: each question is answered from the database."""

    def __init__(
        self, database: Database, clock: Clock, settings: Settings, put_in_force: PutInForce
    ) -> None:
        self._database, self._clock = database, clock
        self._settings, self._put_in_force = settings, put_in_force

    async def in_force(self) -> InForce:
        """Return the rules that were applied last."""
        async with self._database.reading() as session:
            return await self._in_force(session)

    def shipped(self) -> QueueRules:
        """Return version 0."""
        return replace(QueueRules(), ring_seconds=self._settings.ring_seconds)

    async def versions(self) -> Sequence[RulesVersion]:
        """Return the newest versions, newest first."""
        query = select(RulesVersion).order_by(RulesVersion.version.desc()).limit(MOST_VERSIONS)
        async with self._database.reading() as session:
            rows = (await session.scalars(query)).all()
            session.expunge_all()
        return rows

    async def apply(self, draft: Draft, by: Principal) -> InForce:
        """Put rules in force: recorded, taken over by Asterisk, read back; the version says how it went.

        RulesRefused names what is wrong with them, Conflict that others were applied meanwhile. What Asterisk says
        (QueueConfigRefused, AmiDown …) is kept with the version and raised; the former rules are in force then.
        """
        by.require(*MAY_PLAN)
        if problems := problems_of(draft.rules, self._settings.duty_mobiles):
            raise RulesRefused(problems=[asdict(problem) for problem in problems])
        version = await self._record(draft, by)
        try:
            await self._put_in_force(config_of(draft.rules, version))
        except FAILURES as error:
            said = error if isinstance(error, HotlineError) else SwitchUnavailable()
            await self._close(version, said)
            raise said from error
        await self._close(version, None)
        return InForce(version, draft.rules)

    async def restore(self, version: int, reason: str, based_on: int, by: Principal) -> InForce:
        """Apply what `version` was as a new version; NotFound."""
        async with self._database.reading() as session:
            row = await session.get(RulesVersion, version)
            if row is None and version != 0:
                raise NotFound(what="version")
            rules = rules_in(row) if row else self.shipped()
        return await self.apply(Draft(rules, reason, based_on, restores=version), by)

    async def on_switch_up(self, _event: object) -> None:
        """Asterisk is there: what it was told to keep must be what is in force.

        It differs when a process was killed half-way, a database was restored or a data folder lost.
        """
        async with self._database.reading() as session:
            now, last = await self._in_force(session), await _newest(session)
            changing = last is not None and self._under_way(last)
        kept = stored(self._settings.data_dir)
        same = now.version == (kept.version if kept else 0)
        if same or changing or not self._settings.own_asterisk:
            return
        log.warning("asterisk has other rules than those in force", version=now.version)
        try:
            await self._put_in_force(config_of(now.rules, now.version))
        except FAILURES as error:
            log.error("the rules in force are not in asterisk", error=repr(error))

    async def _in_force(self, session: AsyncSession) -> InForce:
        query = select(RulesVersion).where(RulesVersion.state == "applied")
        row = await session.scalar(query.order_by(RulesVersion.version.desc()).limit(1))
        return InForce(row.version, rules_in(row)) if row else InForce(0, self.shipped())

    async def _record(self, draft: Draft, by: Principal) -> int:
        """Take the next number; two managers who press at once meet at its key, and one is told."""
        try:
            async with self._database.unit_of_work() as uow:
                session = uow.session
                now, last = await self._in_force(session), await _newest(session)
                if now.version != draft.based_on or (last and self._under_way(last)):
                    raise Conflict()
                if last and last.state == "applying":  # its process died; see on_switch_up
                    last.state, last.refusal = "refused", SwitchUnavailable().rendering()
                version = (last.version if last else 0) + 1
                session.add(
                    RulesVersion(
                        version=version,
                        rules=_adapter.dump_python(draft.rules, mode="json"),
                        reason=draft.reason,
                        by=by.by,
                        by_name=by.display_name,
                        at=self._clock(),
                        restores=draft.restores,
                    )
                )
        except IntegrityError:
            raise Conflict() from None
        return version

    def _under_way(self, row: RulesVersion) -> bool:
        return row.state == "applying" and row.at > self._clock() - APPLIES_WITHIN

    async def _close(self, version: int, error: HotlineError | None) -> None:
        async with self._database.unit_of_work() as uow:
            row = await uow.session.get_one(RulesVersion, version)
            row.state = "refused" if error else "applied"
            row.refusal = error.rendering() if error else {}
            audit(
                uow.session, self._clock(), row.by, "queue_rules.apply", f"version:{version}",
                state=row.state, reason=row.reason,
            )  # fmt: skip


async def _newest(session: AsyncSession) -> RulesVersion | None:
    return await session.scalar(select(RulesVersion).order_by(RulesVersion.version.desc()).limit(1))


def rules_in(row: RulesVersion) -> QueueRules:
    """Return the rules of a version; what an older one did not know yet has its default."""
    return _adapter.validate_python(row.rules)
