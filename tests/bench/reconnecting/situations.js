// Situations of a connection that comes back. `run` starts one on a page of the test server, and returns a function for
// the end of the process, when nothing can happen any more. It returns the cell of the table: what has happened.

const QUICK = { delay: 10 };
const never = () => new Promise(() => {});

/** A source that calls these functions in turn, and then always the last. */
function inTurn(...answers) {
  let asked = 0;
  return () => answers[Math.min(asked++, answers.length - 1)]();
}

/** A connection, with the names of its callbacks so far. `on` is called with the kind of each, and its event. */
function connect(start, source, settings, on = () => {}) {
  const connection = { names: [], events: [] };
  const note = (name, event) => {
    connection.names.push(name);
    connection.events.push(event);
    on(name.replace("on", "").toLowerCase(), event);
  };
  return Object.assign(connection, start(source, note, settings));
}

const list = (names) => names.map((name) => `\`${name}\``).join(", ");

/** Ends a connection when it is open. */
function reconnects(start, source, settings, unhandled) {
  const connection = connect(start, source, settings, (kind) => kind === "open" && connection.end());
  return () => {
    const at = connection.names.findIndex((name) => /open/i.test(name));
    const names = [...new Set(at < 0 ? connection.names : connection.names.slice(0, at))];
    const events = names.length ? list(names) : unhandled() ? "an unhandled rejection" : "no event";
    return at < 0 ? `${events}, and no other attempt` : `another attempt after ${events}`;
  };
}

/** Ends a connection, and records the callbacks after the end. */
function afterEnd(connection) {
  let ended;
  return {
    end() {
      ended = connection.names.length;
      connection.end();
    },
    cell() {
      if (ended === undefined) throw new Error("it was not ended");
      const names = connection.names.slice(ended);
      if (names.some((name) => /open/i.test(name))) return `it connects all the same: ${list(names)}`;
      return names.length ? list(names) : "no event";
    },
  };
}

