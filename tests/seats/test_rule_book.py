"""Versions of the queue rules: applied or refused, brought back, never half in force (telephony spec 6)."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from seat_world import MONDAY

from core.clock import FixedClock
from core.config import Settings
from core.db import Database
from core.errors import Conflict, Forbidden, HotlineError, NotFound
from core.events import LocalBus
from core.security import Principal, Role
from seats.errors import RulesRefused, SwitchUnavailable
from seats.queue_rules import QueueRules
from seats.rule_book import Draft, RuleBook
from seats.rule_models import RulesVersion
from telephony.errors import QueueConfigRefused
from telephony.queue_config import QueueConfig, store, stored

LEADER = Principal(7, "shift01", "何班长", frozenset({Role.SHIFT_LEADER}))
RULES = replace(QueueRules(), ring_seconds=20)


class Book:
    """A rule book over a switch that takes everything over, or fails with `fails`."""

    def __init__(self, folder: Path, database: Database) -> None:
        self.clock = FixedClock(MONDAY)
        self.settings = Settings(_env_file=None, demo=True, data_dir=folder, ring_seconds=11)
        self.fails: Exception | None = None
        self.told: list[QueueConfig] = []
        self.rules = RuleBook(database, self.clock, self.settings, self._put)

    async def _put(self, config: QueueConfig) -> None:
        self.told.append(config)
        if self.fails is not None:
            raise self.fails
        store(config, self.settings.data_dir)

    async def apply(self, rules: QueueRules, based_on: int, why: str = "试验") -> int:
        return (await self.rules.apply(Draft(rules, why, based_on), LEADER)).version

    async def states(self) -> list[tuple[int, str]]:
        return [(row.version, row.state) for row in await self.rules.versions()]


@pytest.fixture
async def book(tmp_path: Path) -> AsyncIterator[Book]:
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/rules.db", LocalBus())
    await database.create_all()
    yield Book(tmp_path, database)
    await database.close()


async def test_before_anything_is_applied_what_is_shipped_holds_with_the_settings_ring(
    book: Book,
) -> None:
    now = await book.rules.in_force()
    assert (now.version, now.rules) == (0, replace(QueueRules(), ring_seconds=11))
    await book.rules.on_switch_up(None)
    assert book.told == []


async def test_an_applied_version_says_who_when_and_why_and_is_in_force(book: Book) -> None:
    assert await book.apply(RULES, 0, "供暖季") == 1
    assert (await book.rules.in_force()).rules == RULES
    (row,) = await book.rules.versions()
    assert (row.reason, row.by_name, row.at, row.state) == ("供暖季", "何班长", MONDAY, "applied")
    assert (book.told[0].version, book.told[0].ring_seconds) == (1, 20)


async def test_bad_rules_reach_neither_the_switch_nor_the_versions(book: Book) -> None:
    with pytest.raises(RulesRefused) as refusal:
        await book.apply(replace(RULES, ring_seconds=1), 0)
    (problem,) = refusal.value.details["problems"]
    assert (problem["field"], problem["code"]) == ("ring_seconds", "OUT_OF_LIMITS")
    assert (book.told, await book.states()) == ([], [])


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (QueueConfigRefused(what="strategy", wanted="a", seen="b"), "QUEUE_CONFIG_REFUSED"),
        (OSError("disk full"), "SWITCH_UNAVAILABLE"),
        (TimeoutError(), "SWITCH_UNAVAILABLE"),
    ],
)
async def test_what_the_switch_refuses_is_kept_with_its_words_and_the_old_rules_hold(
    book: Book, failure: Exception, code: str
) -> None:
    await book.apply(RULES, 0)
    book.fails = failure
    with pytest.raises(HotlineError) as refusal:
        await book.apply(replace(RULES, ring_seconds=30), 1)
    assert refusal.value.code == code
    assert (await book.rules.in_force()).rules == RULES
    newest, _ = await book.rules.versions()
    assert (newest.state, newest.refusal["code"]) == ("refused", code)
    book.fails = None
    assert await book.apply(replace(RULES, ring_seconds=30), 1) == 3


async def test_an_older_version_comes_back_as_a_new_one_and_so_does_what_is_shipped(
    book: Book,
) -> None:
    await book.apply(RULES, 0)
    await book.apply(replace(RULES, ring_seconds=30), 1)
    again = await book.rules.restore(1, "恢复", 2, LEADER)
    assert (again.version, again.rules) == (3, RULES)
    assert (await book.rules.restore(0, "恢复", 3, LEADER)).rules == book.rules.shipped()
    assert [row.restores for row in await book.rules.versions()] == [0, 1, None, None]
    with pytest.raises(NotFound):
        await book.rules.restore(9, "恢复", 4, LEADER)


async def test_who_looked_at_older_rules_is_told_so(book: Book) -> None:
    await book.apply(RULES, 0)
    with pytest.raises(Conflict):
        await book.apply(replace(RULES, ring_seconds=30), 0)


async def test_only_who_may_plan_applies_rules(book: Book) -> None:
    operator = replace(LEADER, roles=frozenset({Role.OPERATOR}))
    with pytest.raises(Forbidden):
        await book.rules.apply(Draft(RULES, "试验", 0), operator)


async def test_a_version_whose_process_died_blocks_for_a_minute_and_is_never_in_force(
    book: Book,
) -> None:
    await book.apply(RULES, 0)
    async with book.rules._database.unit_of_work() as uow:
        uow.session.add(
            RulesVersion(
                version=2, rules={}, reason="试验", by="account:7", by_name="何班长", at=MONDAY
            )
        )
    store(QueueConfig(version=2), book.settings.data_dir)
    await book.rules.on_switch_up(None)
    assert len(book.told) == 1, "another process may be about it"
    with pytest.raises(Conflict):
        await book.apply(RULES, 1)
    book.clock.advance(seconds=61)
    await book.rules.on_switch_up(None)
    kept = stored(book.settings.data_dir)
    assert kept is not None
    assert (kept.version, kept.ring_seconds) == (1, 20)
    assert await book.apply(RULES, 1) == 3
    assert await book.states() == [(3, "applied"), (2, "refused"), (1, "applied")]


async def test_after_a_lost_data_folder_the_rules_in_force_are_put_into_asterisk_again(
    book: Book,
) -> None:
    await book.apply(RULES, 0)
    (book.settings.data_dir / "queue.json").unlink()
    book.fails = SwitchUnavailable()
    await book.rules.on_switch_up(None)
    book.fails = None
    await book.rules.on_switch_up(None)
    await book.rules.on_switch_up(None)
    assert [config.version for config in book.told] == [1, 1, 1]
