// Servers that are made with common libraries. `tests/peers` documents their behaviour, and its `all_peers` starts them
// and a proxy with TLS.

const MIB = 1 << 20;

/** Every promise holds with each of them. `answer` is the code and the reason of the answering close frame, where they
    are not the client's. */
const peers = {
  ws: {},
  websockets: {},
  aiohttp: { answer: { code: 1000, reason: "" } },
  tungstenite: {},
  axum: {},
  // nginx is a proxy for ws.
  nginx: { scheme: "wss" },
};

// The offered subprotocols. Every peer chooses "echo".
const protocols = ["chat", "echo"];

/** A connection to a peer, with a unique address. */
const connect = (t, address, members) => t.open(`${address}/?key=${Math.random().toString(36).slice(2)}`, members);

/** Asks a peer to report connections that end. Returns a function that waits for the end of one. */
async function watch(t, address) {
  const ends = t.open(`${address}/ends`);
  t.deepEqual(await ends.received(), ["ready"]);
  return async function seen({ ws }) {
    const { pathname, search } = new URL(ws.url);
    for (let count = 2; ; count++) {
      const { target, ...end } = JSON.parse((await ends.received(count)).at(-1));
      if (target === pathname + search) return end;
    }
  };
}

/** Calls a function once for each argument, because long data takes time to create. */
function once(make) {
  const made = new Map();
  return (length) => made.get(length) ?? made.set(length, make(length)).get(length);
}

/** Bytes without a pattern, always the same. */
const noise = once((length) => {
  const words = new Uint32Array(length / 4);
  let word = 0x2545f491;
  for (let at = 0; at < words.length; at++) {
    word ^= word << 13;
    word ^= word >>> 17;
    word ^= word << 5;
    words[at] = word;
  }
  return new Uint8Array(words.buffer);
});

/** A text without a pattern, of `mebibytes` MiB in UTF-8, with characters of every length. */
const prose = once((mebibytes) => {
  const odd = "é€𝄞";
  const piece = (1 << 16) - new TextEncoder().encode(odd).length;
  const letters = noise(mebibytes * MIB).map((byte) => 0x30 + (byte & 0x3f));
  const text = new TextDecoder().decode(letters);
  return Array.from({ length: mebibytes * 16 }, (_, at) => text.slice(at * piece, (at + 1) * piece) + odd).join("");
});

/** Asserts the same data without printing it. */
function same(t, actual, expected, what) {
  t.equal(actual.length, expected.length, `the length of ${what}`);
  if (typeof actual === "string" && actual === expected) return;
  let at = 0;
  while (at < actual.length && actual[at] === expected[at]) at += 1;
  t.equal(at, actual.length, `the place of the first difference in ${what}`);
}

const bytesOf = async (blob) => new Uint8Array(await blob.arrayBuffer());

