export const connect = () => new WebSocket("ws://double.test/");
