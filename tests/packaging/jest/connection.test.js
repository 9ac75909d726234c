import { expect, jest, test } from "@jest/globals";
import { WebSocket } from "fourd-websocket";
import { converse, expectWrongMessage } from "./program.js";

const { ECHO: url, CONVERSATION: conversation } = process.env;

test("a conversation", async () => {
  expect(await converse(WebSocket, url)).toBe(conversation);
});

test("an expectation in onMessage", () => expectWrongMessage(WebSocket, url, expect));

test("the same with fake timers", async () => {
  jest.useFakeTimers();
  await expectWrongMessage(WebSocket, url, expect);
});
