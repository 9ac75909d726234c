// Lifetime: every member is safe after the end. An open connection stays alive, and an ended one leaves nothing behind.

import { ErrCode } from "../lib/errcode.js";

const isSafe = (t, ws, handler) => {
  t.equal(ws.status, "Closed");
  t.equal(typeof ws.url, "string");
  t.equal(ws.handler, handler);
  t.equal(ws.dataType, "text");
  t.ok(ws.id > 0, "the id is positive");
  t.equal(ws.protocol, "");
  t.equal(ws.bufferedAmount, 0);
  t.throws(() => ws.send("late"), ErrCode.notOpen);
  t.equal(t.thrownBy(() => ws.send(5)).name, "WebSocketError");
  t.equal(ws.terminate(), undefined);
  t.equal(ws.terminate(3000, "late"), undefined);
  t.throws(() => ws.terminate(1001), ErrCode.closeCode);
};

export async function every_member_is_safe_after_the_end(t) {
  for (const path of ["/close?code=1000", "/fin", "/rst", "/status/401", t.refused]) {
    const connection = t.open(path);
    await connection.terminated;
    for (let turns = 0; turns < 3; turns++) {
      isSafe(t, connection.ws, connection.handler);
      await t.turn();
    }
  }
}

export async function every_member_is_safe_after_terminate_while_connecting(t) {
  const connection = t.open("/echo");
  connection.ws.terminate();
  await connection.terminated;
  isSafe(t, connection.ws, connection.handler);
}

export async function every_member_is_safe_in_on_terminate(t) {
  const connection = t.open("/close?code=1000", { onTerminate: (ws) => isSafe(t, ws, connection.handler) });
  await connection.terminated;
}

export async function dispose_is_safe_after_the_end(t) {
  const connection = t.open("/close?code=1000");
  await connection.terminated;
  for (let times = 0; times < 3; times++) t.equal(connection.ws[Symbol.dispose](), undefined);
  isSafe(t, connection.ws, connection.handler);
}
dispose_is_safe_after_the_end.needs = ["package", "dispose"];

export function members_on_other_objects_show_nothing_of_rust(t) {
  const { prototype } = t.WebSocket;
  const texts = [];
  const attempts = [
    () => prototype.send.call({}, "hello"),
    () => prototype.terminate.call({}),
    () => prototype.send.call(undefined, "hello"),
    () => prototype.terminate.call(null),
    () => prototype.send("hello"),
    () => prototype.terminate(),
    () => Object.create(prototype).send("hello"),
    ...["url", "handler", "dataType", "status", "id", "protocol", "bufferedAmount"].flatMap((name) => [
      () => prototype[name],
      () => Object.create(prototype)[name],
    ]),
  ];
  for (const attempt of attempts) {
    try {
      attempt();
    } catch (error) {
      texts.push(`${error}`);
    }
  }
  t.deepEqual(
    texts.filter((text) => /rust|null pointer|unreachable|recursive|closure|wasm|RuntimeError|wbg/i.test(text)),
    [],
  );
}
members_on_other_objects_show_nothing_of_rust.needs = ["package"];

// --- An open connection stays alive ---

export async function an_open_connection_stays_though_nobody_holds_it(t) {
  const log = [];
  const path = t.script({ await: "message" }, { pause: 300, opcode: 1, text: "after a while" }, { close: 3000 });
  const open = () => {
    const handler = {
      onOpen: (ws) => ws.send("hello"),
      onMessage: (ws, { data }) => log.push(data),
      onTerminate: (ws, { code }) => log.push(code),
    };
    t.WebSocket.new(t.url(path), handler);
  };
  open();
  while (log.length < 2) {
    await t.turn();
    globalThis.gc();
  }
  t.deepEqual(log, ["after a while", 3000]);
}
an_open_connection_stays_though_nobody_holds_it.needs = ["gc"];

export async function a_connection_that_is_opening_or_closing_stays_though_nobody_holds_it(t) {
  const log = [];
  const open = () => {
    t.WebSocket.new(t.url("/slow-close?delay=200"), {
      onOpen: (ws) => ws.terminate(3000),
      onTerminate: (ws, { code }) => log.push(code),
    });
  };
  open();
  while (log.length === 0) {
    await t.turn();
    globalThis.gc();
  }
  t.deepEqual(log, [3000]);
}
a_connection_that_is_opening_or_closing_stays_though_nobody_holds_it.needs = ["gc"];

// --- An ended connection leaves nothing ---

const leavesNothing = async (t, ...args) => t.collected((await t.ended(...args)).refs, "object and handler");

export const a_connection_closed_by_the_server_is_collected = (t) => leavesNothing(t, "/close?code=1000");

export const a_connection_closed_by_the_client_is_collected = (t) =>
  leavesNothing(t, "/echo", { onOpen: (ws) => ws.terminate() });

export const a_lost_connection_is_collected = (t) => leavesNothing(t, "/rst");

export const a_refused_connection_is_collected = (t) => leavesNothing(t, t.refused);

