// Missing, foreign and faked globals, and the package's own class as a global.

import { replaceGlobals } from "../lib/clock.js";
import { ErrCode } from "../lib/errcode.js";
import { connect, onClock, onDouble } from "../lib/stand_in.js";

const url = "ws://127.0.0.1:20777/";

/** Calls `run` while globals are replaced. */
const withGlobals = async (values, run) => {
  const restore = replaceGlobals(values);
  try {
    return await run();
  } finally {
    restore();
  }
};

// --- WebAssembly ---

/** iOS in Lockdown Mode, and Node with --jitless. */
export async function without_web_assembly_new_throws(t) {
  const { WebSocket } = await t.host.importCopy("without");
  await withGlobals({ WebAssembly: undefined }, () => {
    for (const open of [() => WebSocket.new(url), () => new WebSocket(url)]) {
      const { cause } = t.throws(open, ErrCode.noModule, ["WebAssembly", "Lockdown Mode", "--jitless"]);
      t.ok(cause instanceof Error, `the host's exception is the cause, not ${t.show(cause)}`);
    }
  });
  const connection = t.open("/echo", {}, WebSocket);
  connection.ws.send("now there is one");
  t.deepEqual(await connection.received(), ["now there is one"]);
}
without_web_assembly_new_throws.needs = ["copies", "compiles"];

/** A process may be limited to 4 GB of addresses. Node 20 reserves 10 GB for a memory. */
export async function where_wasm_cannot_be_instantiated_new_throws(t) {
  const { WebSocket } = await t.host.importCopy("uninstantiated");
  const { Instance } = WebAssembly;
  const cause = new RangeError("Cannot allocate Wasm memory for new instance");
  WebAssembly.Instance = function () {
    throw cause;
  };
  try {
    for (let time = 0; time < 2; time++) {
      t.equal(t.throws(() => WebSocket.new(url), ErrCode.noModule, "memory").cause, cause);
    }
  } finally {
    WebAssembly.Instance = Instance;
  }
  const connection = t.open("/echo", {}, WebSocket);
  connection.ws.send("now there is memory");
  t.deepEqual(await connection.received(), ["now there is memory"]);
}
where_wasm_cannot_be_instantiated_new_throws.needs = ["copies", "compiles"];

// --- The class itself ---

export function the_class_as_the_global_one_is_no_host(t) {
  class Chat extends t.WebSocket {}
  class Wrapper {
    constructor(...args) {
      return new t.WebSocket(...args);
    }
  }
  for (const Class of [t.WebSocket, Chat, Wrapper, new Proxy(t.WebSocket, {})]) {
    const restore = t.replaceHostClass(Class);
    for (const handler of [undefined, { headers: { "X-A": "b" } }, { protocols: "chat" }]) {
      for (const open of [() => t.WebSocket.new(url, handler), () => new Chat(url, handler)]) {
        const { cause } = t.throws(open, ErrCode.ownClass, ["globalThis.WebSocket", "not this package's"]);
        t.equal(cause, undefined, "the cause");
      }
    }
    restore();
  }
  const { connection, host } = connect(t);
  t.equal(connection.ws.status, "Connecting", "the status on a host's class after that");
  host.end();
}

// --- Blob ---

/** A Blob of jsdom, which replaces the host's. It converts a foreign Blob to its text. */
class ForeignBlob {
  #bytes;

  constructor([part]) {
    const { buffer = part, byteOffset, byteLength } = part;
    this.#bytes =
      byteLength === undefined ? new TextEncoder().encode(part) : new Uint8Array(buffer, byteOffset, byteLength);
    this.size = this.#bytes.length;
  }

  async arrayBuffer() {
    return this.#bytes.slice().buffer;
  }

  get [Symbol.toStringTag]() {
    return "Blob";
  }
}

export async function a_blob_of_the_host_is_handed_over_whatever_the_global_class_is(t) {
  const connection = t.open(t.script({ opcode: 2, hex: "0102ff" }), { dataType: "blob" });
  await withGlobals({ Blob: ForeignBlob }, async () => {
    const [blob] = await connection.received();
    t.equal(await t.hex(blob), "0102ff");
  });
}

/** The Blob of a frame of the page. */
export async function a_blob_of_another_realm_is_handed_over(t) {
  const { connection, host } = connect(t, {}, { dataType: "blob" });
  host.open();
  const foreign = Object.assign(Object.create({ [Symbol.toStringTag]: "Blob" }), { size: 3 });
  host.message(foreign);
  t.equal(connection.data[0], foreign);
  host.end();
  await connection.terminated;
}

export async function text_needs_no_blob(t) {
  const { connection, host } = connect(t);
  await withGlobals({ Blob: undefined }, () => {
    connection.ws.send("h\u00e9llo");
    t.equal(connection.ws.bufferedAmount, 6);
    host.open();
    host.message("w\u00f6rld");
  });
  t.deepEqual([host.sent, connection.data], [["h\u00e9llo"], ["w\u00f6rld"]]);
  host.end();
  await connection.terminated;
}

// --- TextEncoder and TextDecoder ---

