"""Makes the recordings anew from the real Asterisk: `PYTHONPATH=.:tests python -m recordings.make [NAME …]`.

Each scene is a whole call, played by SIP phones against our own dialplan; what Asterisk says on AMI
meanwhile goes, masked, to NAME.ami beside this file. The caller is signed in as `hotline`, so a
recording shows what the bridge sees.
"""

import asyncio
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from asterisk_ami_mock.record import recording
from support.asterisk import running_asterisk
from support.links import next_event, until
from support.phones import citizen, seat_phone

from telephony.agi import AgiServer, AgiSession
from telephony.ami import AmiLink
from telephony.own_asterisk import OwnAsterisk
from telephony.provision import ami_secret
from telephony.switch import Switch

HERE = Path(__file__).parent
CALLER = {"number": "13812345678", "name": "王小明"}  # masked like any other


class Stage:
    """A running Asterisk, with our link beside the recorder's to see when something is over."""

    def __init__(self, asterisk: OwnAsterisk, link: AmiLink) -> None:
        self.asterisk, self.link = asterisk, link
        self.switch = Switch(link, queue=asterisk.settings.queue)

    async def member(self, endpoint: str, *, penalty: int = 0, paused: bool = False) -> None:
        await self.switch.add_member(endpoint, penalty=penalty, paused=paused, reason="sign_in")

    async def over(self) -> None:
        """Return when the last channel is gone."""
        while await self.switch.channels():
            await next_event(self.link, "Hangup", limit=30)


async def talk() -> None:
    """A short conversation, so that a recording has a talk time to be measured."""
    await asyncio.sleep(1)


async def answered(stage: Stage) -> None:
    """The seat answers, the caller ends the call."""
    async with (
        seat_phone(stage.asterisk, "seat01", hertz=650),
        citizen(stage.asterisk, **CALLER) as caller,
    ):
        await stage.member("seat01")
        call = await caller.dial("12345")
        await next_event(stage.link, "AgentConnect", limit=20)
        await next_event(stage.link, "BridgeEnter", limit=20)
        await next_event(stage.link, "BridgeEnter", limit=20)
        await talk()
        await call.hang_up()
        await stage.over()


async def agent_hangs_up(stage: Stage) -> None:
    """The seat answers and ends the call."""
    async with (
        seat_phone(stage.asterisk, "seat01") as seat,
        citizen(stage.asterisk, **CALLER) as caller,
    ):
        await stage.member("seat01")
        await caller.dial("12345")
        offered = await seat.next_call(within=20)
        await next_event(stage.link, "AgentConnect", limit=20)
        await next_event(stage.link, "BridgeEnter", limit=20)
        await next_event(stage.link, "BridgeEnter", limit=20)
        await offered.until_answered()
        await talk()
        await offered.hang_up()
        await stage.over()


async def abandoned_in_queue(stage: Stage) -> None:
    """Everybody is paused; the caller gives up."""
    async with seat_phone(stage.asterisk, "seat01"), citizen(stage.asterisk, **CALLER) as caller:
        await stage.member("seat01", paused=True)
        call = await caller.dial("12345")
        await next_event(stage.link, "QueueCallerJoin", limit=20)
        await call.hang_up()
        await stage.over()


async def caller_gone_while_ringing(stage: Stage) -> None:
    """The seat rings; the caller gives up before the answer."""
    async with (
        seat_phone(stage.asterisk, "seat01", "ring"),
        citizen(stage.asterisk, **CALLER) as caller,
    ):
        await stage.member("seat01")
        call = await caller.dial("12345")
        await next_event(stage.link, "AgentCalled", limit=20)
        await until(lambda: stage.link.backlog > 2)
        await call.hang_up()
        await stage.over()


async def ring_no_answer(stage: Stage) -> None:
    """The first seat lets it ring, the next one answers."""
    async with (
        seat_phone(stage.asterisk, "seat01", "ring"),
        seat_phone(stage.asterisk, "seat02"),
        citizen(stage.asterisk, **CALLER) as caller,
    ):
        await stage.member("seat01")
        call = await caller.dial("12345")
        await next_event(stage.link, "AgentCalled", limit=20)
        await stage.member("seat02", penalty=0)
        await next_event(stage.link, "AgentRingNoAnswer", limit=20)
        await stage.switch.pause_member("seat01", True, "missed_call")
        await next_event(stage.link, "AgentConnect", limit=20)
        await talk()
        await call.hang_up()
        await stage.over()


