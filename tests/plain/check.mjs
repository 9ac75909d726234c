// Checks of a plain `wasm-pack build`: the members of the class, and an echo. The results are JSON lines.

const MEMBERS = ["url", "handler", "dataType", "status", "id", "protocol", "bufferedAmount", "send", "terminate"];

/** Runs every check against `{server}/echo`. The time limits do not keep the process running. */
export async function check(WebSocket, server) {
  const checks = {
    "every member exists": () => {
      const missing = MEMBERS.filter((member) => !(member in WebSocket.prototype));
      equal(missing.join(), "");
      equal(typeof WebSocket.new, "function");
      equal(WebSocket.name, "WebSocket");
    },
    "a message there and back": async () => {
      const seen = await converse((handler) => WebSocket.new(`${server}/echo`, handler));
      equal(seen.join(), "Connecting,open Connected,message hello,terminate 1000 Closed");
    },
    "new WebSocket does the same": async () => {
      const seen = await converse((handler) => new WebSocket(`${server}/echo`, handler));
      equal(seen.join(), "Connecting,open Connected,message hello,terminate 1000 Closed");
    },
    "a wrong close code throws": () => {
      const ws = WebSocket.new(`${server}/echo`);
      const error = thrownBy(() => ws.terminate(1001));
      ws.terminate();
      equal(error?.name, "WebSocketError");
      equal(Number.isInteger(error.errCode), true);
    },
  };
  let done = 0;
  for (const [test, run] of Object.entries(checks)) {
    const started = performance.now();
    const error = await Promise.resolve()
      .then(run)
      .then(
        () => undefined,
        (reason) => String(reason?.message ?? reason),
      );
    done += 1;
    print({ test, ok: error === undefined, ms: Math.round(performance.now() - started), error });
  }
  print({ done, exist: Object.keys(checks).length });
}

/** The events from `new` to the end of a connection that sends a greeting. */
function converse(open) {
  return new Promise((resolve, reject) => {
    const seen = [];
    setTimeout(() => reject(new Error(`no end after ${seen.join()}`)), 10_000).unref();
    const ws = open({
      onOpen: (ws) => seen.push(`open ${ws.status}`),
      onMessage: (ws, event) => {
        seen.push(`message ${event.data}`);
        ws.terminate();
      },
      onError: (ws, event) => seen.push(`error ${JSON.stringify(event.errors)}`),
      onTerminate: (ws, event) => {
        seen.push(`terminate ${event.code} ${ws.status}`);
        resolve(seen);
      },
    });
    seen.push(ws.status);
    ws.send("hello");
  });
}

function thrownBy(call) {
  try {
    call();
  } catch (error) {
    return error;
  }
}

function equal(actual, expected) {
  if (actual !== expected) throw new Error(`${JSON.stringify(actual)} is not ${JSON.stringify(expected)}`);
}

function print(line) {
  console.log(JSON.stringify(line));
}
