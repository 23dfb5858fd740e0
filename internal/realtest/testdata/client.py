"""Lists the tools of a server and calls each, with the official SDK. Usage:
client.py MODE CALLS COMMAND ARG…

CALLS is a file of [{"tool": …, "args": {…}}, …]. What it prints is one JSON object:
{"protocol": …, "tools": [names], "answers": [{"text": …, "error": …, "picture": …}, …]}, picture
being whether there is a PNG and no structured content.
"""
import asyncio
import json
import sys

from mcp import Client, StdioServerParameters

mode, calls, command, args = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]


async def main():
    async with Client(StdioServerParameters(command=command, args=args), mode=mode) as client:
        listed = await client.list_tools()
        answers = []
        with open(calls, encoding="utf-8") as f:
            for call in json.load(f):
                result = await client.call_tool(call["tool"], call["args"])
                images = [c for c in result.content if c.type == "image"]
                answers.append({"text": "".join(c.text for c in result.content if c.type == "text"),
                                "error": bool(result.is_error),
                                "picture": [c.mime_type for c in images] == ["image/png"]
                                and result.structured_content is None})
        print(json.dumps({"protocol": client.session.protocol_version,
                          "tools": [t.name for t in listed.tools], "answers": answers}))


asyncio.run(main())
