// A worker with a connection: it takes the address, and posts that the connection is open.

import { WebSocket } from "../pkg/index.js";

onmessage = ({ data }) => WebSocket.new(data, { onOpen: () => postMessage("open") });
