"""The surge banner: spoken in a worker, heard before the queue, lapses by itself; no failure silences a caller."""

import asyncio
import io
import wave
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from support.agi_peer import HANG_UP, AgiPeer, Heard

from core.clock import FixedClock
from core.db import Database
from core.errors import NotFound
from core.events import Event, LocalBus
from core.security import Account, AuditRow, Principal, Role
from ivr import banner_sound, surge
from ivr.banner_sound import BannerSound, spoken_text, take_recording
from ivr.events import CallerAskedToBeInformed, SurgeChanged
from ivr.load import DEFAULT, load_flow
from ivr.prompts import PromptText, VoiceFailed, catalogue
from ivr.runner import Questions, Runner
from ivr.surge import Banner, SurgeService, SurgeTime
from telephony import sound
from telephony.agi import AgiServer

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
TEXT = "站前区供水主管爆裂正在抢修"
FLOW = load_flow(DEFAULT, catalogue())
LEADER = Principal(1, "shift01", "何班长", frozenset({Role.SHIFT_LEADER}))


class World:
    """A service over a database of its own, whose voice is that of the test."""

    def __init__(self, folder: Path) -> None:
        self.clock = FixedClock(NOW)
        self.events: list[Event] = []
        self.folder = folder
        self.database = Database(f"sqlite+aiosqlite:///{folder}/surge.db", LocalBus())
        self.database.bus.watch(Event, self._note)
        self.service = self.new_service()

    def new_service(self) -> SurgeService:
        return SurgeService(self.database, self.clock, self.folder / "hotline")

    async def announce(self, text: str = TEXT, hours: float = 2, **more: bool) -> SurgeChanged:
        ends = self.clock() + timedelta(hours=hours)
        offers = more.get("offers_inform", True)
        changed = await self.service.announce(LEADER, text, "", ends, offers_inform=offers)
        await self.service.settled()
        return changed

    async def _note(self, event: Event) -> None:
        self.events.append(event)


@pytest.fixture
async def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    monkeypatch.setattr(surge, "speak_banner", lambda folder, name, text: None)
    world = World(tmp_path)
    await world.database.create_all()
    yield world
    await world.service.close()
    await world.database.close()


async def test_a_banner_is_heard_from_when_its_sound_is_there_until_it_lapses(world: World) -> None:
    """Spec telephony 3: lapses by itself."""
    assert await world.service.banner() is None
    changed = await world.announce(hours=1)
    assert await world.service.banner() == Banner(
        changed.surge_id, f"surge/{changed.surge_id}", True
    )
    assert [event.sound for event in world.events if isinstance(event, SurgeChanged)] == [
        *("making", "ready"),
    ]
    await world.service.sweep()
    assert await world.service.in_force() is not None
    world.clock.advance(hours=1)
    assert await world.service.banner() is None
    await world.service.sweep()
    assert await world.service.in_force() is None
    last = world.events[-1]
    assert isinstance(last, SurgeChanged)
    assert last.ended


async def test_another_banner_takes_the_place_of_the_first_and_all_is_audited(world: World) -> None:
    first = await world.announce()
    second = await world.announce("西市区停气")
    banner = await world.service.banner()
    assert banner is not None
    assert banner.surge_id == second.surge_id != first.surge_id
    await world.service.end(LEADER)
    assert await world.service.banner() is None
    async with world.database.reading() as session:
        actions = list(await session.scalars(select(AuditRow.action).order_by(AuditRow.id)))
    assert actions == [
        *("surge.on", "surge.sound_ready", "surge.off", "surge.on", "surge.sound_ready"),
        "surge.off",
    ]


