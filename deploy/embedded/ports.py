"""Ports on this machine: a free one to take, or a given one that must be free."""

import contextlib
import errno
import random
import socket

from deploy.embedded.cannot_start import CannotStartError

HOST = "127.0.0.1"
# Below where systems take the ports of outgoing connections from: a client that keeps knocking at a stopped server
# could otherwise be given that very port, and keep the server from coming back to it.
FREE_PORTS = range(12_000, 32_000)
TRIES = 100


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on just now."""
    for _ in range(TRIES):
        port = random.choice(FREE_PORTS)  # noqa: S311 - nothing to guess here
        with contextlib.suppress(OSError):
            _listen(HOST, port)
            return port
    raise CannotStartError(f"no free port was found between {FREE_PORTS.start} and {FREE_PORTS.stop} on {HOST}")


def require_free(host: str, port: int, setting: str) -> None:
    """Raises CannotStartError, naming the setting to change, if nothing can listen there."""
    try:
        _listen(host, port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            line = f"port {port} on {host} is in use: stop what listens there, or set {setting} to another port"
        else:
            line = f"nothing can listen on port {port} of {host} ({error.strerror}): set {setting} to another port"
        raise CannotStartError(line) from error


def _listen(host: str, port: int) -> None:
    with socket.create_server((host, port)):
        pass
