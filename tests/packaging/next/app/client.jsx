"use client";

import { WebSocket } from "fourd-websocket";
import { useEffect } from "react";
import { converse, report, url } from "../program.js";

export function Client({ server }) {
  useEffect(() => {
    report(converse(WebSocket, url()).then((client) => `${server}\n${client}`));
  }, [server]);
  return <p>{server}</p>;
}
