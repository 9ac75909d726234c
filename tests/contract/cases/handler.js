// The handler: allowed members, how callbacks are looked up and called, and the errors for invalid members.

import { ErrCode } from "../lib/errcode.js";
import { onDouble } from "../lib/stand_in.js";

const url = "ws://127.0.0.1:20777/";

export function a_handler_that_is_not_an_object_throws(t) {
  for (const handler of [() => {}, class {}, "handler", "", 5, 0, true, false, 10n, Symbol("handler")]) {
    t.throws(() => t.WebSocket.new(url, handler), ErrCode.handler, ["handler", "object"]);
    t.throws(() => new t.WebSocket(url, handler), ErrCode.handler, ["handler", "object"]);
  }
}

// WPT: websockets/eventhandlers.any.js, interfaces/WebSocket/events/{011,012,013}.html (there it counts as none)
export function a_callback_that_is_not_a_function_throws(t) {
  for (const name of ["onOpen", "onMessage", "onError", "onTerminate"]) {
    for (const callback of ["", "alert", 5, 0, true, false, {}, [], Symbol("callback")]) {
      t.throws(() => t.WebSocket.new(url, { [name]: callback }), ErrCode.callback, [name, "function"]);
    }
    t.throws(() => t.WebSocket.new(url, Object.create({ [name]: 5 })), ErrCode.callback, [name, "5"]);
  }
}

// WPT: websockets/binaryType-wrong-value.any.js (there it changes nothing)
export function a_wrong_data_type_throws(t) {
  for (const dataType of ["xml", "", "Text", "binary", 1, true, {}, ["text"]]) {
    t.throws(() => t.WebSocket.new(url, { dataType }), ErrCode.dataType, ["text", "blob", "object"]);
  }
  t.throws(() => t.WebSocket.new(url, { dataType: "xml" }), ErrCode.dataType, "xml");
}

export function a_wrong_close_timeout_throws(t) {
  for (const closeTimeout of [-1, NaN, Infinity, -Infinity, "5000", true, {}, 10n, Symbol("time")]) {
    t.throws(() => t.WebSocket.new(url, { closeTimeout }), ErrCode.duration, "closeTimeout");
  }
}

export function a_getter_that_throws_makes_new_throw_with_its_cause(t) {
  const names = ["onOpen", "onMessage", "onError", "onTerminate", "dataType", "headers", "protocols", "closeTimeout"];
  for (const name of names) {
    const cause = new Error("not today");
    const handler = Object.defineProperty({}, name, {
      get() {
        throw cause;
      },
    });
    const error = t.throws(() => t.WebSocket.new(url, handler), ErrCode.member, name);
    t.equal(error.cause, cause, "the cause");
  }
}

// WPT: websockets/interfaces/WebSocket/events/010.html, events/014.html
export async function members_that_are_undefined_are_not_there(t) {
  const connection = t.open("/echo", {
    dataType: undefined,
    headers: undefined,
    protocols: undefined,
    closeTimeout: undefined,
    other: 5,
  });
  t.equal(connection.ws.dataType, "text");
  await connection.opened;
  const ws = t.WebSocket.new(t.url("/text?data=hello"), { onOpen: undefined, onMessage: undefined });
  await t.until(() => ws.status === "Connected");
  ws.terminate();
  await t.until(() => ws.status === "Closed");
}

export async function members_that_are_null_are_not_there(t) {
  const connection = t.open("/text?data=hello", { dataType: null, headers: null, protocols: null, closeTimeout: null });
  t.deepEqual([connection.ws.dataType, connection.ws.protocol], ["text", ""]);
  t.deepEqual(await connection.received(), ["hello"]);
  connection.ws.terminate();
  await t.ends(connection, "open message terminate", 1000);
  const bare = { onOpen: null, onMessage: null, onError: null, onTerminate: null };
  for (const path of ["/text?data=hello", "/status/401"]) {
    const ws = t.WebSocket.new(t.url(path), bare);
    await t.until(() => ws.status !== "Connecting");
    ws.terminate();
    await t.until(() => ws.status === "Closed");
  }
}

export async function callbacks_may_be_inherited(t) {
  class Base {
    log = [];
    onOpen() {
      this.log.push("open");
    }
    onMessage(ws, { data }) {
      this.log.push(data);
      ws.terminate();
    }
  }
  class Chat extends Base {
    onTerminate() {
      this.log.push("terminate");
    }
  }
  const handler = new Chat();
  t.WebSocket.new(t.url("/text?data=hello"), handler);
  await t.until(() => handler.log.length === 3);
  t.deepEqual(handler.log, ["open", "hello", "terminate"]);
}

export async function a_handler_may_have_private_fields(t) {
  class Chat {
    #log = [];
    onTerminate(ws, { code }) {
      this.#log.push(code);
    }
    get log() {
      return this.#log;
    }
  }
  const handler = new Chat();
  t.WebSocket.new(t.url("/close?code=3001"), handler);
  await t.until(() => handler.log.length > 0);
  t.deepEqual(handler.log, [3001]);
}

export async function a_handler_may_have_no_prototype(t) {
  const handler = Object.create(null);
  let code;
  handler.onTerminate = (ws, event) => (code = event.code);
  t.WebSocket.new(t.url("/close?code=3002"), handler);
  await t.until(() => code);
  t.equal(code, 3002);
}

