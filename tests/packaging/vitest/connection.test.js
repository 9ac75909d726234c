import { WebSocket } from "fourd-websocket";
import { expect, test, vi } from "vitest";
import { converse, expectWrongMessage } from "./program.js";

const { ECHO: url, CONVERSATION: conversation } = process.env;

test("a conversation", async () => {
  expect(await converse(WebSocket, url)).toBe(conversation);
});

test("an expectation in onMessage", () => expectWrongMessage(WebSocket, url, expect));

test("the same with fake timers", async () => {
  vi.useFakeTimers();
  await expectWrongMessage(WebSocket, url, expect);
});
