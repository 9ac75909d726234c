import init, { Connection } from "../apps/ws-stream/pkg/app.js";

await init({ module_or_path: "app_bg.wasm" });
const socket = await Connection.open("ws://127.0.0.1:8080");
await socket.sendText("Hello world", 1);
console.log(await socket.receiveText());
await socket.close();
