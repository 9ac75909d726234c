// Code for the connection that comes back that has to compile, and code that must not.

import type { WebSocket as Main } from "fourd-websocket";
import type {
  Endpoint,
  ErrorEntry,
  MessageEvent,
  ReconnectingHandler,
  ReconnectingStatus,
  RetryEvent,
  Source,
  StopEvent,
} from "fourd-websocket/reconnecting";
import { ReconnectingWebSocket, type WebSocket } from "fourd-websocket/reconnecting";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(_: Equal<A, B>): void {}

const url = "ws://127.0.0.1/";
same<typeof Main, typeof WebSocket>(true);

// --- The literal dataType decides the type of the data ---

const text = ReconnectingWebSocket.new(url, {
  onMessage(ws, event) {
    same<typeof event.data, string>(true);
    same<typeof ws, WebSocket<"text">>(true);
  },
  onRetry(socket, event) {
    same<typeof socket, ReconnectingWebSocket<"text">>(true);
    same<typeof event, RetryEvent>(true);
    if (event.code === 4401) return false;
    return event.attempt > 3 ? event.delay * 2 : undefined;
  },
  onStop(_socket, event) {
    same<typeof event, StopEvent>(true);
    same<typeof event.errors, readonly ErrorEntry[]>(true);
  },
});
same<typeof text, ReconnectingWebSocket<"text">>(true);
same<typeof text.status, ReconnectingStatus>(true);
same<typeof text.current, WebSocket<"text"> | null>(true);
same<typeof text.closed, Promise<StopEvent>>(true);

const blob = new ReconnectingWebSocket(url, {
  dataType: "blob",
  onMessage: (_ws, event) => same<typeof event.data, Blob>(true),
});
same<typeof blob, ReconnectingWebSocket<"blob">>(true);

async function iterate() {
  for await (const data of text) same<typeof data, string>(true);
  for await (const data of blob.messages({ limit: 5 })) same<typeof data, Blob>(true);
}
void iterate;

class Feed implements ReconnectingHandler<"object"> {
  readonly dataType = "object";
  retry = { firstDelay: 1000, maxDelay: 10_000, stableAfter: 0, maxAttempts: Infinity, maxWaiting: 0 };
  heartbeat = { message: { type: "ping" } };
  onMessage(_ws: WebSocket<"object">, event: MessageEvent<"object">) {
    same<typeof event.data, unknown>(true);
  }
  onRetry(_socket: ReconnectingWebSocket<"object">, _event: RetryEvent) {}
}
same<ReturnType<typeof follow>, ReconnectingWebSocket<"object">>(true);
function follow() {
  return ReconnectingWebSocket.new(url, new Feed());
}

// --- Sources ---

ReconnectingWebSocket.new(new URL(url));
ReconnectingWebSocket.new(() => url);
ReconnectingWebSocket.new(async (attempt, signal) => {
  same<typeof attempt, number>(true);
  same<typeof signal, AbortSignal>(true);
  await fetch("/ticket", { signal });
  return { url, headers: { "X-Ticket": "1" }, protocols: ["a"] };
});
declare const endpoint: Endpoint;
const source: Source = () => endpoint;
ReconnectingWebSocket.new(source, { retry: null, onRetry: null, onStop: null, signal: new AbortController().signal });

// @ts-expect-error a number is no url
ReconnectingWebSocket.new(5);
// @ts-expect-error the function returns no url
ReconnectingWebSocket.new(() => 5);
// @ts-expect-error an endpoint is returned by a function
ReconnectingWebSocket.new({ url });
// @ts-expect-error a promise is no decision
ReconnectingWebSocket.new(url, { onRetry: async () => false });
// @ts-expect-error `true` is no decision
ReconnectingWebSocket.new(url, { onRetry: () => true });
// @ts-expect-error a misspelt member does nothing
ReconnectingWebSocket.new(url, { onStopped() {} });
// @ts-expect-error a misspelt setting does nothing
ReconnectingWebSocket.new(url, { retry: { maxDelays: 5 } });
// @ts-expect-error milliseconds are a number
ReconnectingWebSocket.new(url, { retry: { maxDelay: "5 s" } });

// --- The object ---

text.send("text");
text.send({ an: "object" });
text.terminate(4000, "enough");
text.retryNow();
// @ts-expect-error a number is no message
text.send(5);
// @ts-expect-error it is not a connection
const _ws: WebSocket = text;
// @ts-expect-error the status is read only
text.status = "Closed";

class Room extends ReconnectingWebSocket {
  constructor(readonly room: string) {
    super(`${url}${room}`);
  }
}
same<typeof room, Room>(true);
const room = Room.new("lobby");
