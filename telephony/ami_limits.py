"""What the link listens to by default, and the times and sizes that bound it."""

from dataclasses import dataclass

WANTED_EVENTS = frozenset(
    # Channels and what joins them (as words, because 46 lines of names read worse).
    "Newchannel Newstate NewCallerid NewConnectedLine Rename "  # noqa: SIM905
    "Hangup HangupRequest SoftHangupRequest "
    "DialBegin DialState DialEnd BridgeCreate BridgeEnter BridgeLeave BridgeMerge BridgeDestroy "
    "Hold Unhold BlindTransfer AttendedTransfer OriginateResponse LocalBridge Pickup "
    # The queue, its callers and its members.
    "QueueCallerJoin QueueCallerLeave QueueCallerAbandon AgentCalled AgentConnect AgentComplete "
    "AgentDump AgentRingNoAnswer QueueMemberAdded QueueMemberRemoved QueueMemberPause "
    "QueueMemberPenalty QueueMemberRinginuse QueueMemberStatus "
    # Devices, recordings, our own dialplan, the switch itself.
    "DeviceStateChange ContactStatus PeerStatus MixMonitorStart MixMonitorStop UserEvent "
    "FullyBooted Shutdown Reload".split()
)


@dataclass(frozen=True, kw_only=True)
class LinkLimits:
    """Times in seconds, `frame` in bytes, `intake` in events.

    A silent peer is noticed after at most `ping_every + pong_within`. Pauses between tries double from
    `retry_first` to `retry_most`, with jitter; a refused login waits `retry_refused`.
    """

    ping_every: float = 5.0
    pong_within: float = 5.0
    connect_within: float = 10.0
    boot_within: float = 120.0
    retry_first: float = 0.25
    retry_most: float = 15.0
    retry_refused: float = 30.0
    intake: int = 50_000
    frame: int = 1_048_576
