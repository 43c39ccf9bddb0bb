"""Tickets among 10,000 and among 100,000: what a desk does many times a day must not grow with the archive.

    python tests/bench/bench_tickets.py [size ...]

SQLite, one process, one request at a time through the service (access, masking, names, hash chain
and commit included). `like` is the same search as a plain substring scan by the database, for comparison.
"""

import asyncio
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests" / "tickets")]

from sqlalchemy import select  # noqa: E402
from ticket_world import COMPLETE, START, World  # noqa: E402

from tickets.form import IMPERSONAL, Form  # noqa: E402
from tickets.identity import Identity, Keyring, Person  # noqa: E402
from tickets.models import Contact, Ticket, TicketHandler  # noqa: E402
from tickets.search import Wanted, search_text  # noqa: E402
from tickets.terms import State  # noqa: E402
from tickets.tokens import index_tokens  # noqa: E402

Figures = dict[str, dict[str, float]]
WARM_UP = 5
ROUNDS = 60
CHUNK = 2_000
WHAT = (
    "停水",
    "停电",
    "供暖不热",
    "路灯不亮",
    "路面坑洼",
    "公交不来",
    "噪声扰民",
    "物业不管",
    "占道经营",
    "电梯故障",
)
WHERE = (
    "幸福",
    "新兴",
    "海韵",
    "金牛",
    "辽河",
    "学府",
    "滨海",
    "建设",
    "渤海",
    "站前",
    "红旗",
    "东风",
    "向阳",
    "平安",
    "望海",
)
TAIL = "从今天早上开始，一直没有人来处理，家里有老人和孩子，希望有关部门尽快派人解决并答复。"


def run(sizes: tuple[int, ...] = (10_000, 100_000)) -> Figures:
    """Return action -> p50 in ms at each size ("10000"), and "ratio" of the last size to the first.

    The sizes take turns, request by request, so that whatever else the machine does falls on all alike.
    """
    figures = asyncio.run(_measure(sizes))
    for row in figures.values():
        row["ratio"] = row[str(sizes[-1])] / row[str(sizes[0])]
    return figures


def table(figures: Figures) -> str:
    """Return the figures as text."""
    columns = list(next(iter(figures.values())))
    lines = [f"{'p50 ms':<24}" + "".join(f"{column:>12}" for column in columns)]
    for action, row in figures.items():
        lines.append(f"{action:<24}" + "".join(f"{row[column]:>12.2f}" for column in columns))
    return "\n".join(lines)


async def _measure(sizes: tuple[int, ...]) -> Figures:
    async with AsyncExitStack() as stack:
        deeds = {str(size): _actions(await _world(stack, size)) for size in sizes}
        return {
            name: await _p50s({size: acts[name] for size, acts in deeds.items()})
            for name in next(iter(deeds.values()))
        }


async def _world(stack: AsyncExitStack, size: int) -> World:
    folder = stack.enter_context(tempfile.TemporaryDirectory())
    world = World(Path(folder), f"sqlite+aiosqlite:///{folder}/bench.db")
    stack.push_async_callback(world.close)
    await world.open()
    people = Keyring(world.settings)
    _fill(f"{folder}/bench.db", size, world.people.wang.account_id, people)
    return world


def _actions(world: World) -> dict[str, Callable[[], Awaitable[object]]]:
    wang, intake, service = world.people.wang, world.people.intake, world.service
    calls = iter(range(10**6))

    async def opened() -> object:
        call = world.ring(wang, call_id=f"bench-{next(calls)}", caller="13900099999")
        return await world.draft(wang, call_id=call)

    async def registered() -> object:
        return await world.accepted(wang)

    def office(query: str = "", state: State | None = None) -> Callable[[], Awaitable[object]]:
        return lambda: service.page(intake, Wanted(state=state), office=True, query=query)

    drafts: dict[str, int] = {}

    async def alike() -> object:
        if not drafts:
            form = {**COMPLETE, "title": "望海小区停水", "address": "望海小区8号楼"}
            drafts["one"] = (await world.draft(wang, {**form, "contact_phone": "13900000042"})).id
        return await service.duplicates(wang, drafts["one"])

    async def like() -> object:
        async with world.database.reading() as session:
            found = select(Ticket.id).where(Ticket.search_text.contains("路灯不亮 12345"))
            return (await session.scalars(found.order_by(Ticket.id.desc()).limit(21))).all()

    return {
        "open a draft": opened,
        "draft, fill, accept": registered,
        "list, office": office(),
        "list, by state": office(state=State.TO_DISPATCH),
        "list, own": lambda: service.page(wang, Wanted(), office=False),
        "search 停水": office("停水"),
        "search two words": office("停水 望海"),
        "search one character": office("暖"),
        "search nothing there": office("停水供暖"),
        "like nothing there": like,
        "duplicates of a draft": alike,
        "caller on the ring": lambda: service.caller_summary("13900000042", dnid="12345"),
    }


