"""The peer made with Python's websockets. src/lib.rs documents the behaviour of peers."""

import asyncio
import json
import os
import re
import sys
from contextlib import suppress

from websockets.asyncio.server import broadcast, serve
from websockets.exceptions import ConnectionClosed

listeners = set()


async def connect(connection):
    target = connection.request.path
    if target.startswith("/ends"):
        await report_ends(connection)
        return
    end = {"target": target, "texts": 0, "binaries": 0, "code": None, "reason": ""}
    try:
        await echo(connection, end)
    except ConnectionClosed as closed:
        if closed.rcvd:
            end.update(code=closed.rcvd.code, reason=closed.rcvd.reason)
    broadcast(listeners, json.dumps(end))


def choose(_, offered):
    """Chooses the subprotocol. The library's own choice refuses a client that offers none."""
    return "echo" if "echo" in offered else None


async def report_ends(connection):
    listeners.add(connection)
    await connection.send("ready")
    await connection.wait_closed()
    listeners.remove(connection)


async def echo(connection, end):
    """Sends messages back until the connection ends, which is an exception."""
    while True:
        message = await connection.recv()
        is_text = isinstance(message, str)
        end["texts" if is_text else "binaries"] += 1
        asked = is_text and re.fullmatch(r"close (\d+) (.*)", message, re.DOTALL)
        if asked:
            await connection.close(int(asked[1]), asked[2])
        else:
            # The library handles a close frame before the messages in front of it are received.
            with suppress(ConnectionClosed):
                await connection.send(message)


async def main():
    async with serve(connect, "127.0.0.1", 0, max_size=64 << 20, select_subprotocol=choose) as server:
        port = server.sockets[0].getsockname()[1]
        print(f"listening on http://127.0.0.1:{port}", flush=True)
        await asyncio.to_thread(sys.stdin.buffer.read)
        # The exit is immediate. Open connections end with the process.
        os._exit(0)


asyncio.run(main())
