"""Lore, write-behind, the truth of the rooms, ticket progress, health and the desktop's files."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

import httpx
import pytest
from fastapi import FastAPI
from live_world import until
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession
from web_world import ORIGIN, WebWorld

from core.db import Database
from core.errors import NotSignedIn
from core.events import LocalBus
from core.security import LoginSession, Principal, Role
from telephony.calls import Call, Leg, Offer, Segment
from tickets.identity import Identity, Keyring
from tickets.models import Contact, Ticket
from web.caller_lore import Lore, LoreBook
from web.health import NotReady, probe_all
from web.live_truth import call_pieces, queue_piece
from web.static import desktop_router
from web.ticket_status import STAGES, TicketStatus
from web.write_behind import WriteBehind

AT = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


# What is known of a caller


async def test_a_caller_is_looked_up_once_and_again_when_the_menu_is_known() -> None:
    asked: list[str] = []
    learned: list[tuple[str, Lore]] = []
    gate = asyncio.Event()

    async def look_up(_caller: str, _dnid: str, menu: str) -> Lore:
        asked.append(menu)
        await gate.wait()
        return Lore(known_name=menu)

    book = LoreBook(look_up, lambda call_id, lore: learned.append((call_id, lore)))
    book.begin("c1", "139", "12345", "")
    await asyncio.sleep(0)
    book.begin("c1", "139", "12345", "complaint")
    assert book.asked("c1")
    gate.set()
    await until(lambda: book.known("c1") is not None)
    assert asked == ["", "complaint"]
    assert learned == [("c1", Lore(known_name="complaint"))]
    book.forget("c1")
    assert not book.asked("c1")
    await book.close()


async def test_a_look_up_that_fails_leaves_the_call_without_lore() -> None:
    async def look_up(_caller: str, _dnid: str, _menu: str) -> Lore:
        raise OSError("no database")

    book = LoreBook(look_up, lambda _call_id, _lore: None)
    book.begin("c1", "139", "12345", "")
    await until(lambda: not book.asked("c1"))
    assert book.known("c1") is None


# Many who come at once


async def test_many_who_come_at_once_are_looked_up_together(
    web: WebWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """1,000 desktops that come back after a restart (telephony spec 11)."""
    tokens = [
        await web.token(await web.person(Role.OPERATOR, username=f"op{number}"))
        for number in range(5)
    ]
    readings = 0
    reading = web.hotline.database.reading

    def counted(**how: bool) -> object:
        nonlocal readings
        readings += 1
        return reading(**how)

    monkeypatch.setattr(web.hotline.database, "reading", counted)
    admission = web.hotline.admission
    answers = await asyncio.gather(
        *(admission.of(token) for token in [*tokens, tokens[0], "wrong", ""]),
        return_exceptions=True,
    )
    names = [answer.username for answer in answers if isinstance(answer, Principal)]
    assert names == ["op0", "op1", "op2", "op3", "op4", "op0"]
    assert [type(answer) for answer in answers[6:]] == [NotSignedIn, NotSignedIn]
    assert readings == 1


async def test_a_failing_database_fails_those_who_asked_and_nobody_after(
    web: WebWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await web.token(await web.person(Role.OPERATOR))
    with monkeypatch.context() as broken:

        def gone(**_how: bool) -> object:
            raise OperationalError("SELECT", {}, Exception("gone"))

        broken.setattr(web.hotline.database, "reading", gone)
        with pytest.raises(OperationalError):
            await web.hotline.admission.of(token)
    assert (await web.hotline.admission.of(token)).username == "op1"


# Writing behind the ring


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    made = Database(f"sqlite+aiosqlite:///{tmp_path}/writes.db", LocalBus())
    async with made.unit_of_work() as uow:
        await uow.session.execute(text("CREATE TABLE note (word TEXT)"))
    yield made
    await made.close()


async def test_writes_wait_for_the_database_and_keep_their_order(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Telephony spec 10: the database is gone for a while."""
    monkeypatch.setattr("web.write_behind.RETRY_SECONDS", 0.01)
    away = 3
    tries = 0

    def note(word: str) -> "object":
        async def write(session: AsyncSession) -> None:
            nonlocal tries
            tries += 1
            if tries <= away:
                raise OperationalError("INSERT", {}, Exception("gone"))
            await session.execute(text("INSERT INTO note VALUES (:word)"), {"word": word})

        return write

    writes = WriteBehind(database)
    writes.start()
    for word in ("one", "two", "three"):
        writes.put(note(word))  # type: ignore[arg-type]
    await writes.close()
    async with database.reading() as session:
        assert list(await session.scalars(text("SELECT word FROM note"))) == ["one", "two", "three"]
    assert tries > away


# What the switch's table says


def call(**parts: object) -> Call:
    values: dict[str, object] = {
        "id": "c1", "started_at": AT, "phase_since": AT, "last_at": AT, "caller": "13900000001",
        "caller_name": "王小明", "dnid": "2881111", "menu": "complaint",
    }  # fmt: skip
    return Call(**(values | parts))  # type: ignore[arg-type]


