// Doubles in the place of the host's class. The package uses them, and keeps the contract whatever they do. Some host
// does each of these things. Here, every host runs all of them.

import { ErrCode } from "../lib/errcode.js";
import { connect, Double, onClock, onDouble } from "../lib/stand_in.js";

// --- Many ended connections ---

export function what_the_module_has_of_a_connection_is_freed_at_its_end(t) {
  const live = (times) => {
    for (let time = 0; time < times; time++) {
      const { connection, host } = connect(t);
      host.open();
      connection.ws.terminate();
      host.end();
    }
  };
  live(1);
  const before = t.host.wasmMemory.buffer.byteLength;
  // In one task, so that no finalization callback can free memory meanwhile.
  live(3000);
  t.equal(t.host.wasmMemory.buffer.byteLength, before, "the bytes of memory");
}
what_the_module_has_of_a_connection_is_freed_at_its_end.needs = ["memory"];

/** An exception's stack keeps the receivers of its functions alive. */
export async function an_exception_of_the_host_keeps_no_handler(t) {
  const close = () => {
    throw new Error("not now");
  };
  const { connection: ended, host } = onDouble(t, { close }, (url) => t.ended(url, { onOpen: (ws) => ws.terminate() }));
  host.open();
  host.end();
  await t.collected((await ended).refs, "object and handler");
}
an_exception_of_the_host_keeps_no_handler.needs = ["gc"];

export async function a_connection_that_ended_in_a_callback_leaves_the_next_alone(t) {
  for (let time = 0; time < 2; time++) {
    let next;
    const { connection, host } = connect(
      t,
      {},
      {
        dataType: "object",
        onError: () => host.end(),
        onTerminate: () => (next = connect(t)),
      },
    );
    host.open();
    host.message("{");
    await connection.terminated;
    next.host.open();
    next.connection.ws.send("hello");
    t.deepEqual([next.host.sent, next.host.closed], [["hello"], []]);
    next.connection.ws.terminate(3000);
    next.host.end(3000);
    await t.ends(next.connection, "open terminate", 3000);
  }
}

export async function those_that_have_ended_stay_themselves(t) {
  const all = ["text", "blob", "object"].map((dataType) => {
    const { connection, host } = connect(t, {}, { dataType, protocols: dataType });
    host.protocol = dataType;
    host.open();
    connection.ws.terminate();
    host.end();
    return { ...connection, dataType };
  });
  for (const { ws, handler, dataType, terminated } of all) {
    await terminated;
    t.deepEqual([ws.dataType, ws.protocol, ws.status, ws.bufferedAmount], [dataType, dataType, "Closed", 0]);
    t.equal(ws.handler, handler);
    t.throws(() => ws.send("late"), ErrCode.notOpen);
    t.throws(() => ws.terminate(1001), ErrCode.closeCode);
    ws.terminate();
  }
  t.equal(new Set(all.map(({ ws }) => ws.id)).size, 3, "different ids");
}

// --- Seen at each opening ---

export async function a_double_is_seen_at_each_opening(t) {
  const { connection, host } = connect(t, {}, { protocols: "chat" });
  t.deepEqual([host.args[0], [host.args[1]].flat()], ["ws://double.test/", ["chat"]]);
  host.protocol = "chat";
  host.open();
  t.equal(connection.ws.protocol, "chat");
  const real = t.open("/text?data=hello");
  t.deepEqual(await real.received(), ["hello"]);
  const second = connect(t);
  t.ok(second.host !== host, "there is another double");
  for (const each of [host, second.host]) each.end();
  await connection.terminated;
  await second.connection.terminated;
}

export function without_a_host_class_new_throws(t) {
  t.replaceHostClass(undefined);
  t.throws(() => t.WebSocket.new("ws://127.0.0.1/"), ErrCode.noHost, ["WebSocket", "ws"]);
  t.throws(() => new t.WebSocket("ws://127.0.0.1/"), ErrCode.noHost);
  if (t.host.ReconnectingWebSocket) {
    t.throws(() => t.host.ReconnectingWebSocket.new("ws://127.0.0.1/"), ErrCode.noHost);
  }
}
without_a_host_class_new_throws.needs = ["needsClass"];

