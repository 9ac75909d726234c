// The cost of a message in calls of wasm. They are counted in a copy of the package with a counter around each function
// of its module. Every use of the module takes at least one call.

import { ErrCode } from "../lib/errcode.js";

export const needs = ["counts"];

/** A host's connection that accepts every message. */
class Accepting extends EventTarget {
  readyState = 1;
  bufferedAmount = 0;
  binaryType = "";
  protocol = "";

  send() {}
  close() {}
}

/** An open connection of the counted copy, its host, and a function that returns the calls of wasm for one `act`. */
function openCounted(t, handler) {
  const { WebSocket, calls } = t.host.counted;
  let host;
  const restore = t.replaceHostClass(
    class extends Accepting {
      constructor() {
        super();
        host = this;
      }
    },
  );
  const ws = WebSocket.new("ws://double.test/", handler);
  restore();
  host.dispatchEvent(new Event("open"));
  const count = (act) => {
    const before = calls.count;
    for (let i = 0; i < 100; i++) act();
    return (calls.count - before) / 100;
  };
  return { ws, host, count };
}

const messageOf = (data) => Object.assign(new Event("message"), { data });

export function a_message_takes_no_call_of_wasm(t) {
  const bytes = new TextEncoder().encode('{"a":1}').buffer;
  for (const [dataType, data] of [
    ["text", "hello"],
    ["text", bytes],
    ["object", '{"a":1}'],
    ["object", bytes],
    ["blob", new Blob(["a"])],
  ]) {
    let received = 0;
    const { host, count } = openCounted(t, { dataType, onMessage: () => received++ });
    t.equal(
      count(() => host.dispatchEvent(messageOf(data))),
      0,
      `calls for a message as ${dataType}`,
    );
    t.equal(received, 100, "messages received");
  }
}

export function a_sent_message_takes_no_call_of_wasm(t) {
  for (const message of ["hello", new Uint8Array(8), { a: 1 }]) {
    const { ws, count } = openCounted(t, {});
    t.equal(
      count(() => ws.send(message)),
      0,
      "calls for a message",
    );
    t.equal(
      count(() => ws.bufferedAmount + ws.status),
      0,
      "calls for properties",
    );
    t.ok(count(() => t.throws(() => ws.terminate(1001), ErrCode.closeCode)) > 0, "what does call is counted");
  }
}
