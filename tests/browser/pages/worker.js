// A worker with a connection. It receives the address, and posts when the connection is open.

import { WebSocket } from "../pkg/index.js";

onmessage = ({ data }) => WebSocket.new(data, { onOpen: () => postMessage("open") });