export function a_host_that_throws_is_the_cause(t) {
  const cause = new Error("no more sockets");
  t.replaceHostClass(
    class {
      constructor() {
        throw cause;
      }
    },
  );
  t.equal(t.throws(() => t.WebSocket.new("ws://127.0.0.1/"), ErrCode.hostRefused).cause, cause);
  const withHeaders = () => t.WebSocket.new("ws://127.0.0.1/", { headers: { a: "b" } });
  t.equal(t.throws(withHeaders, ErrCode.hostRefused).cause, cause);
}

/** A page takes the options for a subprotocol, and rejects them. Other errors of a host are not about the headers. */
export function only_a_host_that_takes_no_options_cannot_send_headers(t) {
  const withHeaders = () => t.WebSocket.new("ws://127.0.0.1/", { headers: { a: "b" } });
  const cause = new DOMException("the subprotocol is invalid", "SyntaxError");
  t.replaceHostClass(
    class {
      constructor() {
        throw cause;
      }
    },
  );
  t.equal(t.throws(withHeaders, ErrCode.headersUnsupported).cause, cause);
  // The error of Deno without --allow-net.
  Object.defineProperty(cause, "name", { value: "NotCapable" });
  t.equal(t.throws(withHeaders, ErrCode.hostRefused).cause, cause);
}

export async function the_binary_type_is_set_for_the_data_type(t) {
  for (const [dataType, binaryType] of [
    ["text", "arraybuffer"],
    ["object", "arraybuffer"],
    ["blob", "blob"],
  ]) {
    const { connection, host } = connect(t, {}, { dataType });
    t.equal(host.binaryType, binaryType, `the binaryType for ${dataType}`);
    host.fail();
    await connection.terminated;
  }
}

export async function binary_data_may_come_in_any_form(t) {
  const bytes = () => new TextEncoder().encode('["é"]');
  const forms = [bytes(), bytes().buffer, new DataView(bytes().buffer), new Uint8Array([0, ...bytes()]).subarray(1)];
  const expected = { text: '["é"]', object: ["é"], blob: '["é"]' };
  for (const dataType of ["text", "object", "blob"]) {
    const { connection, host } = connect(t, {}, { dataType });
    host.open();
    for (const form of forms) host.message(form);
    const all = await Promise.all(connection.data.map((data) => (dataType === "blob" ? data.text() : data)));
    t.deepEqual(all, Array(4).fill(expected[dataType]));
    host.end();
    await connection.terminated;
  }
}

// --- Events inside calls ---

const echoes = {
  send(data) {
    this.sent.push(data);
    this.message(data);
  },
};

export async function an_answer_inside_of_send_is_a_message(t) {
  const { connection, host } = connect(t, echoes);
  host.open();
  connection.ws.send("hello");
  t.deepEqual(connection.data, ["hello"]);
  host.end();
  await t.ends(connection, "open message terminate", 1000);
}

export async function an_answer_to_a_waiting_message_comes_after_on_open(t) {
  const { connection, host } = connect(t, echoes);
  connection.ws.send("one");
  connection.ws.send("two");
  host.open();
  t.deepEqual(connection.data, ["one", "two"]);
  t.deepEqual(host.sent, ["one", "two"]);
  host.end();
  await t.ends(connection, "open message message terminate", 1000);
}

export async function answers_inside_of_answers_are_messages(t) {
  const { connection, host } = connect(t, echoes, {
    onMessage: (ws, { data }) => data < 20 && ws.send(`${+data + 1}`),
  });
  host.open();
  connection.ws.send("0");
  t.deepEqual(
    connection.data,
    Array.from({ length: 21 }, (_, index) => `${index}`),
  );
  host.end();
  await connection.terminated;
}

export async function a_close_event_inside_of_close_is_the_end(t) {
  const { connection, host } = connect(t, {
    close(code, reason) {
      this.closed.push([code, reason]);
      this.end(code, reason);
    },
  });
  host.open();
  connection.ws.terminate(3000, "bye");
  const event = await t.ends(connection, "open terminate", 3000);
  t.equal(event.reason, "bye");
  t.deepEqual(host.closed, [[3000, "bye"]]);
}

