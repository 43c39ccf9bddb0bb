"""The switch without Python: what a caller gets when nothing but Asterisk runs."""

from support.audio import until_heard
from support.phones import citizen, seat_phone

from telephony.own_asterisk import OwnAsterisk
from telephony.sip_media import tone


async def test_without_any_agi_server_a_caller_still_reaches_a_person_and_both_hear_each_other(asterisk: OwnAsterisk) -> None:
    async with seat_phone(asterisk, "seat03", hertz=650) as seat, citizen(asterisk) as caller:
        await asterisk.console("queue add member PJSIP/seat03 to hotline")
        call = await caller.dial("12345")
        call.media.playing = tone(440)
        await call.until_answered()
        offered = await seat.next_call()
        await offered.until_answered()
        await until_heard(call.media, 650)
        await until_heard(offered.media, 440)
        await call.hang_up()
        await offered.until_ended()
