"""What our link relies on: sign-in, answers, errors, and how it ends."""

import asyncio
import time

import pytest
from support.links import next_event, next_mark, until
from support.peer import Peer
from support.wire import Wire

from telephony.ami import AmiLink, LinkDown, LinkUp
from telephony.errors import AmiDown, AmiInjection, AmiLoginRefused, AmiRefused


async def test_sign_in_brings_the_link_up_and_tells_the_version(peer: Peer) -> None:
    link = peer.link()
    await link.start()
    up = await next_mark(link, LinkUp)
    await link.close()
    assert up.asterisk_version[:2] in ("20", "21", "22")
    assert not up.restarted


async def test_a_wrong_password_is_refused_clearly_and_tried_again_slowly(
    peer: Peer, wire: Wire
) -> None:
    link = peer.link(wire, secret="wrong", retry_refused=30.0)
    await link.start()
    down = await next_mark(link, LinkDown, limit=10)
    assert "Authentication failed" in down.reason
    assert AmiLoginRefused.code in link.last_error
    with pytest.raises(AmiDown, match="Authentication failed"):
        await link.wait_connected(0.5)
    assert (wire.accepted, link.metrics.refusals) == (1, 1)
    await link.close()


async def test_a_ping_is_answered_with_a_pong_and_a_time(link: AmiLink) -> None:
    answer = await link.send("Ping")
    assert answer["Ping"] == "Pong"
    assert float(answer["Timestamp"]) > 1_700_000_000


async def test_an_unknown_action_is_refused_with_its_name(link: AmiLink) -> None:
    with pytest.raises(AmiRefused) as refused:
        await link.send("Nonsense")
    assert refused.value.details["message"].startswith("Invalid/unknown command: Nonsense.")


async def test_an_error_answer_to_a_question_does_not_hang(link: AmiLink) -> None:
    with pytest.raises(AmiRefused):
        await asyncio.wait_for(link.ask("Nonsense"), 5)


async def test_many_actions_at_once_each_get_their_own_answer(link: AmiLink) -> None:
    asked = [f"ROW{number}" for number in range(50)]
    answers = await asyncio.gather(
        *(link.send("UserEvent", UserEvent="Count", Row=row) for row in asked),
        *(link.ask("QueueStatus", Queue=row) for row in asked),
    )
    assert len(answers) == 100
    told = [(await next_event(link, "UserEvent"))["Row"] for _ in asked]
    assert told == asked


@pytest.mark.parametrize("smuggled", ["x\r\n\r\nAction: Logoff", "x\r\nQueue: other", "x\0"])
async def test_a_value_cannot_smuggle_a_second_command(
    peer: Peer, wire: Wire, smuggled: str
) -> None:
    async with peer.linked(wire) as link:
        sent = wire.upstream
        with pytest.raises(AmiInjection):
            await link.send("QueueAdd", Queue=peer.queue, Interface=smuggled)
        assert wire.upstream == sent
        await link.send("Ping")


async def test_an_action_under_way_when_the_link_breaks_fails_at_once_and_is_not_repeated(
    peer: Peer, wire: Wire
) -> None:
    async with peer.linked(wire) as link:
        wire.hold()
        waiting = asyncio.create_task(
            link.send("QueueAdd", Queue=peer.queue, Interface="PJSIP/seat01", timeout=60)
        )
        question = asyncio.create_task(link.ask("QueueStatus", timeout=60))
        await asyncio.sleep(0)
        await wire.cut()
        for task in (waiting, question):
            with pytest.raises(AmiDown):
                await asyncio.wait_for(task, 5)
        wire.release()
        await next_mark(link, LinkUp, limit=10)
        rows = await link.ask("QueueStatus", Queue=peer.queue)
        assert [row.name for row in rows] == ["QueueParams"]


async def test_a_half_open_link_is_noticed_by_the_missing_pong(peer: Peer, wire: Wire) -> None:
    async with peer.linked(wire, ping_every=0.1, pong_within=0.2) as link:
        wire.hold()
        down = await next_mark(link, LinkDown)
        assert down.reason == "no pong within 0.2 s"
        wire.release()
        await next_mark(link, LinkUp, limit=10)
        assert (await link.send("Ping"))["Ping"] == "Pong"


async def test_a_blink_of_the_link_is_not_taken_for_a_restart(peer: Peer, wire: Wire) -> None:
    async with peer.linked(wire) as link:
        await wire.cut()
        await next_mark(link, LinkDown)
        assert not (await next_mark(link, LinkUp, limit=10)).restarted


async def test_a_restart_is_told_and_has_forgotten_the_members(peer: Peer) -> None:
    async with peer.linked() as link:
        await link.send("QueueAdd", Queue=peer.queue, Interface="PJSIP/seat01")
        # Asterisk names its start to the second: the next one must fall into another.
        begun = int(time.time())
        await until(lambda: int(time.time()) > begun)
        await peer.restart()
        assert (await next_mark(link, LinkUp, limit=20)).restarted
        rows = await link.ask("QueueStatus", Queue=peer.queue)
        assert [row.name for row in rows] == ["QueueParams"]


async def test_closing_ends_the_connection_for_good(peer: Peer, wire: Wire) -> None:
    async with peer.linked(wire) as link:
        await link.close()
        await until(lambda: not wire.open)
        with pytest.raises(AmiDown):
            await link.send("Ping")
        assert wire.accepted == 1