async def rejected(stage: Stage) -> None:
    """The first seat rejects the call (486), the next one answers."""
    async with (
        seat_phone(stage.asterisk, "seat01", "reject"),
        seat_phone(stage.asterisk, "seat02"),
        citizen(stage.asterisk, **CALLER) as caller,
    ):
        await stage.member("seat01")
        call = await caller.dial("12345")
        await next_event(stage.link, "AgentCalled", limit=20)
        await stage.member("seat02")
        await stage.switch.pause_member("seat01", True, "missed_call")
        await next_event(stage.link, "AgentConnect", limit=20)
        await talk()
        await call.hang_up()
        await stage.over()


async def two_callers_one_seat(stage: Stage) -> None:
    """The second caller waits until the first is done."""
    async with (
        seat_phone(stage.asterisk, "seat01"),
        citizen(stage.asterisk, **CALLER) as first,
        citizen(stage.asterisk, "13987654321", "李小红") as second,
    ):
        await stage.member("seat01")
        early = await first.dial("12345")
        await next_event(stage.link, "AgentConnect", limit=20)
        late = await second.dial("12345")
        await next_event(stage.link, "QueueCallerJoin", limit=20)
        await early.hang_up()
        await next_event(stage.link, "AgentConnect", limit=20)
        await late.hang_up()
        await stage.over()


async def nobody_staffed(stage: Stage) -> None:
    """No seat is in the queue: the caller is told so and may leave a message."""
    async with citizen(stage.asterisk, **CALLER) as caller:
        call = await caller.dial("12345")
        await next_event(stage.link, "UserEvent", limit=20)
        await next_event(stage.link, "UserEvent", limit=20)
        await next_event(stage.link, "UserEvent", limit=20)
        await call.hang_up()
        await stage.over()


async def restart(stage: Stage) -> None:
    """Asterisk is restarted during a conversation; members are gone afterwards and added again."""
    async with seat_phone(stage.asterisk, "seat01"), citizen(stage.asterisk, **CALLER) as caller:
        await stage.member("seat01")
        await caller.dial("12345")
        await next_event(stage.link, "AgentConnect", limit=20)
        await stage.asterisk.restart()
        await stage.link.wait_connected(20)
        await stage.member("seat01", paused=True)


async def crash(stage: Stage) -> None:
    """Asterisk is killed during a conversation: nobody says Hangup, nobody says Shutdown."""
    async with seat_phone(stage.asterisk, "seat01"), citizen(stage.asterisk, **CALLER) as caller:
        await stage.member("seat01")
        await caller.dial("12345")
        await next_event(stage.link, "AgentConnect", limit=20)
        await talk()
        await stage.asterisk.kill()
        await stage.asterisk.stop()
        await stage.asterisk.start()
        await stage.link.wait_connected(20)
        await stage.member("seat01", paused=True)


SCENES: tuple[Callable[[Stage], Awaitable[None]], ...] = (
    answered,
    agent_hangs_up,
    abandoned_in_queue,
    caller_gone_while_ringing,
    ring_no_answer,
    rejected,
    two_callers_one_seat,
    nobody_staffed,
    restart,
    crash,
)


async def make(scene: Callable[[Stage], Awaitable[None]], folder: Path) -> None:
    """Play one scene on an Asterisk of its own and write its recording."""
    async with running_asterisk(folder, ring_seconds=5) as asterisk:
        settings = asterisk.settings
        address, account = (
            (settings.ami_host, settings.ami_port),
            (settings.ami_user, ami_secret(settings)),
        )
        agi = AgiServer(_to_the_queue, settings.agi_host, settings.agi_port)
        link = AmiLink(host=address[0], port=address[1], user=account[0], secret=account[1])
        await agi.start()
        await link.start()
        try:
            await link.wait_connected()
            async with recording(*address, *account, HERE / f"{scene.__name__}.ami"):
                await scene(Stage(asterisk, link))
        finally:
            await link.close()
            await agi.close(grace=0)


async def _to_the_queue(session: AgiSession) -> None:
    await session.set_variable("__CALL_MENU", "complaint")
    await session.set_variable("IVR_NEXT", "queue")


async def _make_all(wanted: list[str]) -> None:
    for scene in SCENES:
        if wanted and scene.__name__ not in wanted:
            continue
        with tempfile.TemporaryDirectory() as folder:
            await make(scene, Path(folder))
        print(f"{scene.__name__}.ami")


if __name__ == "__main__":
    asyncio.run(_make_all(sys.argv[1:]))
