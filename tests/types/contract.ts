// Code that has to compile, and code that must not. If an expected error is missing, the compiler also fails.

import type {
  ConnectionHandler,
  DataType,
  ErrorEntry,
  ErrorEvent,
  MessageEvent,
  OpenEvent,
  Status,
  TerminateEvent,
  WebSocketError,
} from "fourd-websocket";
import { WebSocket } from "fourd-websocket";
import * as slim from "fourd-websocket/slim";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(_: Equal<A, B>): void {}

const url = "ws://127.0.0.1/";

// --- The literal dataType decides the type of the data ---

const text = WebSocket.new(url, {
  onMessage(ws, event) {
    same<typeof event.data, string>(true);
    same<typeof ws, WebSocket<"text">>(true);
  },
});
same<typeof text, WebSocket<"text">>(true);

const blob = WebSocket.new(url, {
  dataType: "blob",
  onMessage(ws, event) {
    same<typeof event.data, Blob>(true);
    same<typeof ws.dataType, "blob">(true);
  },
});
same<typeof blob, WebSocket<"blob">>(true);

const object = new WebSocket(url, {
  dataType: "object",
  onMessage(_ws, event) {
    same<typeof event.data, unknown>(true);
    // @ts-expect-error unknown has to be narrowed
    event.data.name;
  },
});
same<typeof object, WebSocket<"object">>(true);

class BlobHandler implements ConnectionHandler<"blob"> {
  readonly dataType = "blob";
  onMessage(_ws: WebSocket<"blob">, event: MessageEvent<"blob">) {
    same<typeof event.data, Blob>(true);
  }
}
same<ReturnType<typeof open>, WebSocket<"blob">>(true);
function open() {
  return WebSocket.new(url, new BlobHandler());
}

class PlainHandler {
  onOpen(_ws: WebSocket, event: OpenEvent) {
    same<typeof event.type, "open">(true);
  }
  onError(_ws: WebSocket, event: ErrorEvent) {
    same<typeof event.errors, readonly ErrorEntry[]>(true);
  }
  async onTerminate(_ws: WebSocket, event: TerminateEvent) {
    same<typeof event.code, number>(true);
    // @ts-expect-error the event is frozen
    event.code = 1000;
  }
}
same<typeof plain, WebSocket<"text">>(true);
const plain = WebSocket.new(url, new PlainHandler());

declare const dataType: DataType;
const any = WebSocket.new(url, { dataType });
same<typeof any, WebSocket<DataType>>(true);

declare const blobHandler: ConnectionHandler<"blob">;
same<typeof fromTyped, WebSocket<"blob">>(true);
const fromTyped = WebSocket.new(url, blobHandler);

const anyOf: WebSocket<DataType> = blob;
// @ts-expect-error the other way round nothing is known
const blobOf: WebSocket<"blob"> = anyOf;

// --- What opens ---

WebSocket.new(url);
WebSocket.new(new URL(url), null);
new WebSocket(url);
WebSocket.new(url, { headers: { Cookie: "a=b", "X-A": ["1", "2"] }, protocols: ["a", "b"] as const, closeTimeout: 0 });
WebSocket.new(url, { protocols: "chat" });

WebSocket.new(url, {
  onOpen: null,
  onMessage: null,
  dataType: null,
  headers: null,
  protocols: null,
  closeTimeout: null,
});

// Members that may be undefined, also with exactOptionalPropertyTypes.
declare const options: {
  onOpen: ((ws: WebSocket) => void) | undefined;
  headers: Record<string, string> | undefined;
  protocols: string[] | undefined;
  closeTimeout: number | undefined;
};
WebSocket.new(url, options);
new WebSocket(url, { ...options, dataType: undefined });

// @ts-expect-error a url is needed
WebSocket.new();
// @ts-expect-error a number is no url
WebSocket.new(5);
// @ts-expect-error there is no such data type
WebSocket.new(url, { dataType: "xml" });
// @ts-expect-error a callback is a function
WebSocket.new(url, { onOpen: "now" });
// @ts-expect-error a misspelt member does nothing
WebSocket.new(url, { onMesage() {} });
// @ts-expect-error the header is a number
WebSocket.new(url, { headers: { "X-A": 5 } });
// @ts-expect-error milliseconds are a number
WebSocket.new(url, { closeTimeout: "5s" });
// @ts-expect-error the data of "blob" is no string
WebSocket.new(url, { dataType: "blob", onMessage(_ws, event: MessageEvent<"text">) {} });

// @ts-expect-error without a dataType the data is a string
WebSocket.new(url, { onMessage(_ws, event: MessageEvent<"blob">) {} });

// --- What is waited for ---

WebSocket.new(url, { connectionTimeout: 5000, signal: new AbortController().signal, heartbeat: { message: "ping" } });
WebSocket.new(url, { heartbeat: { message: () => ({ type: "ping" }), interval: 1000, timeout: 1000 }, signal: null });
// @ts-expect-error a heartbeat has a message
WebSocket.new(url, { heartbeat: { interval: 1000 } });
// @ts-expect-error a number is no message
WebSocket.new(url, { heartbeat: { message: 5 } });
// @ts-expect-error a controller is no signal
WebSocket.new(url, { signal: new AbortController() });