/** Jest's jsdom environment has neither class. */
export async function text_needs_no_codec_of_the_host(t) {
  const restore = replaceGlobals({ TextEncoder: undefined, TextDecoder: undefined });
  try {
    const { WebSocket } = await t.host.importCopy("codecs");
    const received = [];
    const onMessage = (ws, { data }) => received.push(data);
    const { connection: ws, host } = onDouble(t, {}, (url) => WebSocket.new(url, { onMessage }));
    ws.send("h\u00e9llo \u20ac");
    t.equal(ws.bufferedAmount, 10);
    host.open();
    host.message("w\u00f6rld");
    t.deepEqual([host.sent, received], [["h\u00e9llo \u20ac"], ["w\u00f6rld"]]);
    t.contains(t.thrownBy(() => ws.terminate("\u00e9\ud800")).message, "\u00e9");
    ws.terminate(3000, "b\u00ffe \u{1f600}");
    t.deepEqual(host.closed, [[3000, "b\u00ffe \u{1f600}"]]);
    host.end(3000);
  } finally {
    restore();
  }
}
text_needs_no_codec_of_the_host.needs = ["copies"];

/** No decoder, and two polyfills. One rejects `fatal`, the other ignores it. */
const withoutDecoder = [
  undefined,
  class {
    constructor(label, options) {
      if (options?.fatal) throw new TypeError("the option fatal is not supported");
    }
  },
  class {
    decode = () => "not checked";
  },
];

export async function a_binary_frame_says_that_the_decoder_is_missing(t) {
  for (const [at, TextDecoder] of withoutDecoder.entries()) {
    await withGlobals({ TextDecoder }, async () => {
      const { WebSocket } = await t.host.importCopy(`decoder${at}`);
      for (const dataType of ["text", "object"]) {
        const members = { dataType };
        const { connection, host } = onDouble(t, {}, (address) => t.open(address, members, WebSocket));
        host.open();
        host.message('"text"');
        host.message(new Uint8Array([0x22, 0x22]).buffer);
        t.deepEqual(connection.data, [dataType === "text" ? '"text"' : "text"]);
        const [first] = connection.event("error").errors;
        t.equal(first.errCode, ErrCode.noDecoder);
        t.contains(first.message, ["TextDecoder", "binary"]);
        t.equal(host.closed[0][0], 4007, "the close code");
        host.end(4007);
        await t.ends(connection, "open message error terminate", 4007);
      }
      const { connection, host } = onDouble(t, {}, (address) => t.open(address, { dataType: "object" }, WebSocket));
      host.open();
      host.message("{");
      t.equal(connection.event("error").errors[0].errCode, ErrCode.undecodable, "of a text that is not JSON");
      host.end(4007);
      await connection.terminated;
      const blobs = onDouble(t, {}, (address) => t.open(address, { dataType: "blob" }, WebSocket));
      blobs.host.open();
      blobs.host.message(new Uint8Array([1, 2, 255]).buffer);
      t.equal(await t.hex(blobs.connection.data[0]), "0102ff");
      blobs.host.end();
      await blobs.connection.terminated;
    });
  }
}
a_binary_frame_says_that_the_decoder_is_missing.needs = ["copies"];

// --- performance ---

/** Jest's jsdom environment can fake the clock away, and some hosts of JavaScript have none. */
export function without_performance_the_clock_is_that_of_date(t) {
  for (const performance of [undefined, {}]) {
    onClock((clock) => {
      const restore = replaceGlobals({ performance, Date: { now: () => clock.now } });
      try {
        const heartbeat = { message: "ping", interval: 1000, timeout: 400 };
        const { connection, host } = connect(t, {}, { heartbeat, closeTimeout: 300 });
        host.open();
        host.message("hello");
        clock.advanceTo(1000);
        t.deepEqual(host.sent, ["ping"]);
        // A machine that slept sends the heartbeat again before it judges.
        clock.now = 10_000;
        clock.advanceTo(10_000);
        t.deepEqual(host.sent, ["ping", "ping"]);
        connection.ws.terminate();
        clock.advanceTo(10_299);
        t.equal(connection.ws.status, "Closing");
        clock.advanceTo(10_300);
        t.equal(connection.sequence(), "open message terminate");
      } finally {
        restore();
      }
    });
  }
}

// --- Fake timers ---

/** The microtasks of Jest and Sinon, which wait until the test runs them. */
const fakeTurns = () => {
  const turns = [];
  return { turns, queueMicrotask: (callback) => turns.push(callback) };
};

export async function an_exception_surfaces_though_turns_are_faked(t) {
  t.expectUncaught();
  const error = new Error("expect(data).toBe(5)");
  const { turns, queueMicrotask } = fakeTurns();
  const onMessage = () => {
    throw error;
  };
  const { connection, host } = connect(t, {}, { onMessage, onTerminate: onMessage });
  await withGlobals({ queueMicrotask }, async () => {
    host.open();
    host.message("6");
    host.end();
    await t.until(() => t.uncaught.length === 2);
  });
  t.deepEqual([turns.length, ...t.uncaught.map((thrown) => thrown === error)], [0, true, true]);
  await t.ends(connection, "open message terminate", 1000);
}

export async function terminate_while_connecting_ends_though_turns_are_faked(t) {
  const { queueMicrotask } = fakeTurns();
  const { connection } = connect(t);
  await withGlobals({ queueMicrotask }, async () => {
    connection.ws.terminate();
    await t.ends(connection, "terminate", 1006);
  });
}

export async function an_open_event_inside_of_new_comes_though_turns_are_faked(t) {
  const { queueMicrotask } = fakeTurns();
  const addEventListener = function (type, listener) {
    EventTarget.prototype.addEventListener.call(this, type, listener);
    if (type === "close") this.open();
  };
  await withGlobals({ queueMicrotask }, async () => {
    const { connection, host } = connect(t, { addEventListener });
    await connection.opened;
    host.end();
    await t.ends(connection, "open terminate", 1000);
  });
}
