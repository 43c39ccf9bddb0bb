"""Where in the line a caller goes and what he is told of it: asked of the rooms above when a flow ends at a person."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """A caller on his way to the queue; `caller` is as the trunk told it."""

    call_id: str
    caller: str
    dnid: str
    menu: str
    emergency: bool


@dataclass(frozen=True, kw_only=True)
class Placement:
    """`position` counts from 1, None is the end of the line; `skill` '' waits for nobody in particular.

    `prompts` is what the caller hears before he waits.
    """

    priority: int = 0
    position: int | None = None
    skill: str = ""
    prompts: tuple[str, ...] = ()


LAST = Placement()
Place = Callable[[Arrival], Awaitable[Placement]]