export const situations = {
  the_url_function_rejects: {
    title: "The url function rejects once",
    run: (start, { echo, unhandled }) =>
      reconnects(
        start,
        inTurn(
          () => Promise.reject(new Error("no ticket")),
          async () => echo,
        ),
        QUICK,
        unhandled,
      ),
  },

  the_url_function_never_answers: {
    title: "The url function never answers",
    run: (start, { echo, unhandled }) =>
      reconnects(
        start,
        inTurn(never, async () => echo),
        { ...QUICK, timeout: 200 },
        unhandled,
      ),
  },

  the_server_never_answers: {
    title: "The server never answers the handshake",
    run: (start, { echo, at, unhandled }) =>
      reconnects(
        start,
        inTurn(
          async () => at("/stall"),
          async () => echo,
        ),
        { ...QUICK, timeout: 200 },
        unhandled,
      ),
  },

  you_end_it_while_the_url_is_pending: {
    title: "You end it while the url is pending",
    run(start, { at }) {
      let answer;
      const url = new Promise((resolve) => (answer = () => resolve(at("/close?code=1000"))));
      const source = () => {
        setImmediate(() => {
          end();
          answer();
        });
        return url;
      };
      const connection = connect(start, source, QUICK);
      const { end, cell } = afterEnd(connection);
      return cell;
    },
  },

  you_end_it_while_it_waits: {
    title: "You end it while it waits for the next attempt",
    run(start, { at }) {
      const settings = { delay: 300 };
      const connection = connect(
        start,
        async () => at("/close?code=1000"),
        settings,
        (kind) => {
          // Both packages dispatch "close" before their wait begins.
          if (kind === "close" || kind === "retry") setImmediate(end);
        },
      );
      const { end, cell } = afterEnd(connection);
      return cell;
    },
  },

  retries_are_used_up: {
    title: "The retries are used up",
    run(start, { refused }) {
      let asked = 0;
      const source = async () => {
        asked += 1;
        return refused;
      };
      const { names } = connect(start, source, { ...QUICK, retries: 2 });
      return () => {
        if (asked !== 3) throw new Error(`${asked} attempts, not 3`);
        const last = names.at(-1);
        return names.indexOf(last) === names.length - 1 ? list([last]) : "no event of its own";
      };
    },
  },

  a_connection_is_reset: {
    title: "A connection is reset: what comes before the next",
    run(start, { echo, at }) {
      const source = inTurn(
        async () => at("/rst"),
        async () => echo,
      );
      let opened = 0;
      const connection = connect(start, source, QUICK, (kind) => kind === "open" && ++opened === 2 && connection.end());
      return () => {
        const { names } = connection;
        if (opened !== 2) throw new Error(`${opened} connections were open, not 2`);
        return list(names.slice(1, names.indexOf(names[0], 1)));
      };
    },
  },

  the_server_restarts: {
    title: "A server with 100 clients restarts: their first retries",
    run(start, { at }) {
      const url = at("/close?code=1012");
      const waits = [];
      for (let client = 0; client < 100; client++) {
        let lost;
        const source = inTurn(
          async () => url,
          () => {
            waits.push(performance.now() - lost);
            setImmediate(() => connection.end());
            return never();
          },
        );
        const connection = connect(start, source, {}, (kind) => {
          if (kind === "close" || kind === "terminate") lost = performance.now();
        });
      }
      return () => {
        if (waits.length !== 100) throw new Error(`${waits.length} of 100 clients came back`);
        return Math.max(...waits) - Math.min(...waits) > 1000 ? "spread over seconds" : "all at the same time";
      };
    },
  },

  you_send_without_a_connection: {
    title: "You send a message while it waits",
    run(start, { echo, refused }) {
      let returned;
      let isSent = false;
      const source = inTurn(
        async () => refused,
        async () => echo,
      );
      const connection = connect(start, source, { delay: 100 }, (kind) => {
        if (kind === "message") connection.end();
        if (isSent || kind === "open") return;
        isSent = true;
        setImmediate(() => (returned = connection.send("kept")));
      });
      return () => {
        const arrives = connection.events.some(({ data }) => data === "kept");
        return `${arrives ? "it arrives" : "it is lost"}${returned === undefined ? "" : `; \`send\` returns \`${returned}\``}`;
      };
    },
  },

  one_message_too_many: {
    title: "You send one message more than may wait",
    run(start, { echo }) {
      const results = [];
      let received = 0;
      const connection = connect(
        start,
        async () => echo,
        { ...QUICK, queue: 2 },
        (kind) => {
          if (kind === "message" && ++received === 2) connection.end();
        },
      );
      for (const message of ["1", "2", "3"]) {
        try {
          results.push(connection.send(message));
        } catch (error) {
          results.push(`\`send\` throws error ${error.errCode}`);
        }
      }
      return () => {
        const echoed = connection.events.map(({ data }) => data).filter((data) => data);
        if (echoed.join() !== "1,2") throw new Error(`the server got ${echoed}`);
        const [, kept, last] = results;
        if (last !== kept) return last;
        return last === undefined ? "it is lost without a sign" : `it is lost; \`send\` returns \`${last}\`, as always`;
      };
    },
  },

  you_change_bytes_that_wait: {
    title: "You change bytes that wait",
    run(start, { echo }) {
      const sent = new Uint8Array([1]);
      let got;
      const connection = connect(
        start,
        async () => echo,
        QUICK,
        async (kind, { data }) => {
          if (kind !== "message") return;
          got = typeof data === "string" ? data.charCodeAt(0) : new Uint8Array(await data.arrayBuffer())[0];
          connection.end();
        },
      );
      connection.send(sent);
      sent[0] = 2;
      return () => (got === 1 ? "the bytes at the time of `send` arrive" : "the changed bytes arrive");
    },
  },

  messages_still_wait_at_the_end: {
    title: "You end it while messages wait",
    run(start, { refused }) {
      const connection = connect(start, async () => refused, { delay: 100 });
      connection.send("kept");
      setImmediate(() => connection.end());
      return () => {
        const at = connection.events.findIndex(({ unsent }) => unsent?.includes("kept"));
        return at < 0 ? "they are dropped without an event" : `\`${connection.names[at]}\` has them in \`unsent\``;
      };
    },
  },
};
