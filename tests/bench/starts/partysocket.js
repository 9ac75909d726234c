import ReconnectingWebSocket from "partysocket/ws";

export const connect = () => new ReconnectingWebSocket("ws://double.test/");
