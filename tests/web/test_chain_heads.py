"""Heads of the event chain outside the database (X93, X94): exported daily, printed, compared."""

import asyncio
import sys
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from web_world import WebWorld

from core.clock import FixedClock, utc_now
from core.errors import Unprocessable
from core.security import Role, principal_of
from tickets.chain_heads import Head, append_head, parse, read_heads
from tickets.terms import Channel
from web.chain_watch import ChainWatch
from web.live_hub import Hub
from web.live_state import Notice

heads = st.builds(
    Head,
    day=st.dates(),
    position=st.integers(0, 2**40),
    hash=st.text("0123456789abcdef", min_size=64, max_size=64),
)


@given(heads)
def test_a_printed_head_is_read_back(head: Head) -> None:
    assert parse(head.line()) == head


@pytest.mark.parametrize(
    "line", ["", "x", "2026-11-25 1", f"2026-11-25 -1 {'0' * 64}", f"2026-13-01 1 {'0' * 64}",
             f"2026-11-25 1 {'g' * 64}", f"2026-11-25 1 {'0' * 63}"],
)  # fmt: skip
def test_what_is_no_head_is_refused(line: str) -> None:
    with pytest.raises(Unprocessable):
        parse(line)


def test_heads_are_only_appended(tmp_path: Path) -> None:
    file, made = (
        tmp_path / "heads.txt",
        [Head(date(2026, 11, day), day, "a" * 64) for day in (1, 2)],
    )
    assert read_heads(file) == []
    for head in made:
        append_head(file, head)
    assert read_heads(file) == made


class Told(Hub):
    """A hub that remembers what it was to tell."""

    def __init__(self) -> None:
        super().__init__(utc_now, 1)
        self.notices: list[tuple[Notice, frozenset[Role]]] = []

    def notify(self, notice: Notice, roles: frozenset[Role]) -> None:
        self.notices.append((notice, roles))


async def some_events(web: WebWorld, username: str = "op1") -> None:
    token = await web.token(await web.person(Role.OPERATOR, username=username))
    async with web.hotline.database.reading() as session:
        who = await principal_of(session, token, web.hotline.clock())
    for _ in range(3):
        await web.hotline.tickets.open_draft(who, channel=Channel.WEB)


async def rewrite(web: WebWorld, statement: str) -> None:
    async with web.hotline.database.unit_of_work() as uow:
        for verb in ("update", "delete"):
            await uow.session.execute(text(f"DROP TRIGGER IF EXISTS ticket_event_no_{verb}"))
        await uow.session.execute(text(statement))


async def test_one_head_a_day_and_an_alarm_that_names_the_first_bad_event(
    web: WebWorld, tmp_path: Path
) -> None:
    """X93: the alarm names the first bad seq; a broken chain is not exported as if it were whole."""
    file, hub, clock = tmp_path / "heads.txt", Told(), FixedClock(utc_now())
    watch = ChainWatch(web.hotline.tickets, hub, clock, file)
    await some_events(web)
    for _ in range(2):
        await watch.daily()
    assert [head.position for head in read_heads(file)] == [3]

    clock.advance(days=1)
    await rewrite(web, "UPDATE ticket_event SET by = 'nobody' WHERE position = 3")
    for _ in range(2):
        await watch.daily()
    ((notice, roles),) = hub.notices
    assert (notice.level, notice.code) == ("alarm", "CHAIN_BROKEN")
    assert roles == {Role.SHIFT_LEADER}
    assert "第 3 条" in notice.zh
    assert len(read_heads(file)) == 1


async def test_a_chain_that_goes_on_from_the_exported_head_is_whole(
    web: WebWorld, tmp_path: Path
) -> None:
    tickets = web.hotline.tickets
    await some_events(web)
    head = await tickets.chain_head()
    await some_events(web, "op2")
    assert await tickets.verify_chain(since=head) is None
    assert await tickets.verify_chain(since=await tickets.chain_head()) is None
    forged = Head(head.day, head.position, "0" * 64)
    assert await tickets.verify_chain(since=forged) == head.position
    ahead = Head(head.day, 99, head.hash)
    assert await tickets.verify_chain(since=ahead) == 99
    await rewrite(web, "DELETE FROM ticket_event WHERE position = 3")
    assert await tickets.verify_chain(since=head) == 3


async def test_the_command_line_prints_a_head_and_finds_what_a_restored_backup_lacks(
    web: WebWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """X94: heads printed on paper are compared with the chain of a restored backup."""
    monkeypatch.setenv("HOTLINE_DATA_DIR", str(web.hotline.settings.data_dir))
    monkeypatch.setenv("HOTLINE_SECRET_KEY", web.hotline.settings.secret_key.get_secret_value())
    await some_events(web)
    printed = tmp_path / "printed.txt"
    code, head = await command("chain", "head")
    assert (code, parse(head).position) == (0, 3)
    printed.write_text(head)
    code, said = await command("chain", "verify", "--against", str(printed))
    assert (code, said) == (0, "3 events, 1 exported heads\nthe chain is whole\n")

    # The backup is of yesterday: it is whole in itself, but ends too early.
    await rewrite(
        web,
        "UPDATE ticket_event_head SET position = 2,"
        " hash = (SELECT hash FROM ticket_event WHERE position = 2)",
    )
    await rewrite(web, "DELETE FROM ticket_event WHERE position = 3")
    assert await web.hotline.tickets.verify_chain() is None
    code, said = await command("chain", "verify", "--against", str(printed))
    assert code == 1
    assert said.endswith("NOT whole: the first bad event is 3\n")
    assert (await command("chain", "verify", "--against", str(tmp_path / "none")))[0] == 2


async def command(*words: str) -> tuple[int, str]:
    """Run `hotline …` in a process of its own; return its exit code and what it says."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "from web.cli import app; app()",
        *words,
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode()
