"""Back in step after the link broke: a played Asterisk that holds 500 channels and 200 members."""

import tempfile
import time
import uuid
from pathlib import Path

from asterisk_ami_mock import MockAsterisk
from bench.stage import until
from bench.table import Row, median
from support.bridges import bridge_over
from support.links import link_to

CHANNELS, MEMBERS, ROUNDS = 500, 200, 5


def _fill(mock: MockAsterisk) -> None:
    for number in range(MEMBERS):
        interface = f"PJSIP/seat{number + 1:03d}"
        mock.say("QueueMemberAdded", "agent", Queue="hotline", MemberName=interface, Interface=interface,
                 StateInterface=interface, Membership="dynamic", Penalty="0", CallsTaken="0", LastCall="0",
                 InCall="0", Status="1", Paused="0", PausedReason="", Ringinuse="0")  # fmt: skip
    for number in range(CHANNELS // 2):
        call = str(uuid.uuid4())
        for side, name in enumerate(("trunk", f"seat{number % MEMBERS + 1:03d}")):
            channel, uniqueid = f"PJSIP/{name}-{2 * number + side:08x}", f"{1000 + number}.{side}"
            about = {"Channel": channel, "Uniqueid": uniqueid, "Linkedid": f"{1000 + number}.0"}
            mock.say("Newchannel", ChannelState="6", ChannelStateDesc="Up", CallerIDNum=f"139{number:08d}",
                     CallerIDName="", Context="queue", Exten="s", Priority="1", **about,
                     ChanVariable=f"CALL_UUID={call}")  # fmt: skip
            mock.say("BridgeEnter", BridgeUniqueid=f"b{number}", **about)


async def run() -> list[Row]:
    first: list[float] = []
    again: list[float] = []
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as name:
            async with MockAsterisk() as mock:
                _fill(mock)
                began = time.perf_counter()
                async with bridge_over(link_to(mock), Path(name)) as parts:
                    await parts.in_step(20)
                    first.append(time.perf_counter() - began)
                    known = len(parts.bridge.calls)
                    if known != CHANNELS // 2:
                        raise RuntimeError(f"{known} calls instead of {CHANNELS // 2}")
                    before = parts.bridge.metrics.resyncs
                    began = time.perf_counter()
                    mock.drop_all()
                    await until(lambda b=before, m=parts.bridge.metrics: m.resyncs > b, 20)  # type: ignore[misc]
                    again.append(time.perf_counter() - began)
    return [
        Row(part="re-sync", what=f"{CHANNELS} channels, all unknown", value=median(first), unit="s",
            target="≤ 2 s", met=median(first) <= 2),
        Row(part="re-sync", what=f"{CHANNELS} channels, link blinked", value=median(again), unit="s",
            target="≤ 2 s", met=median(again) <= 2),
    ]  # fmt: skip