async def _p50s(acts: dict[str, Callable[[], Awaitable[object]]]) -> dict[str, float]:
    took: dict[str, list[float]] = {size: [] for size in acts}
    for _ in range(WARM_UP + ROUNDS):
        for size, act in acts.items():
            began = time.perf_counter()
            await act()
            took[size].append(time.perf_counter() - began)
    return {size: statistics.median(times[WARM_UP:]) * 1000 for size, times in took.items()}


def _fill(path: str, size: int, account_id: int, people: Keyring) -> None:
    """Write tickets as they look after registration, in bulk, past the service."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA synchronous=OFF")
    for first in range(1, size + 1, CHUNK):
        _chunk(connection, range(first, min(first + CHUNK, size + 1)), account_id, people)
    connection.commit()
    connection.execute("ANALYZE")
    connection.close()


def _chunk(connection: sqlite3.Connection, ids: range, account_id: int, people: Keyring) -> None:
    rows = list(_rows(ids, account_id, people))
    for name in (Person.__tablename__, Contact.__tablename__, Ticket.__tablename__):
        values = [row[name] for row in rows]
        columns = ", ".join(values[0])
        marks = ", ".join(f":{column}" for column in values[0])
        connection.executemany(f"INSERT INTO {name} ({columns}) VALUES ({marks})", values)
    connection.executemany(
        f"INSERT INTO {TicketHandler.__tablename__} VALUES (?, ?)",
        [(account_id, row["ticket"]["id"]) for row in rows if row["ticket"]["id"] % 15 == 0],
    )
    tokens = (
        (token, row["ticket"]["id"])
        for row in rows
        for token in index_tokens(str(row["ticket"]["search_text"]))
    )
    connection.executemany("INSERT INTO ticket_token VALUES (?, ?)", sorted(tokens))


def _rows(ids: range, account_id: int, people: Keyring) -> Iterator[dict[str, dict[str, object]]]:
    dice = random.Random(ids.start)
    for number in ids:
        what, where = dice.choice(WHAT), dice.choice(WHERE)
        form = {
            **{name: getattr(Form(), name) for name in IMPERSONAL},
            **{name: value for name, value in COMPLETE.items() if name in IMPERSONAL},
            "title": f"{where}小区{what}",
            "content": f"{where}小区{what}，{TAIL}",
            "address": f"{where}小区{dice.randint(1, 60)}号楼",
        }
        at = (START - timedelta(minutes=10 * (10**6 - number))).strftime("%Y-%m-%d %H:%M:%S.000000")
        issued = f"260101-{number:08d}"
        caller = f"139{dice.randrange(30_000):08d}"
        person = people.new_person(Identity(source_number=caller, contact_phone=caller))
        known = people.phone_hash(caller)
        yield {
            "person": {"id": person.id, "key_id": person.key_id, "sealed": person.sealed},
            "contact": {
                "id": number,
                "channel": "phone",
                "person_id": person.id,
                "dnid": "12345",
                "menu": "",
                "recording": 0,
                "received_at": at,
            },
            "ticket": {
                **form,
                "id": number,
                "number": issued,
                "version": 2,
                "state": dice.choice(("TO_DISPATCH", "ANSWERED", "ANSWERED")),
                "contact_id": number,
                "person_id": person.id,
                "source_hash": known,
                "contact_hash": known,
                "opened_at": at,
                "updated_at": at,
                "accepted_at": at,
                "accepted_by_id": account_id,
                "opened_by_id": account_id,
                "info_attempts": 0,
                "search_text": search_text({**form, "number": issued}),
            },
        }


if __name__ == "__main__":
    wanted = tuple(int(size) for size in sys.argv[1:]) or (10_000, 100_000)
    print(table(run(wanted)))
