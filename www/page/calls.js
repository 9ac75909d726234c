// The calls of the class by this page. The drawer shows their source.

import { ReconnectingWebSocket } from "/package/reconnecting.js";

export const open = ({ source, handler }) => ReconnectingWebSocket.new(source, handler);

export const join = ({ webSocket, name, room, after, token }) =>
  webSocket.send({ kind: "join", name, room, after, token });

export const say = ({ webSocket, text }) => webSocket.send({ kind: "say", text });

export const show = ({ webSocket, picture }) => webSocket.send(picture);

export const tryNow = ({ socket }) => socket.retryNow();

export const leave = ({ socket, code, reason }) => socket.terminate(code, reason);
