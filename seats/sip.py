"""What a browser needs to be the telephone of a seat; handed out only while the seat is leased."""

from dataclasses import dataclass

from core.config import Settings
from telephony.provision import seat_secret

REALM = "hotline"


@dataclass(frozen=True)
class SipAccount:
    """A seat's SIP account; `ws_url` is the switch's WebSocket, `uri` the address of record."""

    ws_url: str
    uri: str
    username: str
    password: str
    realm: str


def sip_account(settings: Settings, endpoint: str) -> SipAccount:
    """Return the account of `endpoint` with this installation's generated secret."""
    return SipAccount(
        ws_url=settings.sip_ws_address,
        uri=f"sip:{endpoint}@{settings.sip_host}",
        username=endpoint,
        password=seat_secret(settings, endpoint),
        realm=REALM,
    )