def leg(state: str) -> MappingProxyType[str, Leg]:
    return MappingProxyType(
        {"u2": Leg(uniqueid="u2", role="agent", started_at=AT, endpoint="seat03", state=state)}  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(("state", "expected"), [("bridged", "talking"), ("held", "held")])
def test_a_call_under_way_is_shown_at_the_seat_that_talks(state: str, expected: str) -> None:
    talked = call(
        offers=(
            Offer(attempt=2, endpoint="seat03", uniqueid="u2", offered_at=AT, state="answered"),
        ),
        segments=(Segment(number=1, endpoint="seat03", uniqueid="u2", attempt=2, started_at=AT),),
        legs=leg(state),
        recording="2026/11/23/c1.wav",
    )
    ((endpoint, piece),) = call_pieces(talked)
    assert (endpoint, piece.state, piece.attempt) == ("seat03", expected, 2)
    assert piece.recording
    assert piece.answered_at == AT


def test_a_ringing_seat_is_shown_and_one_that_stopped_is_not() -> None:
    ringing = call(
        offers=(
            Offer(attempt=1, endpoint="seat01", uniqueid="u1", offered_at=AT, state="no_answer"),
            Offer(attempt=2, endpoint="seat03", uniqueid="u2", offered_at=AT),
        )
    )
    assert [(endpoint, piece.state) for endpoint, piece in call_pieces(ringing)] == [
        ("seat03", "ringing")
    ]


def test_the_queue_is_in_order_and_masked() -> None:
    calls = {
        name: call(id=name, in_queue=name != "c3", position=position, joined_at=AT)
        for name, position in (("c1", 2), ("c2", 1), ("c3", 0))
    }
    waiting = queue_piece(calls).waiting
    assert [entry.call_id for entry in waiting] == ["c2", "c1"]
    assert waiting[0].caller_masked == "139****0001"


# Progress of a ticket on the telephone


async def test_progress_needs_the_right_number_and_the_right_code(web: WebWorld) -> None:
    async with web.hotline.database.unit_of_work() as uow:
        people = Keyring(web.hotline.settings)
        person = people.new_person(Identity(source_number="13900000001"))
        uow.session.add(person)
        contact = Contact(channel="phone", person_id=person.id, received_at=AT)
        uow.session.add(contact)
        await uow.session.flush()
        uow.session.add(
            Ticket(
                contact_id=contact.id, number="261123-48317752", state="TO_DISPATCH", version=1,
                person_id=person.id, opened_at=AT, updated_at=AT,
            )
        )  # fmt: skip
    status = TicketStatus(web.hotline.database, Keyring(web.hotline.settings))
    told = await status("26112348317752", "0001")
    assert told is not None
    assert told.stage == "accepted"
    for number, code in (
        ("26112348317752", "0002"), ("26112348317753", "0001"), ("", ""), ("26112348317752", ""),
        ("261123-4831775", "0001"), ("2" * 200, "0001"),
    ):  # fmt: skip
        assert await status(number, code) is None


async def test_guessing_at_a_tickets_code_is_limited(web: WebWorld) -> None:
    """X92: after some tries even the right code gets the answer for a wrong one."""
    status = TicketStatus(web.hotline.database, Keyring(web.hotline.settings))
    answers = [await status._may_ask("26112348317752") for _ in range(12)]
    assert answers == [True] * 10 + [False] * 2


def test_every_state_that_has_a_number_can_be_told() -> None:
    from tickets.terms import State

    assert set(STAGES) == set(State) - {State.DRAFT}


# Health


async def test_every_part_is_probed_with_its_word_and_its_time() -> None:
    async def good() -> str:
        return "answers"

    async def bad() -> str:
        raise NotReady("not built")

    async def broken() -> str:
        raise OSError("secret address")

    found = await probe_all({"good": good, "bad": bad, "broken": broken})
    assert [(part["ok"], part["says"]) for part in found.values()] == [
        (True, "answers"),
        (False, "not built"),
        (False, "OSError"),
    ]
    assert all(float(str(part["milliseconds"])) >= 0 for part in found.values())


async def test_expired_sign_ins_are_dropped(web: WebWorld) -> None:
    token = await web.token(await web.person(Role.OPERATOR))
    async with web.hotline.database.unit_of_work() as uow:
        await uow.session.execute(text("UPDATE login_session SET expires_at = '2020-01-01'"))
    await web.hotline.housekeeping.drop_expired_sessions()
    async with web.hotline.database.reading() as session:
        assert await session.get(LoginSession, token) is None
        assert await session.scalar(text("SELECT count(*) FROM login_session")) == 0


# The desktop's files


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<title>desk</title>")
    (folder / "assets" / "app-1a2b.js").write_text("export {}")
    (tmp_path / "secret").write_text("no")
    return folder


def browser(folder: Path) -> httpx.AsyncClient:
    app = FastAPI()
    app.include_router(desktop_router(folder))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url=ORIGIN)


async def test_hashed_assets_are_cached_for_ever_and_the_page_never(dist: Path) -> None:
    async with browser(dist) as client:
        asset = await client.get("/assets/app-1a2b.js")
        assert asset.headers["cache-control"] == "public, max-age=31536000, immutable"
        for path in ("/", "/desk", "/tickets/7"):
            page = await client.get(path)
            assert (page.text, page.headers["cache-control"]) == ("<title>desk</title>", "no-cache")


@pytest.mark.parametrize("path", ["/../secret", "/%2e%2e/secret", "/..%2fsecret", "//etc/passwd"])
async def test_nothing_outside_the_folder_is_served(dist: Path, path: str) -> None:
    async with browser(dist) as client:
        answer = await client.get(path)
    assert "no" not in answer.text.split("<title>")[0]
    assert "root:" not in answer.text


async def test_a_missing_asset_is_not_the_page(dist: Path) -> None:
    async with browser(dist) as client:
        assert (await client.get("/assets/old-9z.js")).status_code != 200


async def test_a_desktop_that_is_not_built_says_so(tmp_path: Path) -> None:
    async with browser(tmp_path / "nothing") as client:
        answer = await client.get("/")
    assert answer.status_code == 503
    assert "make setup" in answer.text
