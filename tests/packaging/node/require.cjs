const { WebSocket } = require("fourd-websocket");
const { ReconnectingWebSocket } = require("fourd-websocket/reconnecting");
const { converse } = require("./program.js");

converse(WebSocket, process.argv[2], ReconnectingWebSocket).then(console.log);
