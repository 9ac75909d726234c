import { WebSocket } from "fourd-websocket";

class ConnectionHandler {
  onOpen(ws, event) {
    console.log(`connected to ${ws.url}`);
  }
  onMessage(ws, event) {
    console.log(`received: ${event.data}`);
    ws.terminate(1000, "that is all");
  }
  onError(ws, event) {
    console.error(event.errors[0].message);
  }
  onTerminate(ws, event) {
    console.log(`closed with code ${event.code}`);
  }
}

const webSocket = WebSocket.new(process.argv[2] ?? "ws://127.0.0.1:8080", new ConnectionHandler());
webSocket.send("Hello world"); // queued until the connection is open
