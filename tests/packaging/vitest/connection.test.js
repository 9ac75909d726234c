import { WebSocket } from "fourd-websocket";
import { expect, test, vi } from "vitest";
import { converse } from "./program.js";

const { ECHO: url, CONVERSATION: conversation } = process.env;

/** Expects another message than the one that arrives. */
const disappoint = () =>
  new Promise((resolve) => {
    const ws = WebSocket.new(url, {
      onMessage(ws, { data }) {
        ws.terminate();
        expect(data).toBe("another");
      },
      onTerminate: resolve,
    });
    ws.send("text");
  });

test("a conversation", async () => {
  expect(await converse(WebSocket, url)).toBe(conversation);
});

test("an expectation in onMessage", disappoint);

test("the same with fake timers", async () => {
  vi.useFakeTimers();
  await disappoint();
});
