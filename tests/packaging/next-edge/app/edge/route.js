import { WebSocket } from "fourd-websocket";
import { ReconnectingWebSocket } from "fourd-websocket/reconnecting";
import { converse } from "../../program.js";

export const runtime = "edge";

export async function GET(request) {
  return new Response(await converse(WebSocket, new URL(request.url).searchParams.get("url"), ReconnectingWebSocket));
}
