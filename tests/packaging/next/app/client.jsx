"use client";

import { WebSocket } from "fourd-websocket";
import { ReconnectingWebSocket } from "fourd-websocket/reconnecting";
import { useEffect } from "react";
import { converse, report, url } from "../program.js";

export function Client({ server }) {
  useEffect(() => {
    report(converse(WebSocket, url(), ReconnectingWebSocket).then((client) => `${server}\n${client}`));
  }, [server]);
  return <p>{server}</p>;
}