export const a_connection_terminated_while_connecting_is_collected = (t) =>
  leavesNothing(t, "/echo", {}, (ws) => ws.terminate());

export const a_connection_given_up_by_the_close_timeout_is_collected = (t) =>
  leavesNothing(t, "/silent", { closeTimeout: 20, onOpen: (ws) => ws.terminate() });

export const a_connection_with_bad_data_is_collected = (t) => leavesNothing(t, "/json", { dataType: "object" });

export const a_connection_with_waiting_messages_is_collected = (t) =>
  leavesNothing(t, t.refused, {}, (ws) => {
    ws.send("never sent");
    ws.send(new Blob(["never sent"]));
  });

export const a_handler_that_refers_to_its_own_object_is_collected = (t) =>
  leavesNothing(t, "/close?code=1000", {}, (ws, handler) => (handler.ws = ws));

export const a_handler_whose_callbacks_close_over_its_object_is_collected = (t) =>
  leavesNothing(t, "/close?code=1000", {}, (ws, handler) => (handler.onOpen = () => ws.send("hello")));

for (const run of [
  a_connection_closed_by_the_server_is_collected,
  a_connection_closed_by_the_client_is_collected,
  a_lost_connection_is_collected,
  a_refused_connection_is_collected,
  a_connection_terminated_while_connecting_is_collected,
  a_connection_given_up_by_the_close_timeout_is_collected,
  a_connection_with_bad_data_is_collected,
  a_connection_with_waiting_messages_is_collected,
  a_handler_that_refers_to_its_own_object_is_collected,
  a_handler_whose_callbacks_close_over_its_object_is_collected,
]) {
  run.needs = ["gc"];
}

export async function an_object_is_collected_though_its_handler_stays(t) {
  const handlers = [];
  const { refs } = await t.ended("/close?code=1000", {}, (ws, handler) => handlers.push(handler));
  await t.collected(refs.slice(0, 1));
  t.equal(refs[1].deref(), handlers[0]);
}
an_object_is_collected_though_its_handler_stays.needs = ["gc"];

export async function the_handler_stays_as_long_as_the_object(t) {
  const objects = [];
  await t.ended("/close?code=1000", { mark: 7 }, (ws) => objects.push(ws));
  for (let round = 0; round < 5; round++) {
    await t.turn();
    globalThis.gc();
  }
  t.equal(objects[0].handler?.mark, 7);
}
the_handler_stays_as_long_as_the_object.needs = ["gc"];

export async function messages_are_not_kept(t) {
  const refs = [];
  const handler = {
    dataType: "object",
    onMessage: (ws, event) => refs.push(new WeakRef(event), new WeakRef(event.data)),
  };
  const ws = t.WebSocket.new(t.url("/text?data={}&count=20"), handler);
  ws.send({ come: "back" });
  await t.until(() => refs.length === 42);
  await t.collected(refs, "events and their data");
  t.equal(ws.status, "Connected");
  ws.terminate();
  await t.until(() => ws.status === "Closed");
}
messages_are_not_kept.needs = ["gc"];

export async function three_hundred_connections_leave_nothing(t) {
  const paths = ["/close?code=1000", "/fin", "/status/401", t.refused, "/text?data=hello"];
  const refs = [];
  const callbacks = { onMessage: (ws) => ws.terminate() };
  const all = Array.from({ length: 300 }, (_, index) => paths[index % paths.length]);
  await t.inBatches(all, async (path) => refs.push(...(await t.ended(path, callbacks)).refs));
  t.equal(refs.length, 600, "the WeakRefs");
  await t.collected(refs, "objects and handlers");
}
three_hundred_connections_leave_nothing.needs = ["gc"];

export async function connections_leave_the_wasm_memory_at_its_size(t) {
  const callbacks = { onMessage: (ws) => ws.terminate() };
  const some = async (length) => {
    await t.inBatches(Array(length).fill("/text?data=hello"), (path) => t.ended(path, callbacks));
    globalThis.gc();
  };
  await some(24);
  const before = t.host.wasmMemory.buffer.byteLength;
  for (let times = 0; times < 6; times++) await some(48);
  t.equal(t.host.wasmMemory.buffer.byteLength, before, "the bytes of memory");
}
connections_leave_the_wasm_memory_at_its_size.needs = ["memory", "gc"];

export async function a_payload_never_enters_wasm_memory(t) {
  const before = t.host.wasmMemory.buffer.byteLength;
  const sizes = [];
  const text = "x".repeat(16 << 20);
  for (const dataType of ["text", "blob", "object"]) {
    const connection = t.open("/echo", { dataType });
    connection.ws.send([text]);
    await connection.opened;
    connection.ws.send([text]);
    await connection.received(2);
    sizes.push(t.host.wasmMemory.buffer.byteLength - before);
    connection.ws.terminate();
    await connection.terminated;
  }
  t.deepEqual(sizes, [0, 0, 0]);
}
a_payload_never_enters_wasm_memory.needs = ["memory"];
