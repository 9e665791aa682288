"""Listen, and serve an application until the process is told to stop."""

from __future__ import annotations

import ipaddress
import signal
import socket
from typing import TYPE_CHECKING

import uvicorn

if TYPE_CHECKING:
    from starlette.types import ASGIApp

GRACE = 5
"""Seconds for answers that are under way when the server stops."""


class AddressError(ValueError):
    """The server cannot listen there; the message is one line."""


def listen(host: str, port: int, *, has_token: bool) -> socket.socket:
    """Return a socket that listens. Raise AddressError where that is impossible, or *host* is not of loopback and there is no token.

    :param port: 0 for any free one.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        raise AddressError(f"{host!r} is no address of this machine: {error.strerror}") from None
    if not has_token and not ipaddress.ip_address(address[0]).is_loopback:
        raise AddressError(f"others can reach {host}: set WEB_TOKEN, or listen on 127.0.0.1")
    listening = socket.socket(family, kind, protocol)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen()
    except OSError as error:
        listening.close()
        raise AddressError(f"cannot listen on {host} port {port}: {error.strerror}") from None
    return listening


def address_of(listening: socket.socket) -> str:
    """Return the URL of a listening socket."""
    host, port = listening.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"


def serve(app: ASGIApp, listening: socket.socket) -> None:
    """Serve until SIGINT or SIGTERM."""
    config = uvicorn.Config(
        app,
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        lifespan="off",
        ws="none",
        timeout_graceful_shutdown=GRACE,
    )
    # uvicorn raises the signal again when it has stopped: the caller has to close the database then.
    kept = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        uvicorn.Server(config).run(sockets=[listening])
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)
