// The host's own class.

import { open as openEventful } from "./eventful.js";

export const open = (url, wanted) => openEventful(() => new WebSocket(url), wanted);
