import ReconnectingWebSocket from "reconnecting-websocket";

import { open as openEventful } from "./eventful.js";

export const open = (url, wanted) => openEventful(() => new ReconnectingWebSocket(url), wanted);