export async function an_error_event_inside_of_close_is_no_second_end(t) {
  for (const closesToo of [true, false]) {
    const behaviour = {
      close() {
        this.fail();
        if (closesToo) this.end(1006);
      },
    };
    const early = connect(t, behaviour);
    early.connection.ws.terminate();
    await t.ends(early.connection, "terminate", 1006);
    const late = connect(t, behaviour, { closeTimeout: 100 });
    late.host.open();
    late.connection.ws.terminate();
    const { code } = await late.connection.terminated;
    t.equal(code, 1006);
  }
}

export async function a_close_event_inside_of_send_is_the_end(t) {
  const closes = {
    send() {
      this.end(3000);
    },
  };
  const { connection, host } = connect(t, closes);
  host.open();
  connection.ws.send("last");
  await connection.terminated;
  t.throws(() => connection.ws.send("after"), ErrCode.notOpen);
  const waiting = connect(t, closes);
  waiting.connection.ws.send("one");
  waiting.connection.ws.send("two");
  waiting.host.open();
  await waiting.connection.terminated;
}

export async function an_error_event_inside_of_send_is_a_failure(t) {
  const { connection, host } = connect(t, {
    send() {
      this.fail();
      this.end(1006);
    },
  });
  host.open();
  connection.ws.send("last");
  await t.ends(connection, "open error terminate", 1006);
}

export async function terminate_inside_of_an_answer_inside_of_send_works(t) {
  const { connection, host } = connect(t, echoes, { onMessage: (ws) => ws.terminate(3000) });
  host.open();
  connection.ws.send("hello");
  t.equal(connection.ws.status, "Closing");
  t.deepEqual(host.closed.length, 1, "the calls of close");
  host.message("late");
  host.end(3000);
  await t.ends(connection, "open message terminate", 3000);
}

export async function terminate_in_on_open_keeps_back_the_answer_to_a_waiting_message(t) {
  const { connection, host } = connect(t, echoes, { onOpen: (ws) => ws.terminate(3000) });
  connection.ws.send("hello");
  host.open();
  host.end(3000);
  await t.ends(connection, "open terminate", 3000);
}

export async function exceptions_inside_of_answers_inside_of_send_stay_apart(t) {
  t.expectUncaught();
  const error = new Error("thrown in onMessage");
  const { connection, host } = connect(t, echoes, {
    onMessage() {
      throw error;
    },
  });
  host.open();
  t.equal(connection.ws.send("hello"), undefined, "what send gave back");
  host.end();
  await t.ends(connection, "open message terminate", 1000);
  await t.until(() => t.uncaught.length > 0);
  t.equal(t.uncaught[0], error);
}

export async function an_open_event_inside_of_new_waits_for_its_return(t) {
  const opensAtOnce = {
    addEventListener(type, listener) {
      Double.prototype.addEventListener.call(this, type, listener);
      if (type === "close") this.open();
    },
  };
  const { connection, host } = connect(t, opensAtOnce);
  t.equal(connection.sequence(), "", "the callbacks before new returned");
  await connection.opened;
  host.end();
  await t.ends(connection, "open terminate", 1000);
}

// --- Events that hosts leave out, repeat or mix up ---

export async function an_error_event_without_a_close_event_is_an_end(t) {
  const early = connect(t);
  early.host.emit("error");
  await t.ends(early.connection, "error terminate", 1006);
  const late = connect(t);
  late.host.open();
  late.host.emit("error");
  await t.ends(late.connection, "open error terminate", 1006);
}

export async function a_close_event_without_an_error_event_is_a_failure(t) {
  const early = connect(t);
  early.host.end(1006);
  await t.ends(early.connection, "error terminate", 1006);
  const late = connect(t);
  late.host.open();
  late.host.end(1006);
  await t.ends(late.connection, "open error terminate", 1006);
}

export async function a_close_event_with_code_0_is_1006(t) {
  const early = connect(t);
  early.host.end(0);
  await t.ends(early.connection, "error terminate", 1006);
  const late = connect(t);
  late.host.open();
  late.host.end(0);
  await t.ends(late.connection, "open error terminate", 1006);
}

