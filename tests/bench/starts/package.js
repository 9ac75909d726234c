import { WebSocket } from "fourd-websocket";

export const connect = () => WebSocket.new("ws://double.test/", {});
