// Memory under load, after thousands of connections, large messages, and a flood of small messages.

import { heapSize, objectCount } from "../lib/capabilities.js";

export const needs = ["gc", "heap", "memory"];
export const limit = 120_000;

/** Collects all garbage. V8 keeps some of it in an ordinary collection. */
const collect = () => globalThis.gc({ type: "major", execution: "sync", flavor: "last-resort" });

/** The used heap after all garbage was collected. */
async function heapInUse(t) {
  const sizes = [];
  for (let round = 0; round < 2; round++) {
    await t.turn();
    collect();
    sizes.push(heapSize());
  }
  return Math.min(...sizes);
}

// --- Thousands of connections -----------------------------------------------------------------------------------

/** The number of connections that are opened together. */
const BATCH = 40;

const times = (count, make) => Promise.all(Array.from({ length: count }, make));

/** Each kind of end: a function that opens a number of connections and returns their ends, and the expected code. */
const ways = {
  "ended by the server": [1000, (t, count) => times(count, () => t.ended("/close?code=1000"))],
  "ended by terminate()": [
    3000,
    (t, count) => {
      const callbacks = { onOpen: (ws) => ws.send("hello"), onMessage: (ws) => ws.terminate(3000) };
      return times(count, () => t.ended("/echo", callbacks));
    },
  ],
  refused: [1006, (t, count) => times(count, () => t.ended(t.refused))],
  "terminated while connecting": [1006, (t, count) => times(count, () => t.ended("/echo", {}, (ws) => ws.terminate()))],
  "dropped while open": [
    1000,
    async (t, count) => {
      const opened = [];
      const onOpen = (ws) => opened.push(new WeakRef(ws));
      const ends = times(count, () => t.ended("/close?code=1000&after=1", { onOpen }));
      await t.until(() => opened.length === count);
      globalThis.gc();
      for (const ref of opened) ref.deref().send("close now");
      return ends;
    },
  ],
};

/** Opens a number of connections that end in one way, and checks that all of them are collected. */
async function open(t, name, count) {
  const [code, opening] = ways[name];
  const size = Math.min(BATCH, t.host.openingsAtOnce);
  for (let left = count; left > 0; left -= size) {
    const ends = await opening(t, Math.min(size, left));
    for (const end of ends) t.equal(end.code, code, `the code, ${name}`);
    await t.collected(
      ends.flatMap(({ refs }) => refs),
      `objects and handlers, ${name}`,
    );
  }
}

/** The number of objects when it no longer falls. undici drops the objects of an opening's timer every half second. */
async function objectsInUse(t) {
  let least = objectCount();
  if (least === undefined) return;
  for (let since = performance.now(); performance.now() - since < 1500; ) {
    await t.sleep(100);
    const count = objectCount();
    if (count >= least) continue;
    least = count;
    since = performance.now();
  }
  return least;
}

const PARTS = 25;

/** Opens connections with `run` in equal parts, and returns what each of them leaves, `undefined` for nothing. */
async function leftBy(t, connections, run) {
  const count = await objectsInUse(t);
  const heaps = [await heapInUse(t)];
  const wasm = wasmSize(t);
  for (let part = 0; part < PARTS; part++) {
    await run(connections / PARTS);
    heaps.push(await heapInUse(t));
  }
  const objects = ((await objectsInUse(t)) - count) / connections;
  // A leak shows between any two points. Other growth does not. Growth that goes up and down does not show between most
  // distant points. Tables and machine code, which the host creates once, do not show between most neighbours. Objects
  // that the host drops by its clock do not show between the first and the last point.
  const growths = [trend(heaps), median(heaps.slice(1).map((heap, index) => heap - heaps[index]))];
  growths.push(((await heapInUse(t)) - heaps[0]) / PARTS);
  const bytes = Math.min(...growths) / (connections / PARTS);
  const grown = wasmSize(t) - wasm;
  // The smallest object takes 28 bytes, and the reference to it 4. Where objects are not counted, the number is NaN.
  if (bytes < 20 && !(objects > 0.01) && grown === 0) return;
  return `${bytes.toFixed(1)} bytes of the heap, ${objects} objects; ${grown} bytes of wasm memory in all`;
}

/** The growth of a size from one point to the next: the median over all pairs of points. */
const trend = (sizes) =>
  median(sizes.flatMap((size, from) => sizes.slice(from + 1).map((later, index) => (later - size) / (index + 1))));

const wasmSize = (t) => t.host.wasmMemory.buffer.byteLength;

const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];

