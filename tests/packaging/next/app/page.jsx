import { WebSocket } from "fourd-websocket";
import { ReconnectingWebSocket } from "fourd-websocket/reconnecting";
import { converse } from "../program.js";
import { Client } from "./client.jsx";

export default async function Page({ searchParams }) {
  const { url } = await searchParams;
  return <Client server={await converse(WebSocket, url, ReconnectingWebSocket)} />;
}
