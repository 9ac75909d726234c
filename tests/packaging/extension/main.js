import { WebSocket } from "./node_modules/fourd-websocket/index.js";
import { ReconnectingWebSocket } from "./node_modules/fourd-websocket/reconnecting.js";
import { converse, report, url } from "./program.js";

const conversations = [converse(WebSocket, url(), ReconnectingWebSocket), chrome.runtime.sendMessage(url())];
report(Promise.all(conversations).then((reports) => reports.join("\n")));
