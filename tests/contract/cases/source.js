// The source of a connection that comes back, and what `new` refuses.

import { ErrCode } from "../lib/errcode.js";
import { inTurn } from "../lib/journal.js";

/** The facts that every case here needs. */
export const needs = ["reconnecting"];

export async function settings_are_read_once_with_what_is_in_them(t) {
  const protocols = ["first"];
  const journal = t.reconnect(inTurn(t.url("/status/503"), t.url("/echo?protocol=first")), { protocols });
  const heartbeat = { message: "beat", interval: 10, timeout: 10_000 };
  const beating = t.reconnect(t.url("/echo"), { heartbeat });
  // Not allowed, if it were read.
  protocols[0] = "b b";
  heartbeat.interval = "soon";
  await journal.called("open");
  t.equal(journal.socket.current.protocol, "first");
  t.equal((await beating.called("message")).data, "beat");
  for (const { socket, stopped } of [journal, beating]) {
    socket.terminate();
    await stopped;
  }
}

export async function headers_are_read_once_with_their_values(t) {
  const headers = { "X-One": "1", "X-Many": ["a"] };
  const url = t.url("/echo");
  const journal = t.reconnect(inTurn(t.url("/status/503"), url), { headers });
  Object.assign(headers, { "X-One": "2", "a b": "not a name" });
  headers["X-Many"].push("b");
  await journal.called("open");
  journal.socket.terminate();
  await journal.stopped;
  const seen = await t.seen({ key: new URL(url).searchParams.get("key") });
  t.deepEqual([seen.headers["x-one"], seen.headers["x-many"]], [["1"], ["a"]]);
}
headers_are_read_once_with_their_values.needs = ["reconnecting", "sendsHeaders"];

export async function a_url_object_is_read_once(t) {
  const url = new URL(t.url("/echo"));
  const journal = t.reconnect(url, { onOpen: () => journal.socket.terminate(), retry: { maxAttempts: 1 } });
  url.pathname = "/status/503";
  await journal.stopped;
  t.equal(journal.sequence(), "open terminate stop");
}

export async function a_source_is_called_after_new_has_returned(t) {
  const calls = [];
  const url = t.url("/echo");
  const journal = t.reconnect(function (...args) {
    calls.push({ args, self: this, status: journal.socket.status });
    return url;
  });
  t.equal(calls.length, 0);
  await journal.called("open");
  t.equal(calls.length, 1);
  const [{ args, self, status }] = calls;
  t.deepEqual([args.length, args[0], self, status], [2, 0, undefined, "Connecting"]);
  t.ok(args[1] instanceof AbortSignal, "the second argument is a signal");
  t.equal(args[1].aborted, false);
}

export async function a_source_may_be_a_url_or_a_function_that_returns_any_form_of_one(t) {
  const url = new URL(t.url("/echo"));
  const sources = [
    url,
    url.href,
    () => url,
    () => url.href,
    async () => url,
    () => ({ url }),
    async () => ({ url: url.href, protocols: undefined, headers: null }),
    // biome-ignore lint/suspicious/noThenProperty: a promise of another library
    () => ({ then: (resolve) => resolve(url.href) }),
  ];
  for (const source of sources) {
    const journal = t.journal();
    journal.socket = t.host.ReconnectingWebSocket.new(source, journal.handler);
    await journal.called("open");
    t.equal(journal.socket.current.url, url.href);
    journal.socket.terminate();
    await journal.stopped;
  }
}

export async function an_endpoint_has_subprotocols_of_its_own(t) {
  const path = (protocol) => t.url(`/echo?protocol=${protocol}`);
  const journal = t.reconnect(
    inTurn({ url: path("b"), protocols: ["a", "b"] }, { url: path("c"), protocols: null }, path("c")),
    { protocols: "c", onOpen: (ws) => ws.terminate() },
  );
  await journal.called("open", 3);
  t.deepEqual(
    journal.connections.map(({ protocol }) => protocol),
    ["b", "c", "c"],
  );
}

export async function an_endpoint_has_headers_of_its_own(t) {
  const url = t.url("/headers");
  const journal = t.reconnect(inTurn({ url, headers: { "X-Token": "new" } }, { url }), {
    headers: { "X-Token": "old" },
    onMessage: (ws) => ws.terminate(),
  });
  await journal.called("message", 2);
  const texts = journal.events("message").map(({ data }) => data.toLowerCase());
  t.contains(texts[0], '"new"');
  t.contains(texts[1], '"old"');
}
an_endpoint_has_headers_of_its_own.needs = ["reconnecting", "sendsHeaders"];

