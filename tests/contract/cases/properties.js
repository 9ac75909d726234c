// The properties: their values in each state, that they are read-only, and that there are no others.

import { inspect } from "../lib/capabilities.js";

const NAMES = ["url", "handler", "dataType", "status", "id", "protocol", "bufferedAmount"];

const haveTypes = (t, ws, handler) => {
  t.equal(typeof ws.url, "string");
  t.equal(ws.handler, handler);
  t.contains("text blob object", ws.dataType);
  t.contains("Connecting Connected Closing Closed", ws.status);
  t.ok(Number.isSafeInteger(ws.id) && ws.id > 0, `id ${ws.id} is a positive integer`);
  t.equal(typeof ws.protocol, "string");
  t.ok(Number.isInteger(ws.bufferedAmount) && ws.bufferedAmount >= 0, `bufferedAmount is ${ws.bufferedAmount}`);
};

export async function properties_are_of_their_types_in_every_state(t) {
  const connection = t.open("/echo", { dataType: "blob" });
  const { ws, handler } = connection;
  haveTypes(t, ws, handler);
  await connection.opened;
  haveTypes(t, ws, handler);
  ws.terminate();
  haveTypes(t, ws, handler);
  await connection.terminated;
  haveTypes(t, ws, handler);
}

export async function properties_that_do_not_change_stay_the_same(t) {
  const connection = t.open("/echo", { dataType: "object" });
  const { ws } = connection;
  const before = [ws.url, ws.handler, ws.dataType, ws.id];
  await connection.opened;
  ws.terminate();
  await connection.terminated;
  t.ok(
    [ws.url, ws.handler, ws.dataType, ws.id].every((value, index) => Object.is(value, before[index])),
    "they are the same",
  );
}

// WPT: websockets/interfaces/WebSocket/{url/002,readyState/002,bufferedAmount/bufferedAmount-readonly}.html
export async function properties_are_read_only(t) {
  const connection = t.open("/echo");
  const { ws } = connection;
  const isUnchanged = () => {
    for (const name of NAMES) {
      const before = ws[name];
      try {
        ws[name] = "other";
      } catch (error) {
        t.ok(error instanceof TypeError, `${name} throws a TypeError`);
      }
      t.equal(ws[name], before, name);
      t.equal(Reflect.set(ws, name, "other"), false, `that ${name} could be set`);
    }
  };
  isUnchanged();
  await connection.opened;
  isUnchanged();
  ws.terminate();
  await connection.terminated;
  isUnchanged();
}

export function data_type_is_the_handlers(t) {
  for (const dataType of ["text", "blob", "object"]) t.equal(t.open("/echo", { dataType }).ws.dataType, dataType);
  t.equal(t.open("/echo").ws.dataType, "text");
}

export function ids_are_unique(t) {
  const ids = Array.from({ length: 30 }, () => t.open(t.refused).ws.id);
  t.equal(new Set(ids).size, 30, "the number of ids");
  t.ok(
    ids.every((id) => Number.isSafeInteger(id) && id > 0),
    `they are positive integers: ${ids}`,
  );
}

export async function the_object_has_no_own_enumerable_members(t) {
  const connection = t.open("/echo");
  const isClean = () => {
    t.deepEqual(Object.keys(connection.ws), []);
    t.equal(JSON.stringify(connection.ws), "{}");
    t.deepEqual({ ...connection.ws }, {});
    const names = [];
    for (const name in connection.ws) names.push(name);
    t.deepEqual(names, []);
  };
  isClean();
  await connection.opened;
  isClean();
  connection.ws.terminate();
  await connection.terminated;
  isClean();
}
the_object_has_no_own_enumerable_members.needs = ["package"];

export async function nothing_of_wasm_bindgen_is_visible(t) {
  const connection = t.open("/echo");
  const names = [...Object.getOwnPropertyNames(t.WebSocket)];
  for (let at = connection.ws; at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    names.push(...Object.getOwnPropertyNames(at));
  }
  t.deepEqual(
    names.filter((name) => /wbg|wrap|free|^__|ptr/.test(name)),
    [],
  );
}
nothing_of_wasm_bindgen_is_visible.needs = ["package"];

export async function a_console_prints_the_class_url_status_and_id(t) {
  class Chat extends t.WebSocket {
    room = "lobby";
  }
  const printed = (value) => inspect(value).replace(/\s+/g, " ").replaceAll('"', "'");
  const connection = t.open("/echo");
  const { ws } = connection;
  const line = (status) => `WebSocket { url: '${ws.url}', status: '${status}', id: ${ws.id} }`;
  t.equal(printed(ws), line("Connecting"));
  await connection.opened;
  t.equal(printed(ws), line("Connected"));
  t.contains(printed([ws]), line("Connected"));
  ws.terminate();
  t.equal(printed(ws), line("Closing"));
  await connection.terminated;
  t.equal(printed(ws), line("Closed"));
  const chat = new Chat(t.refused);
  t.equal(printed(chat), `Chat { url: '${t.refused}', status: 'Connecting', id: ${chat.id}, room: 'lobby' }`);
}
a_console_prints_the_class_url_status_and_id.needs = ["package", "prints"];

// WPT: websockets/interfaces/WebSocket/url/004.html
export async function the_class_has_the_members_of_the_contract_and_no_others(t) {
  const { ws } = t.open("/echo");
  const members = new Set();
  for (let at = ws; at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    for (const name of Object.getOwnPropertyNames(at)) members.add(name);
  }
  t.deepEqual(
    [...members].sort(),
    [...NAMES, "closed", "constructor", "drained", "messages", "send", "terminate"].sort(),
  );
}
the_class_has_the_members_of_the_contract_and_no_others.needs = ["package"];

export async function every_member_of_the_contract_is_there(t) {
  const { ws } = t.open("/echo");
  for (const name of [...NAMES, "send", "terminate"]) t.ok(name in ws, `${name} is there`);
  t.equal(typeof t.WebSocket.new, "function");
  t.equal(typeof ws.send, "function");
  t.equal(typeof ws.terminate, "function");
}

export function the_class_is_called_web_socket(t) {
  t.equal(t.WebSocket.name, "WebSocket");
}
the_class_is_called_web_socket.needs = ["package"];

export function the_class_is_not_the_hosts(t) {
  t.ok(t.WebSocket !== globalThis.WebSocket, "it is another class");
}

export function importing_the_package_changes_no_global(t) {
  t.deepEqual(t.host.newGlobals, []);
}
importing_the_package_changes_no_global.needs = ["globals"];

/** Vue creates proxies of values with the tag of an object. */
export async function the_tag_is_that_of_the_hosts_class(t) {
  const { ws } = t.open(t.refused);
  t.equal(Object.prototype.toString.call(ws), "[object WebSocket]");
}
the_tag_is_that_of_the_hosts_class.needs = ["package"];