export async function repeated_events_are_one_end(t) {
  const { connection, host } = connect(t);
  for (const code of [1006, 1006, 1000]) {
    host.emit("error");
    host.end(code);
  }
  await t.ends(connection, "error terminate", 1006);
}

export async function an_error_event_after_the_close_event_comes_too_late(t) {
  const early = connect(t);
  early.host.end(1006);
  early.host.emit("error");
  await t.ends(early.connection, "error terminate", 1006);
  const late = connect(t);
  late.host.open();
  late.host.end(1000);
  late.host.emit("error");
  await t.ends(late.connection, "open terminate", 1000);
}

export async function events_after_the_end_are_not_heard(t) {
  const { connection, host } = connect(t);
  host.open();
  host.end(1001);
  host.open();
  host.message("late");
  host.fail();
  host.end(1006);
  await t.ends(connection, "open terminate", 1001);
}

export async function a_second_open_event_is_not_heard(t) {
  const { connection, host } = connect(t);
  host.open();
  host.open();
  host.message("hello");
  host.open();
  host.end();
  await t.ends(connection, "open message terminate", 1000);
}

export async function an_open_event_after_terminate_is_not_heard(t) {
  const { connection, host } = connect(t);
  connection.ws.terminate();
  host.open();
  host.message("late");
  await t.ends(connection, "terminate", 1006);
}

export async function messages_after_terminate_are_not_heard(t) {
  const { connection, host } = connect(t, {}, { dataType: "object" });
  host.open();
  connection.ws.terminate(3000);
  for (const data of ["1", "{", new ArrayBuffer(3), new Uint8Array([255]).buffer]) host.message(data);
  host.end(3000);
  await t.ends(connection, "open terminate", 3000);
}

export async function messages_after_an_error_event_are_not_heard(t) {
  const { connection, host } = connect(t);
  host.open();
  host.emit("error");
  host.message("late");
  host.end(1006);
  await t.ends(connection, "open error terminate", 1006);
}

export async function a_close_event_that_never_comes_is_given_up(t) {
  const { connection, host } = connect(t, {}, { closeTimeout: 50 });
  host.open();
  connection.ws.terminate(3000, "never answered");
  await t.ends(connection, "open terminate", 1006);
  t.deepEqual(host.closed[0], [3000, "never answered"]);
}

export async function a_close_that_throws_is_given_up(t) {
  const throws = {
    close() {
      throw new Error("no close today");
    },
  };
  const { connection, host } = connect(t, throws, { closeTimeout: 50 });
  host.open();
  connection.ws.terminate();
  await t.ends(connection, "open terminate", 1006);
  const early = connect(t, throws);
  early.connection.ws.terminate();
  await t.ends(early.connection, "terminate", 1006);
}

export async function bad_data_closes_with_4007(t) {
  const { connection, host } = connect(t, {}, { dataType: "object" });
  host.open();
  host.message("{");
  host.message("1");
  t.equal(host.closed[0][0], 4007);
  t.equal(connection.ws.status, "Closing");
  host.end(4007);
  await t.ends(connection, "open error terminate", 4007);
}

// --- Errors of the host ---

export async function the_words_of_an_error_event_are_told(t) {
  const eventMembers = [
    { message: "no route to host" },
    { message: "", error: new Error("no route to host") },
    { message: "", error: new Error("", { cause: new Error("no route to host") }) },
    { error: new AggregateError([new Error("no route to host")], "") },
  ];
  for (const members of eventMembers) {
    const { connection, host } = connect(t);
    host.fail(members);
    const { errors } = await connection.errored;
    t.equal(errors[0].errCode, ErrCode.notOpened);
    t.equal(errors[1]?.message, "no route to host");
    t.equal(errors[1]?.errCode, ErrCode.hostMessage);
    await connection.terminated;
  }
}

export async function a_host_that_says_nothing_leaves_one_entry(t) {
  const { connection, host } = connect(t);
  host.fail({ message: "" });
  const { errors } = await connection.errored;
  t.equal(errors.length, 1, "the number of entries");
  await connection.terminated;
}

