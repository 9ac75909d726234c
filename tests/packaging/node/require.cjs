const { WebSocket } = require("fourd-websocket");
const { converse } = require("./program.js");

converse(WebSocket, process.argv[2]).then(console.log);
