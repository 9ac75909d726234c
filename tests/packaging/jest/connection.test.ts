import { expect, jest, test } from "@jest/globals";
import { WebSocket } from "fourd-websocket";
import { converse } from "./program.js";

declare const process: { env: Record<string, string> };

const { ECHO: url, CONVERSATION: conversation } = process.env;

/** Expects another message than the one that arrives. */
const expectWrongMessage = () =>
  new Promise<unknown>((resolve) => {
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

test("an expectation in onMessage", expectWrongMessage);

test("the same with fake timers", async () => {
  jest.useFakeTimers();
  await expectWrongMessage();
});
