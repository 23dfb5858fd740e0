"""Uses a server with the official SDK and prints one JSON object. Usage:
client.py REVISION WHAT stdio COMMAND ARG…
client.py REVISION WHAT http|sse URL TOKEN

WHAT is a file of [{"tool": …, "args": {…}}, …] to call, or "lasting": then it calls counts, with
progress, and waits, which it cancels, and asks the tool cancelled whether that was heard.
"""
import asyncio
import json
import sys

import mcp.client.session
from mcp import Client, StdioServerParameters
from mcp.client.sse import sse_client
from mcp.client.streamable_http import create_mcp_http_client, streamable_http_client

revision, what, kind, target = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]


def server():
    if kind == "stdio":
        return StdioServerParameters(command=target[0], args=target[1:])
    headers = {"Authorization": "Bearer " + target[1]}
    if kind == "sse":
        return sse_client(target[0], headers=headers)
    return streamable_http_client(target[0], http_client=create_mcp_http_client(headers=headers))


def text(result):
    return "".join(c.text for c in result.content if c.type == "text")


def picture(result):
    images = [c.mime_type for c in result.content if c.type == "image"]
    return images == ["image/png"] and result.structured_content is None


async def calls(client):
    answers = []
    with open(what, encoding="utf-8") as f:
        for call in json.load(f):
            result = await client.call_tool(call["tool"], call["args"])
            answers.append({"text": text(result), "error": bool(result.is_error),
                            "picture": picture(result)})
    return {"answers": answers}


async def lasting(client):
    progress = []

    async def on_progress(done, total, message):
        progress.append(done)

    counted = text(await client.call_tool("counts", progress_callback=on_progress))
    begun = asyncio.Event()

    async def on_wait(done, total, message):
        begun.set()

    waiting = asyncio.create_task(client.call_tool("waits", progress_callback=on_wait))
    await begun.wait()
    waiting.cancel()
    await asyncio.wait([waiting])
    heard = text(await client.call_tool("cancelled"))
    return {"progress": progress, "counted": counted, "cancelled": heard}


async def main():
    if revision < "2026-07-28":  # the SDK would ask for the newest of those with a handshake
        mcp.client.session.LATEST_HANDSHAKE_VERSION = revision
    mode = "auto" if revision >= "2026-07-28" else "legacy"
    async with Client(server(), mode=mode) as client:
        listed = await client.list_tools()
        seen = await (lasting(client) if what == "lasting" else calls(client))
        print(json.dumps({"protocol": client.session.protocol_version,
                          "tools": [t.name for t in listed.tools], **seen}))


asyncio.run(main())