// --- Nothing is dropped silently ---

export async function send_throws_when_the_host_is_closing(t) {
  const { connection, host } = connect(t);
  host.open();
  host.readyState = 2;
  t.throws(() => connection.ws.send("dropped"), ErrCode.notOpen);
  t.equal(connection.ws.status, "Closing");
  t.deepEqual(host.sent, []);
  host.end(1000);
  await t.ends(connection, "open terminate", 1000);
}

export async function a_host_that_refuses_a_message_is_the_cause(t) {
  const cause = new Error("too much");
  const { connection, host } = connect(t, {
    send() {
      throw cause;
    },
  });
  host.open();
  t.equal(t.throws(() => connection.ws.send("hello"), ErrCode.sendRefused).cause, cause);
  t.equal(connection.ws.status, "Connected");
  host.end();
  await t.ends(connection, "open terminate", 1000);
}

export async function a_waiting_message_that_the_host_refuses_is_an_error(t) {
  const { connection, host } = connect(t, {
    send() {
      throw new Error("too much");
    },
  });
  connection.ws.send("one");
  connection.ws.send("two");
  host.open();
  host.end(1006);
  await connection.terminated;
  const { errors } = connection.event("error");
  t.contains(errors[0].message, "2 messages");
}

export async function a_blob_that_cannot_be_read_is_an_error(t) {
  const unreadable = new Blob(["never"]);
  unreadable.arrayBuffer = () => Promise.reject(new Error("the file is gone"));
  const { connection, host } = connect(t);
  host.open();
  connection.ws.send(unreadable);
  connection.ws.send("behind it");
  const { errors } = await connection.errored;
  t.contains(errors[0].message, "2 messages");
  t.contains(errors[1].message, "the file is gone");
  host.end(1000);
  await connection.terminated;
  t.deepEqual(host.sent, []);
}

export async function a_close_in_front_of_a_blob_that_is_read_counts_it(t) {
  const slow = new Blob(["slow"]);
  slow.arrayBuffer = () => new Promise(() => {});
  const { connection, host } = connect(t);
  host.open();
  connection.ws.send(slow);
  connection.ws.send("behind it");
  host.end(1000);
  await t.ends(connection, "open error terminate", 1000);
  t.contains(connection.event("error").errors[0].message, "2 messages");
}

export async function a_blob_that_is_never_read_is_given_up_after_terminate(t) {
  const slow = new Blob(["slow"]);
  slow.arrayBuffer = () => new Promise(() => {});
  const { connection, host } = connect(t, {}, { closeTimeout: 50 });
  host.open();
  connection.ws.send(slow);
  connection.ws.terminate();
  await t.ends(connection, "open error terminate", 1006);
  t.contains(connection.event("error").errors[0].message, "1 message");
}

export async function buffered_amount_is_the_hosts_and_the_queues(t) {
  const { connection, host } = connect(t);
  connection.ws.send("12345");
  t.equal(connection.ws.bufferedAmount, 5);
  host.bufferedAmount = 100;
  host.open();
  t.equal(connection.ws.bufferedAmount, 100);
  connection.ws.send(new Blob(["123"]));
  t.equal(connection.ws.bufferedAmount, 103);
  await t.until(() => host.sent.length === 2);
  t.equal(connection.ws.bufferedAmount, 100);
  host.end();
  await connection.terminated;
}

export async function the_close_timeout_counts_from_when_less_waits(t) {
  const { connection, host } = connect(t, {}, { closeTimeout: 300 });
  host.open();
  host.bufferedAmount = 10;
  onClock((clock) => {
    connection.ws.terminate();
    while (host.bufferedAmount > 0) {
      clock.advanceTo(clock.now + 290);
      t.equal(connection.ws.status, "Closing", `the status with ${host.bufferedAmount} bytes left`);
      host.bufferedAmount -= 1;
    }
    clock.advanceTo(clock.now + 290);
    t.equal(connection.ws.status, "Closing", "the status with nothing left");
    // The package polls five times in a close timeout.
    clock.advanceTo(clock.now + 70);
    t.equal(connection.ws.status, "Closed");
  });
  await t.ends(connection, "open terminate", 1006);
}

