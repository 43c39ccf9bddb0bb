"""The keys of the ticket room: one signs the event chain, one seals identities."""

import hashlib
import hmac
from dataclasses import dataclass

from core.config import Settings
from tickets.identity import Keyring


@dataclass(frozen=True)
class Keys:
    chain: bytes
    people: Keyring


def keys_of(settings: Settings) -> Keys:
    """Return the installation's keys; nothing is made on disk before the first use."""
    return Keys(chain_key(settings), Keyring(settings))


def chain_key(settings: Settings) -> bytes:
    """Return the key of the event chain, derived from the installation's secret."""
    secret = settings.secret_key.get_secret_value().encode()
    return hmac.digest(secret, b"ticket event chain", hashlib.sha256)
