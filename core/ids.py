"""Identifiers that sort by the time they were made (UUID version 7, RFC 9562)."""

import os
import time
import uuid


def new_id() -> str:
    """Return a fresh UUIDv7 as 36 lower-case characters."""
    millis = time.time_ns() // 1_000_000
    value = (millis << 80) | int.from_bytes(os.urandom(10), "big")
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    return str(uuid.UUID(int=value & ((1 << 128) - 1)))
