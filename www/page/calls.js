// The calls of the class by this page. The drawer shows their source.

import { WebSocket } from "/package/index.js";

export const open = ({ url, handler }) => WebSocket.new(url, handler);

export const join = ({ webSocket, name, room, after, token }) =>
  webSocket.send({ kind: "join", name, room, after, token });

export const say = ({ webSocket, text }) => webSocket.send({ kind: "say", text });

export const show = ({ webSocket, picture }) => webSocket.send(picture);

export const leave = ({ webSocket, code, reason }) => webSocket.terminate(code, reason);