export async function a_source_that_fails_is_an_attempt_that_failed(t) {
  const sources = [
    [() => Promise.reject(new Error("no ticket")), "no ticket"],
    [() => Promise.reject("no text"), "no text"],
    [
      () => {
        throw new TypeError("no function");
      },
      "no function",
    ],
    [() => Promise.reject(undefined)],
  ];
  for (const [source, hostMessage] of sources) {
    const journal = t.reconnect(source, { retry: { firstDelay: 0, maxAttempts: 2 } });
    const { attempts, code, reason, wasClean, errors } = await journal.stopped;
    t.equal(journal.sequence(), "retry stop");
    t.deepEqual([attempts, code, reason, wasClean], [2, 1006, "", false]);
    t.deepEqual(
      errors.map(({ errCode }) => errCode),
      hostMessage ? [ErrCode.source, ErrCode.hostMessage] : [ErrCode.source],
    );
    t.contains(errors[0].message, "source");
    if (hostMessage) t.equal(errors[1].message, hostMessage);
  }
}

export async function a_source_that_hangs_is_aborted_and_has_failed(t) {
  const signals = [];
  const journal = t.reconnect(
    (_, signal) => {
      signals.push(signal);
      return new Promise(() => {});
    },
    { connectionTimeout: 5, retry: { firstDelay: 0, maxAttempts: 2 } },
  );
  const { errors, code } = await journal.stopped;
  t.equal(journal.sequence(), "retry stop");
  t.deepEqual([code, errors[0].errCode], [1006, ErrCode.source]);
  t.contains(errors[0].message, "5 ms");
  t.ok(signals.length === 2 && signals.every(({ aborted }) => aborted), "both signals are aborted");
}

export async function what_a_source_answers_late_is_ignored(t) {
  const settle = [];
  const url = t.url("/echo");
  const journal = t.reconnect(
    (attempt) => (attempt >= 2 ? url : new Promise((...functions) => settle.push(functions))),
    { connectionTimeout: 300 },
  );
  await journal.called("retry", 2);
  settle[0][0](t.url("/close?code=4000"));
  settle[1][1](new Error("late"));
  await journal.called("open");
  t.equal(journal.socket.current.url, url);
  t.ok(journal.sequence().startsWith("retry retry "), "both attempts have failed");
  t.deepEqual(
    journal.connections.filter((ws) => ws.url !== url),
    [],
  );
}

export async function what_no_retry_can_help_stops_it(t) {
  const wrong = [
    ["http://x", ErrCode.url],
    [undefined, ErrCode.url],
    [5, ErrCode.url],
    [{}, ErrCode.url],
    [{ url: "ws://x/#y" }, ErrCode.url],
    [{ url: t.url("/echo"), protocols: "a b" }, ErrCode.protocols],
    [{ url: t.url("/echo"), headers: "x" }, ErrCode.headers],
  ];
  for (const [answer, errCode] of wrong) {
    const journal = t.reconnect(async () => answer);
    const stop = await journal.stopped;
    t.equal(journal.sequence(), "stop");
    t.deepEqual([stop.attempts, stop.code, stop.errors[0].errCode], [1, 1006, errCode]);
  }
}

export async function headers_in_a_page_stop_it(t) {
  const journal = t.reconnect("/echo", { headers: { "X-Token": "x" } });
  t.equal((await journal.stopped).errors[0].errCode, ErrCode.headersUnsupported);
}
headers_in_a_page_stop_it.needs = ["reconnecting", "refusesHeaders"];

