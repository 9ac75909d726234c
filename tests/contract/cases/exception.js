// Callbacks that throw. The exception is the application's and is reported as uncaught. The connection continues.

const boom = (what) => new Error(`thrown in ${what}`);

/** A callback that throws `error`. */
const throwing = (error) => () => {
  throw error;
};

const surfaced = async (t, expected) => {
  await t.until(() => t.uncaught.length >= expected.length);
  t.equal(t.uncaught.length, expected.length, "the number of uncaught exceptions");
  for (const [index, error] of expected.entries()) t.equal(t.uncaught[index], error, `uncaught exception ${index}`);
};

export async function an_exception_in_on_open_surfaces_and_all_goes_on(t) {
  t.expectUncaught();
  const error = boom("onOpen");
  const connection = t.open("/echo", { onOpen: throwing(error) });
  connection.ws.send("hello");
  t.deepEqual(await connection.received(), ["hello"]);
  connection.ws.terminate();
  await t.ends(connection, "open message terminate", 1000);
  await surfaced(t, [error]);
}

export async function an_exception_in_on_message_surfaces_and_all_goes_on(t) {
  t.expectUncaught();
  const errors = [boom("the first onMessage"), boom("the second onMessage"), boom("the third onMessage")];
  const left = [...errors];
  const connection = t.open("/text?data={i}&count=3", {
    onMessage() {
      throw left.shift();
    },
  });
  t.deepEqual(await connection.received(3), ["0", "1", "2"]);
  connection.ws.terminate();
  await t.ends(connection, "open message message message terminate", 1000);
  await surfaced(t, errors);
}

export async function an_exception_in_on_error_surfaces_and_the_end_comes(t) {
  t.expectUncaught();
  const error = boom("onError");
  await t.failsToOpen(t.refused, { onError: throwing(error) });
  await surfaced(t, [error]);
}

export async function an_exception_in_on_error_of_an_open_connection_surfaces(t) {
  t.expectUncaught();
  const error = boom("onError");
  const connection = t.open("/json", { dataType: "object", onError: throwing(error) });
  await t.ends(connection, "open error terminate", 4007);
  await surfaced(t, [error]);
}

export async function an_exception_in_on_terminate_surfaces(t) {
  t.expectUncaught();
  const error = boom("onTerminate");
  const connection = t.open("/close?code=1000", { onTerminate: throwing(error) });
  await t.ends(connection, "open terminate", 1000);
  await surfaced(t, [error]);
}

export async function an_exception_in_every_callback_changes_no_sequence(t) {
  t.expectUncaught();
  const errors = ["onOpen", "onMessage", "onError", "onTerminate"].map(boom);
  const connection = t.open(t.script({ opcode: 1, text: "hello" }, { pause: 20, fin: true }), {
    onOpen: throwing(errors[0]),
    onMessage: throwing(errors[1]),
    onError: throwing(errors[2]),
    onTerminate: throwing(errors[3]),
  });
  await t.ends(connection, "open message error terminate", 1006);
  await surfaced(t, errors);
}

export async function an_exception_in_on_terminate_while_connecting_surfaces(t) {
  t.expectUncaught();
  const error = boom("onTerminate");
  const connection = t.open("/echo", { onTerminate: throwing(error) });
  connection.ws.terminate();
  await t.ends(connection, "terminate", 1006);
  await surfaced(t, [error]);
}

export async function an_exception_after_terminate_in_a_callback_keeps_its_effect(t) {
  t.expectUncaught();
  const error = boom("onOpen");
  const connection = t.open("/text?data={i}&count=5", {
    onOpen(ws) {
      ws.terminate(3000);
      throw error;
    },
  });
  await t.ends(connection, "open terminate", 3000);
  await surfaced(t, [error]);
}

export async function anything_thrown_surfaces_as_it_is(t) {
  t.expectUncaught();
  const thrown = ["a string", { an: "object" }, 5];
  const left = [...thrown];
  const connection = t.open("/text?data={i}&count=3", {
    onMessage() {
      throw left.shift();
    },
  });
  await connection.received(3);
  await surfaced(t, thrown);
}

export async function a_getter_of_a_callback_that_throws_later_surfaces(t) {
  t.expectUncaught();
  const error = boom("the getter of onMessage");
  const connection = t.open("/text?data=hello", {
    onOpen() {
      Object.defineProperty(this, "onMessage", { get: throwing(error) });
    },
  });
  await connection.opened;
  await surfaced(t, [error]);
  connection.ws.terminate();
  await t.ends(connection, "open terminate", 1000);
}

export async function an_error_of_the_package_in_a_callback_surfaces_too(t) {
  t.expectUncaught();
  const connection = t.open("/echo", { onOpen: (ws) => ws.terminate(1001) });
  connection.ws.send("hello");
  t.deepEqual(await connection.received(), ["hello"]);
  await t.until(() => t.uncaught.length > 0);
  t.equal(t.uncaught[0].name, "WebSocketError");
}

export async function exceptions_on_one_connection_do_not_touch_another(t) {
  t.expectUncaught();
  const error = boom("onMessage");
  const bad = t.open("/text?data=hello", { onMessage: throwing(error) });
  const good = t.open("/text?data={i}&count=3");
  t.deepEqual(await good.received(3), ["0", "1", "2"]);
  await bad.received();
  await surfaced(t, [error]);
}
