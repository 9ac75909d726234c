// Subclasses work with `new` and with `WebSocket.new`.

/** The facts that every case here needs. */
export const needs = ["package"];

export async function a_subclass_is_made_by_new(t) {
  class Chat extends t.WebSocket {
    greet() {
      this.send("hello");
    }
  }
  const seen = [];
  const connection = t.open("/echo", { onOpen: (ws) => seen.push(ws) }, Chat);
  t.ok(connection.ws instanceof Chat, "it is an instance of the subclass");
  t.ok(connection.ws instanceof t.WebSocket, "it is an instance of the class");
  t.equal(Object.getPrototypeOf(connection.ws), Chat.prototype);
  connection.ws.greet();
  t.deepEqual(await connection.received(), ["hello"]);
  t.equal(seen[0], connection.ws);
}

export async function a_subclass_is_made_by_its_constructor(t) {
  class Chat extends t.WebSocket {
    constructor(room, handler) {
      super(t.url(`/text?data=${room}`), handler);
      this.room = room;
    }
  }
  const connection = t.record();
  connection.ws = new Chat("lobby", connection.handler);
  t.ok(connection.ws instanceof Chat, "it is an instance of the subclass");
  t.equal(connection.ws.room, "lobby");
  t.deepEqual(await connection.received(), ["lobby"]);
}

export async function fields_of_a_subclass_are_there_in_the_callbacks(t) {
  class Chat extends t.WebSocket {
    #log = [];
    count = 0;
    note(data) {
      this.#log.push(data);
      this.count += 1;
      return this.#log;
    }
  }
  const connection = t.open("/text?data={i}&count=3", { onMessage: (ws, { data }) => ws.note(data) }, Chat);
  await connection.received(3);
  t.equal(connection.ws.count, 3);
  t.deepEqual(connection.ws.note("last"), ["0", "1", "2", "last"]);
}

export async function a_subclass_may_be_its_own_handler(t) {
  const log = [];
  class Chat extends t.WebSocket {
    constructor(url) {
      const handler = {
        onMessage: (ws, { data }) => this.receive(data),
        onTerminate: (ws) => log.push(ws === this),
      };
      super(url, handler);
    }
    receive(data) {
      log.push(data);
      this.terminate();
    }
  }
  new Chat(t.url("/text?data=hello"));
  await t.until(() => log.length === 2);
  t.deepEqual(log, ["hello", true]);
}

export async function a_subclass_may_override_and_call_super(t) {
  class Loud extends t.WebSocket {
    send(message) {
      super.send(message.toUpperCase());
    }
    terminate() {
      super.terminate(3000, "loud");
    }
    get status() {
      return super.status.toUpperCase();
    }
    static new(url, handler) {
      return super.new(url, handler);
    }
  }
  const ws = Loud.new(t.url("/echo"), {});
  t.ok(ws instanceof Loud, "it is an instance of the subclass");
  t.equal(ws.status, "CONNECTING");
  ws.send("hello");
  await t.until(() => ws.status === "CONNECTED");
  ws.terminate();
  await t.until(() => ws.status === "CLOSED");
  const key = new URL(ws.url).searchParams.get("key");
  t.deepEqual(await t.arrived(key), ["HELLO"]);
  t.deepEqual((await t.seen(key)).close, { code: 3000, reason: "loud" });
}

export async function a_subclass_of_a_subclass_works(t) {
  class Chat extends t.WebSocket {
    kind = "chat";
  }
  class Room extends Chat {
    kind = `${super.constructor.name} room`;
  }
  for (const make of [(url, handler) => Room.new(url, handler), (url, handler) => new Room(url, handler)]) {
    const connection = t.record();
    connection.ws = make(t.url("/text?data=hello"), connection.handler);
    t.equal(Object.getPrototypeOf(connection.ws), Room.prototype);
    t.equal(connection.ws.kind, "Chat room");
    t.deepEqual(await connection.received(), ["hello"]);
  }
}

export async function reflect_construct_gives_the_prototype_of_its_target(t) {
  class Other {}
  const log = [];
  const handler = { onMessage: (ws, { data }) => log.push(ws instanceof Other, data) };
  const ws = Reflect.construct(t.WebSocket, [t.url("/text?data=hello"), handler], Other);
  t.ok(ws instanceof Other, "it is an instance of the target");
  await t.until(() => log.length > 0);
  t.deepEqual(log, [true, "hello"]);
  t.WebSocket.prototype.terminate.call(ws);
}

export function a_subclass_with_a_wrong_url_throws(t) {
  class Chat extends t.WebSocket {}
  t.equal(t.thrownBy(() => new Chat("http://a/")).name, "WebSocketError");
  t.equal(t.thrownBy(() => Chat.new("http://a/")).name, "WebSocketError");
}
