import ReconnectingWebSocket from "partysocket/ws";

import { open as openEventful } from "./eventful.js";

export const open = (url, wanted) => openEventful(() => new ReconnectingWebSocket(url), wanted);
