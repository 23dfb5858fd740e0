// Uses a server with the official SDK for TypeScript and prints one JSON object. Usage:
// client.mjs REVISION WHAT stdio COMMAND ARG…
// client.mjs REVISION WHAT http|sse URL TOKEN
//
// WHAT is as for client.py. The SDK's package is looked for below the folder in MCP_SDK.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(join(process.env.MCP_SDK, "package.json"));
const sdk = require("@modelcontextprotocol/client");
const { StdioClientTransport } = require("@modelcontextprotocol/client/stdio");

const [revision, what, kind, ...target] = process.argv.slice(2);

function transport() {
  if (kind === "stdio") {
    return new StdioClientTransport({ command: target[0], args: target.slice(1), stderr: "inherit" });
  }
  const opts = { requestInit: { headers: { Authorization: "Bearer " + target[1] } } };
  return kind === "sse"
    ? new sdk.SSEClientTransport(new URL(target[0]), opts)
    : new sdk.StreamableHTTPClientTransport(new URL(target[0]), opts);
}

const text = (result) => result.content.filter((c) => c.type === "text").map((c) => c.text).join("");
const picture = (result) => result.structuredContent === undefined &&
  result.content.some((c) => c.type === "image" && c.mimeType === "image/png");

async function calls(client) {
  const answers = [];
  for (const call of JSON.parse(readFileSync(what, "utf8"))) {
    const result = await client.callTool({ name: call.tool, arguments: call.args });
    answers.push({ text: text(result), error: Boolean(result.isError), picture: picture(result) });
  }
  return { answers };
}

async function lasting(client) {
  const progress = [];
  const counted = text(await client.callTool({ name: "counts" },
    { onprogress: (p) => progress.push(p.progress) }));
  const giveUp = new AbortController();
  await client.callTool({ name: "waits" },
    { signal: giveUp.signal, onprogress: () => giveUp.abort() }).catch(() => {});
  const cancelled = text(await client.callTool({ name: "cancelled" }));
  return { progress, counted, cancelled };
}

const client = new sdk.Client({ name: "test", version: "1" }, revision >= "2026-07-28"
  ? { versionNegotiation: { mode: { pin: revision } } }
  : { supportedProtocolVersions: [revision] });
await client.connect(transport());
const listed = await client.listTools();
const seen = await (what === "lasting" ? lasting(client) : calls(client));
console.log(JSON.stringify({ protocol: client.getNegotiatedProtocolVersion(),
  tools: listed.tools.map((t) => t.name), ...seen }));
await client.close();
