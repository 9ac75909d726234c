"""The peer made with Python's aiohttp. src/lib.rs documents the behaviour of peers."""

import asyncio
import os
import re
import sys

from aiohttp import WSMsgType, web

listeners = set()


async def report_ends(request):
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    listeners.add(socket)
    await socket.send_str("ready")
    async for _ in socket:
        pass
    listeners.remove(socket)
    return socket


async def echo(request):
    socket = web.WebSocketResponse(max_msg_size=64 << 20, protocols=["echo"])
    await socket.prepare(request)
    end = {"target": str(request.rel_url), "texts": 0, "binaries": 0, "code": None, "reason": ""}
    while not socket.closed:
        message = await socket.receive()
        if message.type is WSMsgType.BINARY:
            end["binaries"] += 1
            await socket.send_bytes(message.data)
        elif message.type is WSMsgType.TEXT:
            end["texts"] += 1
            asked = re.fullmatch(r"close (\d+) (.*)", message.data, re.DOTALL)
            if asked:
                await socket.close(code=int(asked[1]), message=asked[2].encode())
            else:
                await socket.send_str(message.data)
        elif message.type is WSMsgType.CLOSE:
            end.update(code=message.data, reason=message.extra)
    for listener in listeners:
        await listener.send_json(end)
    return socket


async def main():
    application = web.Application()
    application.add_routes([web.get("/ends", report_ends), web.get("/{path:.*}", echo)])
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(f"listening on http://127.0.0.1:{runner.addresses[0][1]}", flush=True)
    await asyncio.to_thread(sys.stdin.buffer.read)
    # The exit is immediate. Open connections end with the process.
    os._exit(0)


asyncio.run(main())
