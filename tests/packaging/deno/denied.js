// Deno without permission for the network: the errors of `new`, without headers and with them.

import { WebSocket } from "fourd-websocket";

for (const headers of [undefined, { "X-Trace": "7" }]) {
  try {
    WebSocket.new(Deno.args[0], { headers });
  } catch ({ name, errCode, message, cause }) {
    console.log(`${name} ${errCode}: ${message}, because of ${cause.message}`);
  }
}
