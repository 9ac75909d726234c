// In Node: `wasm-pack build --target nodejs`, then `node talk.mjs ws://127.0.0.1:8080`.

import echo from "./pkg/echo.js";

const [url = "ws://127.0.0.1:8080"] = process.argv.slice(2);
const conversation = new echo.Conversation(url, (line) => {
  console.log(line);
  if (line.startsWith("received")) conversation.leave();
});
conversation.say("Hello world");