const promises = {
  async text_comes_back(t, address) {
    const seen = await watch(t, address);
    const texts = ["hello", "", "héllo €𝄞 \u0000", prose(1), "the last"];
    const connection = connect(t, address);
    for (const text of texts) connection.ws.send(text);
    const received = await connection.received(texts.length);
    texts.forEach((text, at) => same(t, received[at], text, `message ${at}`));
    connection.ws.terminate();
    await t.ends(connection, `open ${"message ".repeat(texts.length)}terminate`, 1000);
    t.deepEqual(await seen(connection), { texts: texts.length, binaries: 0, code: 1000, reason: "" });
  },

  async binary_comes_back(t, address) {
    const seen = await watch(t, address);
    const bytes = noise(1024);
    const messages = [bytes, bytes.buffer, new Blob([bytes]), new DataView(bytes.buffer, 1, 1000), new Uint8Array()];
    const expected = [bytes, bytes, bytes, bytes.subarray(1, 1001), new Uint8Array()];
    const connection = connect(t, address, { dataType: "blob" });
    for (const message of messages) connection.ws.send(message);
    const received = await connection.received(messages.length);
    for (const [at, blob] of received.entries()) {
      t.ok(blob instanceof Blob, `message ${at} is a Blob`);
      same(t, await bytesOf(blob), expected[at], `message ${at}`);
    }
    connection.ws.terminate();
    await t.ends(connection, `open ${"message ".repeat(messages.length)}terminate`, 1000);
    t.deepEqual(await seen(connection), { texts: 0, binaries: messages.length, code: 1000, reason: "" });
  },

  async json_comes_back_as_objects(t, address) {
    const value = { text: "héllo 𝄞", list: [1, null, { deep: true }] };
    const connection = connect(t, address, { dataType: "object" });
    connection.ws.send(value);
    connection.ws.send(new TextEncoder().encode(JSON.stringify(value)));
    t.deepEqual(await connection.received(2), [value, value]);
  },

  async text_and_binary_keep_their_order(t, address) {
    const texts = Array.from({ length: 200 }, (_, at) => `${at} ${"x".repeat((at * 37) % 1000)}`);
    const connection = connect(t, address);
    await connection.opened;
    for (const [at, text] of texts.entries()) connection.ws.send(at % 3 ? text : new Blob([text]));
    t.deepEqual(await connection.received(texts.length), texts);
  },

  async sixteen_mebibytes_of_text_come_back(t, address) {
    const text = prose(16);
    const connection = connect(t, address);
    connection.ws.send(text);
    const [received] = await connection.received();
    same(t, received, text, "the text");
  },

  async sixteen_mebibytes_of_binary_come_back(t, address) {
    const bytes = noise(16 * MIB);
    const connection = connect(t, address, { dataType: "blob" });
    connection.ws.send(bytes);
    const [received] = await connection.received();
    same(t, await bytesOf(received), bytes, "the data");
  },

  async the_server_closes_with_code_and_reason(t, address) {
    for (const [code, reason] of [
      [3001, "tschüß 𝄞"],
      [1000, ""],
      [1011, "r".repeat(123)],
    ]) {
      const connection = connect(t, address);
      await connection.opened;
      connection.ws.send("before");
      connection.ws.send(`close ${code} ${reason}`);
      const { reason: actual, wasClean } = await t.ends(connection, "open message terminate", code);
      t.equal(actual, reason, "the reason");
      t.equal(wasClean, true, "wasClean");
    }
  },

  async the_client_closes_with_code_and_reason(t, address, { answer }) {
    const seen = await watch(t, address);
    for (const [code, reason] of [
      [4321, "tschüß 𝄞"],
      [3000, "r".repeat(123)],
      [1000, ""],
    ]) {
      const connection = connect(t, address);
      connection.ws.send("before");
      await connection.received();
      connection.ws.terminate(code, reason);
      const event = await connection.terminated;
      t.equal(connection.sequence(), "open message terminate");
      t.deepEqual(event, { type: "terminate", code, reason, wasClean: true, ...answer });
      t.deepEqual(await seen(connection), { texts: 1, binaries: 0, code, reason });
    }
  },

  async what_was_sent_before_terminate_arrives(t, address, { answer }) {
    const seen = await watch(t, address);
    const connection = connect(t, address);
    await connection.opened;
    connection.ws.send("before");
    connection.ws.send(new Blob([noise(MIB)]));
    connection.ws.send("the end");
    connection.ws.terminate(4321, "bye");
    const { code } = await connection.terminated;
    t.equal(connection.sequence(), "open terminate");
    if (t.host.readsToTheEnd) t.equal(code, answer?.code ?? 4321, "the code");
    t.deepEqual(await seen(connection), { texts: 2, binaries: 1, code: 4321, reason: "bye" });
  },

  async the_subprotocol_is_the_one_the_server_chose(t, address) {
    const connection = connect(t, address, { protocols });
    const plain = connect(t, address);
    await Promise.all([connection.opened, plain.opened]);
    t.equal(connection.ws.protocol, "echo");
    t.equal(plain.ws.protocol, "");
  },
};

/** The promises as cases for one of the servers. */
const casesOf = ([name, peer]) =>
  Object.fromEntries(
    Object.entries(promises).map(([promise, check]) => [
      `${name}: ${promise}`,
      (t) => check(t, `${peer.scheme ?? "ws"}://${t.given.peers[name]}`, peer),
    ]),
  );

/** Certificates that every client has to refuse, with the reason. */
const frauds = {
  stranger: "an authority that nobody knows",
  elsewhere: "another host's name",
  expired: "a date that has passed",
};

const refuses = Object.fromEntries(
  Object.entries(frauds).map(([name, what]) => [
    `nginx: a certificate with ${what} is refused`,
    async (t) => {
      const connection = t.open(`wss://${t.given.frauds[name]}/`, { onOpen: (ws) => ws.terminate() });
      connection.ws.send("nobody may read this");
      await t.ends(connection, "error terminate", 1006);
      const { errors } = connection.event("error");
      t.ok(
        errors.every(({ message }) => message !== ""),
        "every error says something",
      );
      t.contains(errors[0].message, "1 message was not sent");
      if (t.host.tellsCertificate) t.contains(errors[1].message, "certificate");
    },
  ]),
);

export const servers = [...Object.entries(peers).map(casesOf), refuses];
