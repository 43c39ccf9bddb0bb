"""What the seats need from the switch; `telephony.switch.Switch` fits it, and so does the tests' fake."""

from collections.abc import Sequence
from typing import Protocol


class SwitchMember(Protocol):
    """A queue member as Asterisk lists it."""

    @property
    def endpoint(self) -> str: ...

    @property
    def paused(self) -> bool: ...

    @property
    def reachable(self) -> bool: ...

    @property
    def penalty(self) -> int: ...


class Switch(Protocol):
    """Commands to Asterisk: each returns after Asterisk's own event or answer, or raises a HotlineError."""

    async def add_member(
        self, endpoint: str, *, penalty: int = 0, paused: bool = True, reason: str = ""
    ) -> SwitchMember:
        """Raises AlreadyMember."""

    async def remove_member(self, endpoint: str) -> SwitchMember:
        """Raises NotMember."""

    async def pause_member(self, endpoint: str, paused: bool, reason: str = "") -> SwitchMember:
        """Raises NotMember."""

    async def set_penalty(self, endpoint: str, penalty: int) -> None:
        """Raises NotMember."""

    async def members(self) -> Sequence[SwitchMember]: ...

    async def reachable_endpoints(self) -> frozenset[str]: ...

    async def call_channels(self, call_id: str) -> list[str]: ...

    async def hangup(self, channel: str, cause: int = 16) -> None: ...