export function what_is_wrong_is_said_at_once(t) {
  const url = t.url("/echo");
  const { ReconnectingWebSocket } = t.host;
  const opened = [];
  t.replaceHostClass(function (...args) {
    opened.push(args);
  });
  const wrong = [
    [[], ErrCode.url],
    [["http://x"], ErrCode.url],
    [[5], ErrCode.url],
    [[{ url }], ErrCode.url],
    [[url, 5], ErrCode.handler],
    [[url, () => {}], ErrCode.handler],
    [[url, { onOpen: 5 }], ErrCode.callback],
    [[url, { onRetry: {} }], ErrCode.callback, "onRetry"],
    [[url, { onStop: "x" }], ErrCode.callback, "onStop"],
    [[url, { dataType: "json" }], ErrCode.dataType],
    [[url, { headers: 5 }], ErrCode.headers],
    [[url, { protocols: "a b" }], ErrCode.protocols],
    [[url, { closeTimeout: -1 }], ErrCode.duration],
    [[url, { connectionTimeout: 0 }], ErrCode.duration],
    [[url, { heartbeat: {} }], ErrCode.heartbeat],
    [[url, { signal: {} }], ErrCode.signal],
    [[url, { signal: AbortSignal.abort() }], ErrCode.signal],
    [[url, { retry: 5 }], ErrCode.retry],
    [[url, { retry: { firstDelay: -1 } }], ErrCode.duration, "retry.firstDelay"],
    [[url, { retry: { maxDelay: "1" } }], ErrCode.duration, "retry.maxDelay"],
    [[url, { retry: { stableAfter: Number.NaN } }], ErrCode.duration, "retry.stableAfter"],
    [[url, { retry: { firstDelay: 2_147_483_648 } }], ErrCode.duration],
    [[url, { retry: { maxAttempts: 0 } }], ErrCode.retry],
    [[url, { retry: { maxAttempts: 1.5 } }], ErrCode.retry],
    [[url, { retry: { maxWaiting: -1 } }], ErrCode.retry],
  ];
  for (const [args, errCode, substring] of wrong) {
    t.throws(() => ReconnectingWebSocket.new(...args), errCode, substring);
    t.throws(() => new ReconnectingWebSocket(...args), errCode, substring);
    // A function as the source does not change what is known without it.
    if (args.length === 2) t.throws(() => new ReconnectingWebSocket(() => url, args[1]), errCode, substring);
  }
  t.deepEqual(opened, []);
}

export async function each_member_of_the_handler_is_read_once(t) {
  const read = [];
  const members = {
    dataType: "object",
    headers: undefined,
    protocols: [],
    closeTimeout: 1000,
    connectionTimeout: null,
    heartbeat: undefined,
    signal: undefined,
    retry: { firstDelay: 0 },
  };
  const callbacks = { onOpen: (ws) => ws.terminate(), onRetry: (_, { attempt }) => (attempt < 3 ? 0 : false) };
  const handler = { ...callbacks };
  for (const [name, value] of Object.entries(members)) {
    Object.defineProperty(handler, name, {
      get() {
        t.equal(this, handler, "the object whose member is read");
        read.push(name);
        return value;
      },
    });
  }
  const socket = t.host.ReconnectingWebSocket.new(t.url("/echo"), handler);
  t.deepEqual([...read].sort(), Object.keys(members).sort());
  t.equal(socket.dataType, "object");
  await socket.closed;
  t.equal(read.length, Object.keys(members).length, "the number of reads");
}

export function a_member_that_throws_is_named(t) {
  const cause = new Error("no");
  for (const name of ["onMessage", "onStop", "dataType", "retry", "signal"]) {
    const handler = Object.defineProperty({}, name, {
      get() {
        throw cause;
      },
    });
    const error = t.throws(() => t.host.ReconnectingWebSocket.new(t.url("/echo"), handler), ErrCode.member, name);
    t.equal(error.cause, cause);
  }
  const retry = Object.defineProperty({}, "maxDelay", {
    get() {
      throw cause;
    },
  });
  t.throws(() => t.host.ReconnectingWebSocket.new(t.url("/echo"), { retry }), ErrCode.member, "retry.maxDelay");
}

export async function members_of_a_reconnecting_handler_that_are_null_are_not_there(t) {
  const names = ["onOpen", "onRetry", "onStop", "dataType", "headers", "protocols", "closeTimeout", "heartbeat"];
  const handler = Object.fromEntries([...names, "signal", "connectionTimeout"].map((name) => [name, null]));
  const retry = { firstDelay: null, maxDelay: null, stableAfter: null, maxAttempts: null, maxWaiting: null };
  const socket = t.host.ReconnectingWebSocket.new(t.url("/echo"), { ...handler, retry });
  await t.until(() => socket.status === "Connected");
  socket.terminate();
  await socket.closed;
}