async def test_a_voice_that_fails_leaves_the_callers_their_queue_and_tells_the_leader(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(folder: Path, name: str, text: str) -> None:
        raise VoiceFailed(what="no voice")

    monkeypatch.setattr(surge, "speak_banner", fail)
    await world.announce()
    assert await world.service.banner() is None
    state = await world.service.in_force()
    assert state is not None
    assert state.sound == "failed"


async def test_a_recording_takes_the_place_of_a_voice_that_failed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(surge, "speak_banner", lambda folder, name, text: 1 / 0)
    with pytest.raises(NotFound):
        await world.service.use_recording(LEADER, wav(1.0))
    changed = await world.announce()
    with pytest.raises(BannerSound):
        await world.service.use_recording(LEADER, b"not a sound")
    await world.service.use_recording(LEADER, wav(1.0))
    banner = await world.service.banner()
    assert banner is not None
    samples, rate = sound.read_wav(world.folder / "hotline" / "surge" / f"{changed.surge_id}.wav")
    assert (rate, len(samples) > 4000) == (8000, True)


async def test_a_banner_that_a_former_process_left_unspoken_is_spoken(world: World) -> None:
    await world.service.announce(LEADER, TEXT, "", NOW + timedelta(hours=1), offers_inform=False)
    await world.service.close()
    world.service = world.new_service()
    assert await world.service.start() is not None
    await world.service.settled()
    assert await world.service.banner() is not None


async def test_a_time_in_the_past_and_a_text_that_cannot_be_read_are_refused(world: World) -> None:
    with pytest.raises(SurgeTime):
        await world.announce(hours=-1)
    with pytest.raises(SurgeTime):
        await world.announce(hours=24 * 8)
    with pytest.raises(PromptText):
        await world.announce("停水 SOS")
    assert await world.service.in_force() is None


async def test_a_caller_is_noted_once_for_each_banner(world: World) -> None:
    async with world.database.unit_of_work() as uow:
        uow.session.add(
            Account(
                username="shift01",
                display_name="何班长",
                password_hash="-",
                roles=["shift_leader"],
                created_at=NOW,
            )
        )
    changed = await world.announce()
    for call in ("call-1", "call-2"):
        await world.service.ask_to_be_informed(changed.surge_id, call, "13900000001")
    (asked,) = [event for event in world.events if isinstance(event, CallerAskedToBeInformed)]
    assert (asked.call_id, asked.caller, asked.about) == ("call-1", "13900000001", TEXT)
    state = await world.service.in_force()
    assert state is not None
    assert state.asked == 1


def test_numbers_and_marks_are_put_into_words_that_the_voice_can_say() -> None:
    said = spoken_text("预计8点恢复，影响400户；请拨12345或110。")
    assert said == "预计八点恢复,影响四百户,请拨幺二三四五或幺幺零"


@pytest.mark.parametrize("seconds", [0.0, 21.0])
def test_a_recording_that_is_empty_or_too_long_is_refused(tmp_path: Path, seconds: float) -> None:
    with pytest.raises(BannerSound):
        take_recording(tmp_path, "1", wav(seconds))


def test_the_real_voice_speaks_a_banner(tmp_path: Path) -> None:
    banner_sound.speak_banner(tmp_path, "1", "站前区停水,预计8点恢复。")
    samples, rate = sound.read_wav(tmp_path / "1.wav")
    assert rate == 8000
    assert sound.speech_level(samples) > -30


def wav(seconds: float, rate: int = 16_000) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        loud = b"\x00\x20" * 10 + b"\x00\xe0" * 10
        out.writeframes(loud * int(seconds * rate / 20))
    return file.getvalue()


# What callers hear, over a real AGI socket.


class Asked(list[tuple[int, str, str]]):
    """Who asked to be informed."""

    async def note(self, surge_id: int, call_id: str, caller: str) -> None:
        self.append((surge_id, call_id, caller))


async def call(
    *inputs: str,
    banner: Banner | None,
    impatient: bool = False,
    slow: bool = False,
    **ask: object,
) -> Heard:
    async def in_force() -> Banner | None:
        if slow:
            await asyncio.Event().wait()
        return banner

    ask = {"banner": in_force, **ask}
    questions = Questions(flow_for=lambda dnid: FLOW, within_seconds=0.2, **ask)  # type: ignore[arg-type]
    server = AgiServer(Runner(questions).call, "127.0.0.1", 0)
    await server.start()
    try:
        return await AgiPeer(server.port, inputs, impatient=impatient).call()
    finally:
        await server.close(grace=0)


BANNER = Banner(7, "surge/7", True)


async def test_everybody_hears_the_banner_after_the_menu_and_before_the_queue() -> None:
    heard = await call("2", banner=Banner(7, "surge/7", False))
    assert heard.variables["IVR_NEXT"] == "queue"
    assert heard.prompts.count("hotline/surge/7") == 1
    assert heard.prompts.index("hotline/surge/7") < heard.prompts.index("hotline/queue_wait")


async def test_who_presses_1_is_noted_thanked_and_let_go() -> None:
    asked = Asked()
    heard = await call("2", "1", banner=BANNER, inform=asked.note)
    assert heard.variables["IVR_NEXT"] == "hangup"
    assert [(surge_id, bool(caller)) for surge_id, _, caller in asked] == [(7, True)]
    assert heard.prompts[-2:] == ["hotline/surge_noted", "hotline/goodbye"]
    assert any("callback_accepted" in said for said in heard.user_events)


async def test_the_emergency_key_works_during_the_banner() -> None:
    heard = await call("2", "9", banner=BANNER, impatient=True, inform=Asked().note)
    assert heard.variables["IVR_NEXT"] == "emergency"
    assert heard.variables["QUEUE_PRIO"] == "100"


async def test_who_chose_emergency_hears_no_banner() -> None:
    heard = await call("9", banner=BANNER, inform=Asked().note)
    assert heard.variables["IVR_NEXT"] == "emergency"
    assert "hotline/surge/7" not in heard.prompts


async def test_who_hangs_up_during_the_banner_has_abandoned() -> None:
    heard = await call("2", HANG_UP, banner=BANNER, inform=Asked().note)
    assert "IVR_NEXT" not in heard.variables


async def test_a_list_that_cannot_be_written_sends_nobody_away() -> None:
    async def fail(surge_id: int, call_id: str, caller: str) -> None:
        raise OSError("away")

    heard = await call("2", "1", banner=BANNER, inform=fail)
    assert heard.variables["IVR_NEXT"] == "queue"


async def test_a_banner_that_is_not_found_out_in_time_costs_the_caller_nothing() -> None:
    heard = await call("2", banner=None, slow=True)
    assert heard.variables["IVR_NEXT"] == "queue"
