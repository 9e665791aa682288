"""A network that takes time, between clients and a PostgreSQL server: a TCP proxy in front of the server's socket.

As a process: ``python -m bench.delay SOCKET SECONDS`` prints its port, and runs until it is terminated.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress

HOST = "127.0.0.1"
CHUNK = 65_536


async def serve(upstream: str, seconds: float) -> None:
    """Pass data on, each way after half of *seconds*: the time of a round trip."""

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answers, server = await asyncio.open_unix_connection(upstream)
        await asyncio.gather(_pass(reader, server, seconds / 2), _pass(answers, writer, seconds / 2))

    listener = await asyncio.start_server(connect, HOST, 0)
    print(listener.sockets[0].getsockname()[1], flush=True)
    await listener.serve_forever()


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay: float) -> None:
    loop = asyncio.get_running_loop()
    with suppress(ConnectionError):
        while data := await reader.read(CHUNK):
            loop.call_later(delay, writer.write, data)
    loop.call_later(delay, writer.close)


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(serve(sys.argv[1], float(sys.argv[2])))
