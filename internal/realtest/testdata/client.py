"""Lists the tools of a server and calls each, with the official SDK. Usage:
client.py MODE CALLS COMMAND ARG…

CALLS is a file of [{"tool": …, "args": {…}}, …]. What it prints is one JSON object:
{"protocol": …, "tools": [names], "answers": [{"text": …, "error": …}, …]}.
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
                answers.append({"text": "".join(c.text for c in result.content),
                                "error": bool(result.is_error)})
        print(json.dumps({"protocol": client.session.protocol_version,
                          "tools": [t.name for t in listed.tools], "answers": answers}))


asyncio.run(main())
