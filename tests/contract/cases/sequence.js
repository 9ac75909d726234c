// The sequence of callbacks, and the status. The sequence is checked after every case. The cases here are about its
// variants.

import { ErrCode } from "../lib/errcode.js";

export async function open_comes_first_then_messages_in_order(t) {
  const connection = t.open("/text?data=message {i}&count=5");
  t.deepEqual(
    await connection.received(5),
    [0, 1, 2, 3, 4].map((index) => `message ${index}`),
  );
  connection.ws.terminate();
  await t.ends(connection, "open message message message message message terminate", 1000);
}

export async function a_server_that_closes_at_once_gives_open_and_terminate(t) {
  const connection = t.open("/close?code=1000");
  await t.ends(connection, "open terminate", 1000);
}

// WPT: websockets/Close-readyState-Closing.any.js, Close-readyState-Closed.any.js,
// WPT: websockets/interfaces/WebSocket/readyState/{006,007,008}.html, interfaces/CloseEvent/clean-close.html
export async function status_is_as_promised_in_each_callback(t) {
  const connection = t.open("/text?data=hello");
  t.equal(connection.ws.status, "Connecting");
  await connection.received();
  connection.ws.terminate();
  t.equal(connection.ws.status, "Closing");
  await connection.terminated;
  t.deepEqual(
    connection.calls.map(({ name, status }) => `${name} ${status}`),
    ["open Connected", "message Connected", "terminate Closed"],
  );
}

export async function status_is_no_longer_connected_in_on_error(t) {
  const connection = t.open("/fin");
  await connection.terminated;
  const { status } = connection.calls.find(({ name }) => name === "error");
  t.contains(["Closing", "Closed"].join(), status);
}

export async function no_message_comes_after_on_error(t) {
  const good = { opcode: 1, text: "1" };
  const connection = t.open(t.script(good, { opcode: 1, text: "{" }, good, good), { dataType: "object" });
  await t.ends(connection, "open message error terminate", 4007);
}

// WPT: websockets/interfaces/WebSocket/send/008.html (there nothing happens)
export async function send_throws_in_on_error_and_on_terminate(t) {
  const thrown = [];
  const sends = (ws) => thrown.push(t.throws(() => ws.send("too late"), ErrCode.notOpen));
  const connection = t.open("/fin", { onError: sends, onTerminate: sends });
  await t.ends(connection, "open error terminate", 1006);
  t.equal(thrown.length, 2, "the calls that threw");
}

export async function terminate_does_nothing_in_on_error_and_on_terminate(t) {
  const terminates = (ws) => ws.terminate(3000, "again");
  const connection = t.open("/rst", { onError: terminates, onTerminate: terminates });
  await t.ends(connection, "open error terminate", 1006);
}

export async function terminate_in_on_error_of_a_refusal_does_nothing(t) {
  const terminates = (ws) => ws.terminate(3000, "again");
  const connection = await t.failsToOpen(t.refused, { onError: terminates, onTerminate: terminates });
  t.equal(connection.ws.status, "Closed");
}

export async function a_connection_may_be_opened_in_every_callback(t) {
  const opened = [];
  const opens = () => opened.push(t.open("/text?data=inner"));
  const callbacks = { onOpen: opens, onMessage: opens, onError: opens, onTerminate: opens };
  const connection = t.open(t.script({ opcode: 1, text: "hello" }, { pause: 20, fin: true }), callbacks);
  await t.ends(connection, "open message error terminate", 1006);
  t.equal(opened.length, 4, "the connections opened");
  for (const inner of opened) t.deepEqual(await inner.received(), ["inner"]);
}

export async function every_way_to_end_keeps_the_sequence(t) {
  const paths = [
    "/echo",
    "/close",
    "/close?code=1001",
    "/close?code=4000&reason=r",
    "/fin",
    "/rst",
    "/status/503",
    "/status/401",
    "/hangup",
    "/garbage",
    "/accept",
    "/opcode",
    "/utf8",
    "/json",
    "/masked",
    "/close-short",
    "/close-bad?code=999",
    "/late",
    "/slow-close?delay=50",
    "/mixed?count=9",
    "/fragmented",
  ];
  const ends = async ({ path, dataType }) => {
    const connection = t.open(path, { dataType });
    await t.until(() => connection.calls.length > 0);
    connection.ws.terminate();
    await connection.terminated;
  };
  const ways = ["text", "blob", "object"].flatMap((dataType) => paths.map((path) => ({ path, dataType })));
  await t.inBatches(ways, ends);
}

export async function terminate_at_any_moment_keeps_the_sequence(t) {
  const ends = async ({ path, turns }) => {
    const connection = t.open(path);
    connection.ws.send("hello");
    for (let waited = 0; waited < turns; waited++) await t.turn();
    connection.ws.terminate();
    t.contains("Closing Closed", connection.ws.status);
    await connection.terminated;
  };
  const turns = Array.from({ length: 24 }, (_, index) => index);
  const paths = ["/mixed?count=20", "/close?code=1000", "/fin", "/rst"];
  await t.inBatches(
    paths.flatMap((path) => turns.map((turns) => ({ path, turns }))),
    ends,
  );
}

export async function the_end_comes_though_nobody_holds_the_object(t) {
  const ended = [];
  for (const path of ["/close?code=1000", "/fin", "/status/503"]) {
    t.WebSocket.new(t.url(path), { onTerminate: (ws, { code }) => ended.push(code) });
  }
  await t.until(() => ended.length === 3);
  t.deepEqual(ended.sort(), [1000, 1006, 1006]);
}
