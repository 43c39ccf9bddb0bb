"""Runs the fake by hand: `python -m asterisk_ami_mock --port 5038 --play FILE --misbehave split`."""

import argparse
import asyncio
from pathlib import Path

from asterisk_ami_mock import MockAsterisk
from asterisk_ami_mock.agi import call_agi
from asterisk_ami_mock.misbehave import NAMED, garbage, named


def main() -> None:
    options = argparse.ArgumentParser(prog="asterisk_ami_mock", description=__doc__)
    options.add_argument("--host", default="127.0.0.1")
    options.add_argument("--port", type=int, default=5038)
    options.add_argument("--user", default="hotline")
    options.add_argument("--secret", default="mock-secret")
    options.add_argument("--queue", action="append", help="a queue that exists (default: hotline)")
    options.add_argument(
        "--play", type=Path, help="recorded session, sent to the first client that signs in"
    )
    options.add_argument(
        "--speed", type=float, default=1.0, help="pace of --play; 0 as fast as it goes"
    )
    options.add_argument(
        "--after",
        type=float,
        default=1.0,
        help="seconds that the client has for its own questions first",
    )
    options.add_argument("--loop", action="store_true", help="play again and again")
    options.add_argument("--misbehave", choices=sorted(NAMED), help="after the first sign-in")
    options.add_argument(
        "--flood", type=float, default=0, metavar="N", help="events a second, for 10 s"
    )
    options.add_argument(
        "--garbage", type=int, default=0, metavar="BYTES", help="one frame of noise"
    )
    options.add_argument(
        "--agi", type=int, metavar="PORT", help="a call that goes to this FastAGI server"
    )
    options.add_argument("--press", default="", help="the keys that the call of --agi presses")
    try:
        asyncio.run(_run(options.parse_args()))
    except KeyboardInterrupt:
        print("ended")


async def _run(chosen: argparse.Namespace) -> None:
    recording = chosen.play.read_bytes() if chosen.play else b""
    account = {"user": chosen.user, "secret": chosen.secret}
    queues = tuple(chosen.queue or ("hotline",))
    async with MockAsterisk(host=chosen.host, port=chosen.port, queues=queues, **account) as mock:
        print(f"speaking AMI on {mock.host}:{mock.port} (user {chosen.user}); Ctrl-C ends it")
        if chosen.agi:
            heard = await call_agi(mock, chosen.agi, keys=chosen.press)
            print(f"told over AGI: {heard.commands}")
        await mock.signed_in.wait()
        await asyncio.sleep(chosen.after)
        if chosen.misbehave:
            mock.misbehaviour = named(chosen.misbehave)
        while recording:
            print(f"played {await mock.play(recording, speed=chosen.speed)} events")
            if not chosen.loop:
                break
        if chosen.garbage:
            mock.send_raw(garbage(chosen.garbage) + b"\r\n\r\n")
        if chosen.flood:
            await mock.flood(chosen.flood, int(chosen.flood * 10))
        await asyncio.Event().wait()


if __name__ == "__main__":
    main()