class Lobby extends WebSocket {
  constructor(readonly room: string) {
    super(url);
  }
}

async function wait() {
  const connected = await WebSocket.connect(url, { dataType: "blob" });
  same<typeof connected, WebSocket<"blob">>(true);
  const room = await Lobby.connect("lobby");
  same<typeof room, Lobby>(true);
  // @ts-expect-error the room is a string
  void Lobby.connect(5);
  same<Awaited<typeof text.closed>, TerminateEvent>(true);
  await text.drained(1024);
  for await (const data of text) same<typeof data, string>(true);
  for await (const data of blob.messages({ limit: 5 })) same<typeof data, Blob>(true);
  for await (const data of object) same<typeof data, unknown>(true);
  await using disposed = room;
  void disposed;
}
void wait;

// --- What is sent ---

text.send("text");
text.send(new Blob(["a"]));
text.send(new ArrayBuffer(1));
text.send(new Uint8Array(1));
text.send(new DataView(new ArrayBuffer(1)));
text.send({ a: 1 });
text.send([1, 2]);
text.send(new Date());
interface Greeting {
  hello: string;
}
declare const greeting: Greeting;
text.send(greeting);

// @ts-expect-error a number is no message
text.send(5);
// @ts-expect-error nor true
text.send(true);
// @ts-expect-error nor null
text.send(null);
// @ts-expect-error nor undefined
text.send(undefined);
// @ts-expect-error nor a bigint
text.send(5n);
// @ts-expect-error nor a function
text.send(() => {});
// @ts-expect-error nor a class
text.send(Date);
// @ts-expect-error a message is needed
text.send();

// --- The end ---

text.terminate();
text.terminate(3000, "bye");
// @ts-expect-error a code is a number
text.terminate("1000");
// @ts-expect-error a reason is a text
text.terminate(1000, 5);
{
  using block = WebSocket.new(url);
  same<typeof block, WebSocket<"text">>(true);
}

// --- What is read ---

same<typeof text.status, Status>(true);
same<Status, "Connecting" | "Connected" | "Closing" | "Closed">(true);
same<typeof text.handler, ConnectionHandler<"text"> | null>(true);
same<typeof text.url, string>(true);
same<typeof text.id, number>(true);
same<typeof text.protocol, string>(true);
same<typeof text.bufferedAmount, number>(true);
// @ts-expect-error read-only
text.status = "Closed";
// @ts-expect-error read-only
text.url = url;
// @ts-expect-error read-only
text.handler = null;
// @ts-expect-error there is no such status
if (text.status === "Open") text.terminate();
// @ts-expect-error nothing of the module shows
text.free;
// @ts-expect-error nothing of the module shows
text.__wbg_ptr;
// @ts-expect-error nothing of the host shows
text.readyState;

// --- Subclasses ---

class Chat extends WebSocket {
  say(text: string) {
    this.send({ text });
  }
}
same<typeof chat, Chat>(true);
const chat = Chat.new(url, { onMessage: (_ws, event) => same<typeof event.data, string>(true) });
new Chat(url).say("hello");
// @ts-expect-error its messages are texts
Chat.new(url, { dataType: "blob" });

class Empty extends WebSocket<"blob"> {}
same<typeof empty, Empty>(true);
const empty = Empty.new(url, { dataType: "blob", onMessage: (_ws, event) => same<typeof event.data, Blob>(true) });

class Feed extends WebSocket<"object"> {
  constructor(url: string | URL, handler?: ConnectionHandler<"object"> | null) {
    super(url, handler);
  }
}
same<typeof feed, Feed>(true);
const feed = Feed.new(url, { dataType: "object" });

class Room extends WebSocket {
  constructor(
    readonly room: string,
    seats = 2,
  ) {
    super(`${url}${room}?seats=${seats}`, { onMessage: (_ws, event) => same<typeof event.data, string>(true) });
  }
}
same<typeof room, Room>(true);
const room = Room.new("lobby");
Room.new("lobby", 3);
// @ts-expect-error its name is a text
Room.new(5);
// @ts-expect-error its name is needed
Room.new();
// @ts-expect-error nothing else
Room.new("lobby", 3, {});

// --- Errors ---

try {
  text.send("late");
} catch (error) {
  const { name, errCode, componentSignature, cause } = error as WebSocketError;
  same<typeof name, "WebSocketError">(true);
  same<typeof errCode, number>(true);
  same<typeof componentSignature, string>(true);
  same<typeof cause, unknown>(true);
}

export { blobOf };

// --- The entry without the module ---

same<typeof slim.WebSocket, typeof WebSocket>(true);
same<ReturnType<typeof slim.init>, Promise<void>>(true);
slim.init("/fourd_websocket.wasm");
slim.init(new URL("file:///fourd_websocket.wasm"));
slim.init(new Uint8Array(8));
slim.init(new ArrayBuffer(8));
// @ts-expect-error the module has to come from somewhere
slim.init();
// @ts-expect-error a number is no place
slim.init(5);
