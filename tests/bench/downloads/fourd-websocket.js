import init, { Connection } from "../apps/fourd-websocket/pkg/app.js";

await init({ module_or_path: "app_bg.wasm" });
const socket = Connection.open("ws://127.0.0.1:8080", false);
socket.sendText("Hello world", 1);
console.log(await socket.receiveText());
socket.close();
