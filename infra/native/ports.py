"""Ports on loopback for servers that are given none."""

from __future__ import annotations

import random
import socket

LOOPBACK = "127.0.0.1"
#: Below what Linux (32768) and macOS (49152) hand out for outgoing connections: a stopped server's port is not
#: taken by somebody's client, and a client that reconnects to a dead server cannot be given that very port as
#: its own and end up talking to itself.
_FIRST, _LAST = 20_000, 32_000
_TRIES = 200


def is_free(port: int) -> bool:
    """Whether a server could listen on `port` of loopback now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As servers do: connections of a server just stopped, in TIME_WAIT, take no port away.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """A port on loopback that nobody listens on.

    Raises:
        OSError: none was found.
    """
    choose = random.SystemRandom()
    for _ in range(_TRIES):
        port = choose.randint(_FIRST, _LAST)
        if is_free(port):
            return port
    raise OSError(f"no free port on {LOOPBACK} between {_FIRST} and {_LAST}")


def answers(port: int, timeout_s: float = 1.0) -> bool:
    """Whether something accepts connections on `port` of loopback."""
    try:
        socket.create_connection((LOOPBACK, port), timeout_s).close()
    except OSError:
        return False
    return True