export async function thousands_of_connections_leave_nothing(t) {
  const names = Object.keys(ways);
  const openEach = async (count) => {
    for (const name of names) await open(t, name, count / names.length);
  };
  // These connections create most of the objects that are created only once.
  await openEach(t.host.connections / 4);
  t.equal(await leftBy(t, t.host.connections, openEach), undefined, "what is left of each connection");
}

export async function one_object_left_by_each_connection_would_be_seen(t) {
  const left = [];
  const leave = (count) => {
    for (let index = 0; index < count; index++) left.push({});
  };
  t.contains(await leftBy(t, t.host.connections, leave), "bytes of the heap");
}

export async function many_connections_at_once_end_in_order(t) {
  const { connectionsAtOnce, openingsAtOnce } = t.host;
  const connections = [];
  const all = Array.from({ length: connectionsAtOnce }, (_, index) => index);
  await t.inBatches(
    all,
    (index) => {
      connections[index] = t.open("/echo");
      return connections[index].opened;
    },
    openingsAtOnce,
  );
  t.ok(
    connections.every(({ ws }) => ws.status === "Connected"),
    "all are open at once",
  );
  connections.forEach(({ ws }, index) => ws.send(`number ${index}`));
  const data = await Promise.all(connections.map((connection) => connection.received()));
  t.deepEqual(
    data.flat(),
    all.map((index) => `number ${index}`),
  );
  for (const { ws } of connections) ws.terminate();
  await Promise.all(connections.map((connection) => t.ends(connection, "open message terminate", 1000)));
}

// --- Large messages ---------------------------------------------------------------------------------------------

const LARGE = 64 << 20;

/** A connection on which a large message is received, sent back, and received again. `check` is called for each. */
async function roundTrip(t, kind, dataType, check) {
  const before = wasmSize(t);
  const connection = t.open(`/size?bytes=${LARGE}&kind=${kind}`, { dataType });
  const [first] = await connection.received();
  await check(first);
  connection.ws.send(first);
  const [, second] = await connection.received(2);
  await check(second);
  t.equal(wasmSize(t), before, "the bytes of wasm memory");
  connection.ws.terminate();
  await t.ends(connection, "open message message terminate", 1000);
  t.equal((await t.seen(connection)).bytes, LARGE, "the bytes the server got");
}

export const a_text_of_64_mebibytes_stays_out_of_wasm = (t) =>
  roundTrip(t, "text", "text", (data) => t.ok(data === "x".repeat(LARGE), "each character is there"));

export const a_blob_of_64_mebibytes_stays_out_of_wasm = (t) =>
  roundTrip(t, "binary", "blob", async (data) => {
    const bytes = new Uint8Array(await data.arrayBuffer());
    t.equal(bytes.length, LARGE, "the size");
    t.ok(
      bytes.every((byte, index) => byte === index % 251),
      "each byte is in its place",
    );
  });

export async function an_object_of_64_mebibytes_stays_out_of_wasm(t) {
  const before = wasmSize(t);
  const connection = t.open("/echo", { dataType: "object" });
  const sent = Array.from({ length: 64 }, (_, index) => String.fromCharCode(65 + (index % 26)).repeat(1 << 20));
  await connection.opened;
  connection.ws.send(sent);
  const [received] = await connection.received();
  t.ok(received.length === 64 && received.every((text, index) => text === sent[index]), "it is the same");
  t.equal(wasmSize(t), before, "the bytes of wasm memory");
}

// --- A flood ----------------------------------------------------------------------------------------------------

export async function a_flood_of_small_messages_loses_none_and_leaves_nothing(t) {
  const { flood } = t.host;
  const run = (count) =>
    new Promise((resolve, reject) => {
      const during = [];
      let received = 0;
      t.WebSocket.new(t.url(`/flood?count=${count}&size=16&close`), {
        onMessage(ws, { data }) {
          if (data !== String(received).padEnd(16, ".")) {
            reject(new Error(`message ${received} is ${t.show(data)}`));
            ws.terminate();
          }
          received += 1;
          if (received % (count / 10) === 0) {
            collect();
            during.push(heapSize());
          }
        },
        onTerminate: (ws, { code }) => resolve({ received, code, during }),
      });
    });
  await run(flood / 10);
  const before = { heap: await heapInUse(t), wasm: wasmSize(t) };
  const { received, code, during } = await run(flood);
  t.equal(code, 1000, "the code");
  t.equal(received, flood, "the messages");
  t.equal(during.length, 10, "the times the heap was looked at");
  for (const heap of during)
    t.ok(heap - before.heap < 1 << 20, `${heap - before.heap} bytes more in the flood are few`);
  const left = (await heapInUse(t)) - before.heap;
  t.ok(left < 1 << 18, `${left} bytes more after it are few`);
  t.equal(wasmSize(t), before.wasm, "the bytes of wasm memory");
}
