import { WebSocket } from "fourd-websocket";
import { ReconnectingWebSocket } from "fourd-websocket/reconnecting";
import { converse } from "./program.js";

export default {
  async fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    return pathname === "/conversation"
      ? new Response(await converse(WebSocket, searchParams.get("url"), ReconnectingWebSocket))
      : new Response(PAGE, HTML);
  },
};

const HTML = { headers: { "content-type": "text/html" } };
const PAGE = `<!doctype html>
<meta charset="utf-8">
<title>cloudflare</title>
<script type="module">
  const parameters = new URLSearchParams(location.search);
  const answer = await fetch("/conversation" + location.search);
  await fetch(parameters.get("report"), { method: "POST", body: await answer.text() });
</script>`;
