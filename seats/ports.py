"""What the seats need from the switch; `telephony.switch.Switch` fits it, and so does the tests' fake."""

from collections.abc import Sequence
from typing import Protocol


class SwitchMember(Protocol):
    """A queue member as Asterisk lists it."""

    @property
    def endpoint(self) -> str: ...

    @property
    def paused(self) -> bool: ...


class Switch(Protocol):
    """Commands to Asterisk: each returns when Asterisk has confirmed, or raises a HotlineError."""

    async def add_member(
        self,
        endpoint: str,
        *,
        penalty: int = 0,
        paused: bool = True,
        reason: str = "",
        name: str = "",
    ) -> None: ...

    async def remove_member(self, endpoint: str) -> None: ...

    async def pause_member(self, endpoint: str, paused: bool, reason: str = "") -> None: ...

    async def members(self) -> Sequence[SwitchMember]: ...

    async def endpoint_reachable(self, endpoint: str) -> bool: ...

    async def call_channels(self, call_id: str) -> list[str]: ...

    async def hangup(self, channel: str, cause: int = 16) -> None: ...