/** Deno sets `bufferedAmount` to 0 at that point. Bun discards a part of the data. */
export async function what_a_host_gives_up_in_its_close_is_no_progress(t) {
  for (const left of [0, 7]) {
    const close = function (code, reason) {
      this.closed.push([code, reason]);
      this.bufferedAmount = left;
    };
    const { connection, host } = connect(t, { close }, { closeTimeout: 300 });
    host.open();
    host.bufferedAmount = 10;
    onClock((clock) => {
      connection.ws.terminate();
      clock.advanceTo(299);
      t.equal(connection.ws.status, "Closing", `the status after 299 ms with ${left} bytes left`);
      clock.advanceTo(301);
      t.equal(connection.ws.status, "Closed", `the status after 301 ms with ${left} bytes left`);
    });
    await t.ends(connection, "open terminate", 1006);
  }
}

/** node:test and Sinon can fake the timers without the clock. */
export async function the_close_timeout_passes_where_timers_are_faked_and_the_clock_is_not(t) {
  for (const closeTimeout of [0, 300, 5000]) {
    const { connection, host } = connect(t, {}, { closeTimeout });
    host.open();
    onClock((clock) => {
      connection.ws.terminate();
      clock.advanceTo(closeTimeout - 1);
      t.equal(connection.ws.status, "Closing", `the status after ${closeTimeout - 1} ms`);
      clock.advanceTo(closeTimeout + 1);
      t.equal(connection.ws.status, "Closed", `the status after ${closeTimeout + 1} ms`);
    }, true);
    await t.ends(connection, "open terminate", 1006);
  }
}

/** `ws` compresses messages asynchronously. */
export async function a_host_that_reads_later_is_given_a_copy(t) {
  const { connection, host } = onDouble(t, {}, (url) => t.open(url), { createWebSocketStream() {} });
  host.open();
  const view = new Uint8Array([1, 2, 3]);
  for (const message of [view, view.buffer]) connection.ws.send(message);
  view.fill(9);
  connection.ws.send("text");
  const sent = host.sent.map((data) => (typeof data === "string" ? data : [...data]));
  t.deepEqual(sent, [[1, 2, 3], [1, 2, 3], "text"]);
  host.end();
  await t.ends(connection, "open terminate", 1000);
}

export async function what_cannot_be_read_of_an_error_event_is_not_told(t) {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  const { connection, host } = connect(t);
  host.fail({ error: proxy });
  await t.ends(connection, "error terminate", 1006);
  t.equal(connection.event("error").errors.length, 1);
}

export async function a_host_that_cannot_be_let_go_of_is_left(t) {
  const terminate = () => {
    throw new Error("not now");
  };
  const { connection, host } = connect(t, { terminate }, { closeTimeout: 1 });
  host.open();
  connection.ws.terminate();
  await t.ends(connection, "open terminate", 1006);
}

/** Since October 2026, workerd refuses passive listeners. */
export async function no_listener_is_passive(t) {
  const addEventListener = function (type, listener, options) {
    if (options?.passive) throw new TypeError("options.passive must be false");
    Double.prototype.addEventListener.call(this, type, listener, options);
  };
  const heartbeat = { message: "?" };
  const { connection, host } = onDouble(t, { addEventListener }, (url) => t.open(url, { heartbeat }));
  host.open();
  host.message("hello");
  connection.ws.terminate();
  host.end();
  await t.ends(connection, "open message terminate", 1000);
}

/** Mock Service Worker does: its `close` event has the code of its handler, and there was no `open` event. */
export async function a_double_that_closes_before_it_opens_tells_its_code(t) {
  const { connection, host } = connect(t);
  connection.ws.send("hello");
  host.end(4001, "full");
  const { reason } = await t.ends(connection, "error terminate", 4001);
  t.equal(reason, "full");
  const [{ errCode, message }] = connection.event("error").errors;
  t.equal(errCode, ErrCode.notOpened);
  t.contains(message, "1 message");
}
