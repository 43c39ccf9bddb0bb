"""Load by SIPp: citizens on the trunk, and one telephone that answers for every seat."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from support.ports import free_ports
from support.programs import find_program

from telephony.own_asterisk import OwnAsterisk
from telephony.provision import seat_name, seat_secret

_REGISTER = """<?xml version="1.0" encoding="UTF-8"?>
<scenario name="register">
<send retrans="500"><![CDATA[
REGISTER sip:[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
From: <sip:[field0]@[remote_ip]>;tag=[call_number]
To: <sip:[field0]@[remote_ip]>
Call-ID: [call_id]
CSeq: 1 REGISTER
Contact: <sip:[field0]@[local_ip]:[local_port]>
Max-Forwards: 70
Expires: 600
Content-Length: 0

]]></send>
<recv response="401" auth="true"/>
<send retrans="500"><![CDATA[
REGISTER sip:[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
From: <sip:[field0]@[remote_ip]>;tag=[call_number]
To: <sip:[field0]@[remote_ip]>
Call-ID: [call_id]
CSeq: 2 REGISTER
Contact: <sip:[field0]@[local_ip]:[local_port]>
[field1]
Max-Forwards: 70
Expires: 600
Content-Length: 0

]]></send>
<recv response="200"/>
</scenario>
"""

_SDP = """v=0
o=- 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [local_ip]
t=0 0
m=audio [media_port] RTP/AVP 8
a=rtpmap:8 PCMA/8000
"""

_SEATS = f"""<?xml version="1.0" encoding="UTF-8"?>
<scenario name="seats">
<recv request="INVITE" rrs="true"><action>
<ereg regexp=".*" search_in="hdr" header="From:" assign_to="from"/>
<ereg regexp=".*" search_in="hdr" header="To:" assign_to="to"/>
</action></recv>
<send><![CDATA[
SIP/2.0 180 Ringing
[last_Via:]
[last_From:]
[last_To:];tag=seat[call_number]
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:[local_ip]:[local_port]>
Content-Length: 0

]]></send>
<pause milliseconds="RING"/>
<send retrans="500"><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:];tag=seat[call_number]
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:[local_ip]:[local_port]>
Content-Type: application/sdp
Content-Length: [len]

{_SDP}
]]></send>
<recv request="ACK"/>
<pause milliseconds="TALK"/>
<send retrans="500"><![CDATA[
BYE [next_url] SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
From:[$to];tag=seat[call_number]
To:[$from]
Call-ID: [call_id]
CSeq: 1 BYE
Max-Forwards: 70
Content-Length: 0

]]></send>
<recv response="200"/>
</scenario>
"""

_CALLER = f"""<?xml version="1.0" encoding="UTF-8"?>
<scenario name="citizen">
<send retrans="500"><![CDATA[
INVITE sip:12345@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
From: <sip:[field0]@[local_ip]:[local_port]>;tag=[call_number]
To: <sip:12345@[remote_ip]>
Call-ID: [call_id]
CSeq: 1 INVITE
Contact: <sip:[field0]@[local_ip]:[local_port]>
Max-Forwards: 70
Content-Type: application/sdp
Content-Length: [len]

{_SDP}
]]></send>
<recv response="100" optional="true"/>
<recv response="180" optional="true"/>
<recv response="183" optional="true"/>
<recv response="200" rrs="true"/>
<send><![CDATA[
ACK [next_url] SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
From: <sip:[field0]@[local_ip]:[local_port]>;tag=[call_number]
[last_To:]
Call-ID: [call_id]
CSeq: 1 ACK
Max-Forwards: 70
Content-Length: 0

]]></send>
<recv request="BYE" timeout="40000"/>
<send><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>
</scenario>
"""


async def register(asterisk: OwnAsterisk, seats: int, port: int, folder: Path) -> None:
    """Register every seat at `port`, where `seat_telephones` answers afterwards."""
    lines = [
        f"{name};[authentication username={name} password={seat_secret(asterisk.settings, name)}]"
        for name in map(seat_name, range(1, seats + 1))
    ]
    table = folder / "seats.csv"
    table.write_text("\n".join(["SEQUENTIAL", *lines, ""]))
    scenario = _written(folder / "register.xml", _REGISTER)
    where = ("-i", "127.0.0.1", "-p", str(port))
    process = await _start(asterisk, scenario, *where, "-inf", table, "-m", str(seats), "-r", "100")
    if await process.wait():
        raise RuntimeError("not every seat could be registered")


@asynccontextmanager
async def seat_telephones(
    asterisk: OwnAsterisk, port: int, folder: Path, *, ring_ms: int = 100, talk_ms: int = 300
) -> AsyncIterator[None]:
    """Ring for a moment, answer, talk for a moment and hang up: whatever seat is called."""
    text = _SEATS.replace('"RING"', f'"{ring_ms}"').replace('"TALK"', f'"{talk_ms}"')
    scenario = _written(folder / "seats.xml", text)
    process = await _start(
        asterisk, scenario, "-i", "127.0.0.1", "-p", str(port), "-mp", str(_media())
    )
    try:
        yield
    finally:
        process.kill()
        await process.wait()


async def citizens(asterisk: OwnAsterisk, rate: float, count: int, folder: Path) -> int:
    """Place `count` calls at `rate` a second and return how many went all the way to the goodbye."""
    numbers = folder / "citizens.csv"
    numbers.write_text("SEQUENTIAL\n" + "".join(f"139{n:08d}\n" for n in range(count)))
    scenario = _written(folder / "citizen.xml", _CALLER)
    (port,) = free_ports(1, socket.SOCK_DGRAM)
    counts = folder / f"citizens-{rate:g}.csv"
    counts.unlink(missing_ok=True)
    host = asterisk.settings.trunk_host
    process = await _start(
        asterisk, scenario, "-i", host, "-p", str(port), "-mp", str(_media()), "-inf", numbers,
        "-r", f"{rate:g}", "-m", str(count), "-l", "2000", "-trace_stat", "-stf", counts, "-fd", "60",
        "-timeout", str(int(count / rate) + 30),
    )  # fmt: skip
    await process.wait()
    lines = counts.read_text().splitlines()
    last = dict(zip(lines[0].split(";"), lines[-1].split(";"), strict=False))
    return int(last["SuccessfulCall(C)"])


def _media() -> int:
    """SIPp wants ports for sound, though nobody speaks here."""
    (port,) = free_ports(1, socket.SOCK_DGRAM)
    return port if port < 65000 else port - 5000


def _written(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


async def _start(
    asterisk: OwnAsterisk, scenario: Path, *options: str | Path
) -> asyncio.subprocess.Process:
    settings = asterisk.settings
    return await asyncio.create_subprocess_exec(
        find_program("sipp"), f"{settings.sip_host}:{settings.sip_port}", "-sf", scenario,
        "-nostdin", "-skip_rlimit", *options,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL, cwd=scenario.parent,
    )  # fmt: skip
