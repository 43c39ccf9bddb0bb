"""A caller of the fake: events on AMI, and a FastAGI server that is called as Asterisk calls it."""

import time
import uuid
from collections.abc import Iterable

from support.agi_peer import AgiPeer, Heard

from asterisk_ami_mock.server import MockAsterisk
from asterisk_ami_mock.wire import Headers
from asterisk_ami_mock.world import event


async def call_agi(
    mock: MockAsterisk,
    port: int,
    *,
    caller: str = "13900000001",
    keys: Iterable[str] = (),
    script: str = "inbound",
) -> Heard:
    """Let a call arrive, hand it to the FastAGI server on `port`, hang it up, and return what it was told."""
    mock.world.serial += 1
    call_id = str(uuid.uuid4())
    uniqueid = f"mock-{int(time.time())}.{mock.world.serial}"
    channel: Headers = [
        ("Channel", f"PJSIP/trunk-{mock.world.serial:08x}"),
        ("ChannelState", "6"),
        ("ChannelStateDesc", "Up"),
        ("CallerIDNum", caller),
        ("CallerIDName", "<unknown>"),
        ("ConnectedLineNum", "<unknown>"),
        ("ConnectedLineName", "<unknown>"),
        ("Language", "zh_CN"),
        ("AccountCode", ""),
        ("Context", "ivr"),
        ("Exten", "12345"),
        ("Priority", "1"),
        ("Uniqueid", uniqueid),
        ("Linkedid", uniqueid),
        ("ChanVariable", f"CALL_UUID={call_id}"),
    ]
    mock.emit(event("Newchannel", "call", channel))
    try:
        about = {"callerid": caller, "uniqueid": uniqueid, "channel": dict(channel)["Channel"]}
        peer = AgiPeer(port, keys, variables={"CALL_UUID": call_id}, network_script=script, **about)
        return await peer.call()
    finally:
        gone = [("Cause", "16"), ("Cause-txt", "Normal Clearing")]
        mock.emit(event("Hangup", "call", [*channel, *gone]))
