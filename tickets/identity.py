"""Who a caller is: encrypted with a key outside the database, found again by keyed hashes of telephone numbers.

Everything personal of a contact and its ticket lies in one sealed row of `person`, so that it can be taken
away without the matter. AES-256-GCM with a fresh nonce, bound to the row's id; each row names its key.
"""

import hashlib
import hmac
import json
import os
from dataclasses import asdict, dataclass
from functools import cached_property

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import LargeBinary, String, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from core.config import Settings
from core.db import Base
from core.ids import new_id
from tickets.errors import IdentityKeyMissing, IdentityUnreadable

SECRET = "identity_key"
NONCE = 12


class Person(Base):
    """The identity behind a contact and its ticket; nothing of it can be read without the key."""

    __tablename__ = "person"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    key_id: Mapped[str] = mapped_column(String(16), index=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


@dataclass(frozen=True, kw_only=True)
class Identity:
    """`source_number`: the line that was called from, '' unknown; `raw`: the same as it came, untouched."""

    source_number: str = ""
    raw: str = ""
    caller_name: str = ""
    contact_phone: str = ""
    alt_phone: str = ""


class Keyring:
    """The installation's identity key; made on the first use, never again once there are people."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @property
    def present(self) -> bool:
        return self._settings.has_generated(SECRET)

    @cached_property
    def key_id(self) -> str:
        """Return what names the key in a row: too short to say anything of it."""
        return self._derived(b"key id").hex()[:8]

    def new_person(self, identity: Identity) -> Person:
        person = Person(id=new_id())
        self.seal(person, identity)
        return person

    def seal(self, person: Person, identity: Identity) -> None:
        """Put `identity` into the row, in place of what was there."""
        known = {name: value for name, value in asdict(identity).items() if value}
        text = json.dumps(known, ensure_ascii=False, separators=(",", ":")).encode()
        nonce = os.urandom(NONCE)
        person.key_id = self.key_id
        person.sealed = nonce + self._cipher.encrypt(nonce, text, person.id.encode())

    def open(self, person_id: str, key_id: str, sealed: bytes) -> Identity:
        """Return what was sealed; IdentityUnreadable if it is of another key or was changed."""
        if key_id != self.key_id:
            raise IdentityUnreadable(key_id=key_id)
        try:
            text = self._cipher.decrypt(sealed[:NONCE], sealed[NONCE:], person_id.encode())
        except InvalidTag:
            raise IdentityUnreadable(key_id=key_id) from None
        return Identity(**json.loads(text))

    def of(self, person: Person) -> Identity:
        return self.open(person.id, person.key_id, person.sealed)

    def phone_hash(self, number: str) -> str | None:
        """Return by what a normalised number is found again; None for an unknown one, which is like no other (X61)."""
        if not number:
            return None
        return hmac.digest(self._hash_key, number.encode(), hashlib.sha256).hex()

    async def check(self, session: AsyncSession) -> None:
        """Raise IdentityKeyMissing if there are people whom this installation's key does not open."""
        # Two steps of an index, however many people there are.
        query = select(func.min(Person.key_id), func.max(Person.key_id))
        first, last = (await session.execute(query)).one()
        if first is None:
            return
        if not self.present or not first == last == self.key_id:
            raise IdentityKeyMissing(key_id=first)

    @cached_property
    def _cipher(self) -> AESGCM:
        return AESGCM(self._derived(b"identity"))

    @cached_property
    def _hash_key(self) -> bytes:
        return self._derived(b"telephone number")

    def _derived(self, purpose: bytes) -> bytes:
        secret = self._settings.generated(SECRET).encode()
        return hmac.digest(secret, purpose, hashlib.sha256)
