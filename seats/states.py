"""The states of an agent at a seat: one literal table, one pure `next_state`, and the text drawn from it."""

from typing import Literal, get_args

from seats.events import AgentState

Trigger = Literal[
    "member_added",
    "paused",
    "unpaused",
    "offered",
    "offer_over",
    "offer_missed",
    "answered",
    "talk_over",
    "left",
]
Command = Literal["set_ready", "set_not_ready", "extend_wrap_up", "sign_out"]

STATES: tuple[AgentState, ...] = get_args(AgentState)
TRIGGERS: tuple[Trigger, ...] = get_args(Trigger)

TRANSITIONS: dict[tuple[AgentState, Trigger], AgentState] = {
    # A lease whose queue member Asterisk has not confirmed yet is still "signed_out".
    ("signed_out", "member_added"): "not_ready",
    ("not_ready", "unpaused"): "ready",
    ("not_ready", "paused"): "not_ready",
    ("not_ready", "offered"): "ringing",
    ("not_ready", "answered"): "talking",
    ("not_ready", "left"): "signed_out",
    ("ready", "paused"): "not_ready",
    ("ready", "offered"): "ringing",
    ("ready", "answered"): "talking",
    ("ready", "left"): "signed_out",
    ("ringing", "offer_over"): "ready",
    ("ringing", "offer_missed"): "not_ready",
    ("ringing", "answered"): "talking",
    ("ringing", "talk_over"): "wrap_up",
    ("talking", "talk_over"): "wrap_up",
    ("wrap_up", "unpaused"): "ready",
    ("wrap_up", "paused"): "not_ready",
    ("wrap_up", "answered"): "talking",
    ("wrap_up", "left"): "signed_out",
}

MEANING: dict[Trigger, str] = {
    "member_added": "Asterisk 已登记队列成员 / the queue member exists",
    "paused": "Asterisk 已暂停 / the member is paused",
    "unpaused": "Asterisk 已恢复 / the member is no longer paused",
    "offered": "振铃 / the seat rings",
    "offer_over": "振铃结束,坐席保持就绪 / the offer ended, the agent stays available",
    "offer_missed": "未接听 / the call rang out, or a pause was wished",
    "answered": "接通 / both legs are in the bridge",
    "talk_over": "通话结束 / the agent no longer talks",
    "left": "签出或占用被收回 / signed out, or the lease was taken back",
}

COMMANDS: dict[Command, frozenset[AgentState]] = {
    # During a call the two state commands are remembered and take effect after the wrap-up.
    "set_ready": frozenset({"not_ready", "ready", "ringing", "talking", "wrap_up"}),
    "set_not_ready": frozenset({"not_ready", "ready", "ringing", "talking", "wrap_up"}),
    "extend_wrap_up": frozenset({"wrap_up"}),
    "sign_out": frozenset({"not_ready", "ready", "wrap_up"}),
}

SIGN_OUT = "signed_out"
"""A shift leader's order that waits for the end of the call, in `AgentSession.wanted`."""
AT_ONCE = "at_once"
"""Its reason when the after-call work is left out."""

IN_CALL: frozenset[AgentState] = frozenset({"ringing", "talking"})


def next_state(state: AgentState, trigger: Trigger) -> AgentState:
    """Return the state after `trigger`; a fact that does not fit changes nothing (see `fits`)."""
    return TRANSITIONS.get((state, trigger), state)


def fits(state: AgentState, trigger: Trigger) -> bool:
    """Tell whether the table foresees `trigger` in `state`; if not, the caller notes a divergence."""
    return (state, trigger) in TRANSITIONS


def allowed_commands(state: AgentState) -> list[Command]:
    """Return what the agent may ask for in `state`: what the desktop shows and the service guards."""
    return [command for command, states in COMMANDS.items() if state in states]
