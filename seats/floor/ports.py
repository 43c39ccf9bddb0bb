"""What the floor needs of the switch; `telephony` fits it, and so do the tests' fakes."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from telephony.calls import Call
from telephony.monitor_legs import Mode, MonitorOrder


class Legs(Protocol):
    """A shift leader's legs beside calls (telephony.monitor_legs)."""

    async def begin(self, order: MonitorOrder, mode: Mode) -> str:
        """Return the channel once it hears; PhoneSilent, or what the switch raises."""

    async def lead(self, monitor: str, channel: str, mode: Mode) -> None:
        """NoSuchChannel if the leg is gone."""


class ChannelName(Protocol):
    @property
    def name(self) -> str: ...


class Floor(Protocol):
    """The channels of the switch (telephony.switch)."""

    async def channels(self) -> Sequence[ChannelName]: ...

    async def hangup(self, channel: str, cause: int = 16) -> None:
        """NoSuchChannel if it is gone."""


class Line(Protocol):
    """Calls and the waiting line (telephony.bridge)."""

    @property
    def calls(self) -> Mapping[str, Call]: ...

    async def move_up(self, call_id: str, *, to_head: bool) -> int:
        """Return the caller's new place, from 1; NotFound or CannotMoveUp."""
