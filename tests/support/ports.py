"""Ports for servers of tests: below those that the system hands out to connections, and never the same twice."""

import itertools
import os
import socket

# Another connection may take a port of the system's own range between our look and the server's bind.
_FIRST, _EACH = 12_000, 2_500
_worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 4
_own = range(_FIRST + _worker * _EACH, _FIRST + (_worker + 1) * _EACH)
# Two runs at a time, of two checkouts perhaps, begin at different places.
_begin = os.getpid() * 101 % _EACH
_numbers = itertools.cycle([*_own[_begin:], *_own[:_begin]])


def free_ports(count: int, kind: socket.SocketKind = socket.SOCK_STREAM) -> list[int]:
    """Return ports of the loopback that nobody holds, each worker from a range of its own."""
    free = (port for port in _numbers if is_free(port, kind))
    return list(itertools.islice(free, count))


def free_port() -> int:
    """Return one free TCP port."""
    return free_ports(1)[0]


def is_free(port: int, kind: socket.SocketKind) -> bool:
    """Tell whether a server could listen on this port of the loopback now."""
    with socket.socket(socket.AF_INET, kind) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