export async function a_frozen_handler_works(t) {
  let code;
  const handler = Object.freeze({ dataType: "text", onTerminate: (ws, event) => (code = event.code) });
  const ws = t.WebSocket.new(t.url("/close?code=3003"), handler);
  t.equal(ws.handler, handler);
  await t.until(() => code);
  t.equal(code, 3003);
}

export async function a_handler_may_be_a_proxy(t) {
  const log = [];
  const target = { onOpen: () => log.push("open"), onTerminate: () => log.push("terminate") };
  const handler = new Proxy(target, {});
  const ws = t.WebSocket.new(t.url("/close?code=1000"), handler);
  t.equal(ws.handler, handler);
  await t.until(() => log.length === 2);
  t.deepEqual(log, ["open", "terminate"]);
}

export async function a_handler_is_left_as_it_was(t) {
  const handler = { onTerminate() {}, dataType: "object", protocols: ["a", "b"] };
  const before = Reflect.ownKeys(handler);
  const ws = t.WebSocket.new(t.url("/close?code=1000"), handler);
  await t.until(() => ws.status === "Closed");
  t.deepEqual(Reflect.ownKeys(handler), before);
  t.deepEqual(handler.protocols, ["a", "b"]);
}

export async function callbacks_are_looked_up_each_time(t) {
  const log = [];
  const handler = { onMessage: (ws, { data }) => log.push(`first ${data}`) };
  const ws = t.WebSocket.new(t.url("/echo"), handler);
  const next = async (message) => {
    const before = log.length;
    ws.send(message);
    await t.until(() => log.length > before);
  };
  await next("a");
  handler.onMessage = (ws, { data }) => log.push(`second ${data}`);
  await next("b");
  delete handler.onMessage;
  Object.setPrototypeOf(handler, { onMessage: (ws, { data }) => log.push(`inherited ${data}`) });
  await next("c");
  handler.onTerminate = () => log.push("terminate");
  ws.terminate();
  await t.until(() => ws.status === "Closed");
  t.deepEqual(log, ["first a", "second b", "inherited c", "terminate"]);
}

/** As spies do that record each member that is read. */
export async function of_a_callback_no_member_is_read(t) {
  const read = [];
  const get = (callback, name) => read.push(name) && Reflect.get(callback, name);
  const calls = [];
  const members = Object.fromEntries(
    ["onOpen", "onMessage", "onError", "onTerminate"].map((name) => {
      const callback = function (ws, { type }) {
        calls.push([this === handler, ws, type]);
      };
      return [name, new Proxy(callback, { get })];
    }),
  );
  let handler;
  const { connection: ws, host } = onDouble(t, {}, (address) => t.WebSocket.new(address, (handler = { ...members })));
  host.open();
  host.message("hello");
  host.end(1006);
  t.deepEqual(read, []);
  t.deepEqual(
    calls,
    ["open", "message", "error", "terminate"].map((type) => [true, ws, type]),
  );
}

export async function a_callback_may_be_removed(t) {
  const log = [];
  const handler = { onMessage: (ws, { data }) => log.push(data), onTerminate: () => log.push("terminate") };
  const ws = t.WebSocket.new(t.url("/text?data={i}&count=3"), handler);
  handler.onOpen = () => {
    handler.onMessage = undefined;
    handler.onTerminate = null;
  };
  await t.until(() => ws.status === "Connected");
  ws.terminate();
  await t.until(() => ws.status === "Closed");
  t.deepEqual(log, []);
}

export async function a_callback_that_is_no_function_any_more_harms_nothing(t) {
  t.expectUncaught();
  const connection = t.open("/text?data={i}&count=3", {
    onOpen() {
      this.onMessage = 5;
    },
  });
  await connection.opened;
  connection.ws.send("still there");
  connection.ws.terminate();
  await t.ends(connection, "open terminate", 1000);
  t.deepEqual(await t.arrived(connection), ["still there"]);
}

export async function one_handler_serves_many_connections(t) {
  const log = [];
  const handler = {
    onMessage: (ws, { data }) => log.push([ws, data]),
    onTerminate: (ws) => log.push([ws, "end"]),
  };
  const first = t.WebSocket.new(t.url("/echo"), handler);
  const second = t.WebSocket.new(t.url("/echo"), handler);
  first.send("1");
  second.send("2");
  await t.until(() => log.length === 2);
  first.terminate();
  await t.until(() => first.status === "Closed");
  t.equal(second.status, "Connected");
  second.terminate();
  await t.until(() => second.status === "Closed");
  const of = (ws) => log.filter(([from]) => from === ws).map(([, what]) => what);
  t.deepEqual(of(first), ["1", "end"]);
  t.deepEqual(of(second), ["2", "end"]);
}

export async function the_data_type_is_that_of_the_start(t) {
  const connection = t.open("/json", {
    onOpen() {
      this.dataType = "object";
    },
  });
  t.deepEqual(await connection.received(), ['{"a":']);
  t.equal(connection.ws.dataType, "text");
}

export async function async_callbacks_are_not_waited_for(t) {
  const connection = t.open("/text?data={i}&count=3", { onMessage: async () => t.turn() });
  t.deepEqual(await connection.received(3), ["0", "1", "2"]);
}
