/// <reference lib="esnext.disposable" />

/**
 * The package for every host.
 *
 * @module fourd-websocket
 */

/**
 * What messages are handed over as: a string, a `Blob`, or the value of a JSON text.
 *
 * @see https://developer.4d.com/docs/API/WebSocketClass#datatype
 */
export type DataType = "text" | "blob" | "object";

/**
 * The state of a connection. It only moves forward, in this order; steps may be skipped.
 *
 * @see https://developer.4d.com/docs/API/WebSocketClass#status
 */
export type Status = "Connecting" | "Connected" | "Closing" | "Closed";

/** A `Blob` and a `URL`, where the surroundings have types for them. */
type AnyBlob = typeof globalThis extends { Blob: { prototype: infer B } } ? B : object;
type AnyUrl = typeof globalThis extends { URL: { prototype: infer U } } ? U : never;

/** The data of a message: `string` for `"text"`, `Blob` for `"blob"`, `unknown` for `"object"`. */
export type MessageData<T extends DataType> = T extends "text" ? string : T extends "blob" ? AnyBlob : unknown;

/** The event of `onOpen`. */
export interface OpenEvent {
  /** Always `"open"`. */
  readonly type: "open";
}

/** The event of `onMessage`. */
export interface MessageEvent<T extends DataType = "text"> {
  /** Always `"message"`. */
  readonly type: "message";
  /** The message, as the handler's `dataType` says. */
  readonly data: MessageData<T>;
}

/** One thing that went wrong. */
export interface ErrorEntry {
  /** The number of the error, from the package's table. */
  readonly errCode: number;
  /** What went wrong, never empty. */
  readonly message: string;
  /** Whose error it is, as in 4D: `"4DWS"`. */
  readonly componentSignature: string;
}

/** The event of `onError`. */
export interface ErrorEvent {
  /** Always `"error"`. */
  readonly type: "error";
  /** First what the package says, then what the host said, where it says anything. */
  readonly errors: readonly ErrorEntry[];
}

/** The event of `onTerminate`. */
export interface TerminateEvent {
  /** Always `"terminate"`. */
  readonly type: "terminate";
  /** The server's close code: 1005 if it gave none, 1006 if there was no closing handshake. */
  readonly code: number;
  /** The server's reason, `""` if it gave none. */
  readonly reason: string;
  /** Whether there was a closing handshake. */
  readonly wasClean: boolean;
}

/** What `new`, `send` and `terminate` throw: an `Error` with a number. */
export interface WebSocketError extends Error {
  /** Always `"WebSocketError"`. */
  readonly name: "WebSocketError";
  /** The number of the error, from the package's table. */
  readonly errCode: number;
  /** Whose error it is, as in 4D: `"4DWS"`. */
  readonly componentSignature: string;
  /** What the host threw, where it did. */
  readonly cause?: unknown;
  /** Of what `connect` and an iteration reject with: all entries of `onError`, none if that was not called. */
  readonly errors?: readonly ErrorEntry[];
}

/** A callback. As a method, so that one of a handler for fewer data types is taken, too. */
type Callback<T extends DataType, E> = { call(ws: WebSocket<T>, event: E): unknown }["call"];

/**
 * What a connection calls, and how it is to be opened. Every member is optional.
 *
 * The callbacks are looked up each time, and called as `handler.onX(ws, event)`: `onOpen` at most once, `onMessage` any
 * number of times, `onError` at most once, `onTerminate` exactly once, always last.
 *
 * Its `dataType` decides the type of the messages. In a class, declare it as `readonly dataType = "object"`; without
 * `readonly` its type would be `string`.
 *
 * @see https://developer.4d.com/docs/API/WebSocketClass#connectionhandler-parameter
 */
export interface ConnectionHandler<T extends DataType = DataType> {
  /** The connection is open; what was sent before has left. */
  onOpen?: Callback<T, OpenEvent> | null | undefined;
  /** A message has come. */
  onMessage?: Callback<T, MessageEvent<T>> | null | undefined;
  /** Something went wrong; `onTerminate` follows. */
  onError?: Callback<T, ErrorEvent> | null | undefined;
  /** The connection has ended. */
  onTerminate?: Callback<T, TerminateEvent> | null | undefined;
  /** What messages are handed over as. Default: `"text"`. */
  readonly dataType?: T | null | undefined;
  /** Headers of the handshake. Node, Deno and Bun can send them; elsewhere `new` throws. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>> | null | undefined;
  /** A subprotocol, or several; the one the server chose is `ws.protocol`. */
  readonly protocols?: string | readonly string[] | null | undefined;
  /** Milliseconds to wait for the peer's answer to `terminate()`. Default: 5000. */
  readonly closeTimeout?: number | null | undefined;
  /** Milliseconds that opening may take, counted from `new`. Default: as long as the host waits. */
  readonly connectionTimeout?: number | null | undefined;
  /** How it is found out that the peer is gone. Default: not at all. */
  readonly heartbeat?: Heartbeat | null | undefined;
  /** Ends the connection when it is aborted, as `terminate()` does. */
  readonly signal?: Signal | null | undefined;
}

/**
 * How it is found out that the peer of an open connection is gone: after `interval` milliseconds in which nothing came,
 * `message` is sent; if nothing comes for `timeout` milliseconds after that, the connection ends with error 5036.
 */
export interface Heartbeat {
  /** What is sent, or a function that returns it. */
  readonly message: string | object | (() => string | object);
  /** Milliseconds. Default: 30000. */
  readonly interval?: number | null | undefined;
  /** Milliseconds. Default: 10000. */
  readonly timeout?: number | null | undefined;
}

/** An `AbortSignal`, of whatever realm. */
export interface Signal {
  /** Whether it is aborted. */
  readonly aborted: boolean;
  /** What `connect` is rejected with. */
  readonly reason?: unknown;
  /** Listens for the abort. */
  addEventListener(type: "abort", listener: () => void): void;
  /** Listens no more. */
  removeEventListener(type: "abort", listener: () => void): void;
}

/** A handler whose `dataType` alone decides what `T` is; without one it is `"text"`. */
type Handler<T extends DataType> =
  | (ConnectionHandler<NoInfer<T>> & { readonly dataType?: T | null | undefined })
  | Unfinished;

declare const unfinished: unique symbol;

/**
 * What no handler is. While nothing decides `T` yet, TypeScript before 6 takes `"text"` for it: editors complete a `dataType`
 * with what they find here. The other members are there to be suggested for misspelt ones.
 */
type Unfinished = { readonly [K in keyof ConnectionHandler]?: K extends "dataType" ? DataType : never } & {
  readonly [unfinished]: never;
};

/** What `C.new` takes: what the constructor of a subclass does, and for the class itself what decides `T`, too. */
type Given<C extends new (...given: never) => unknown, T extends DataType> = C extends typeof WebSocket
  ? [url: string | AnyUrl, handler?: Handler<T> | null]
  : ConstructorParameters<C>;

/**
 * A WebSocket connection, as 4D has it. `T` is the handler's `dataType`.
 *
 * @see https://developer.4d.com/docs/API/WebSocketClass
 */
export class WebSocket<out T extends DataType = "text"> {
  /**
   * Opens a connection. Returns at once; no callback comes before.
   *
   * @param given the url, absolute, `ws:` or `wss:`, without a fragment, and a handler: the callbacks, and how the connection
   * is to be opened. Of a subclass, what its constructor takes; its instance is what comes back.
   * @throws {WebSocketError} if the url or a member of the handler is wrong, or the host cannot open a connection;
   * nothing is opened then
   * @see https://developer.4d.com/docs/API/WebSocketClass#4dwebsocketnew
   */
  static new<C extends new (...given: never) => unknown, T extends DataType = "text">(
    this: C,
    ...given: Given<C, T>
  ): C extends typeof WebSocket ? WebSocket<T> : InstanceType<C>;

  /**
   * Opens a connection as `WebSocket.new` does, and waits until it is open and `onOpen` has returned. What happens
   * meanwhile is told a task later: code right behind the `await` misses nothing.
   *
   * The promise is rejected with what `WebSocket.new` throws; if the connection ended before, with a `WebSocketError` of
   * what `onError` said first (5017 without one), after `onTerminate`; with the signal's reason if that ended it.
   */
  static connect<C extends new (...given: never) => unknown, T extends DataType = "text">(
    this: C,
    ...given: Given<C, T>
  ): Promise<C extends typeof WebSocket ? WebSocket<T> : InstanceType<C>>;

  /**
   * The same as `WebSocket.new(url, handler)`.
   *
   * @throws {WebSocketError} as `WebSocket.new` does
   */
  constructor(url: string | AnyUrl, handler?: Handler<T> | null);

  /**
   * Sends a message: a string as a text frame; a `Blob`, `ArrayBuffer` or view as a binary frame; any other object or
   * array as a text frame with its JSON. While the connection is being opened it waits, as it is now.
   *
   * @throws {WebSocketError} if the message is none of these, or the connection is closing or closed
   * @see https://developer.4d.com/docs/API/WebSocketClass#send
   */
  send<M extends string | object>(message: M extends (...parameters: never[]) => unknown ? never : M): void;

  /**
   * Ends the connection: `status` is `"Closing"` at once, `onTerminate` comes when the peer has answered, or after the
   * handler's `closeTimeout`. Does nothing if it is closing or closed.
   *
   * @param code 1000 (default), or 3000 to 4999
   * @param reason at most 123 bytes of UTF-8
   * @throws {WebSocketError} if the code or the reason may not be sent; nothing has changed then
   * @see https://developer.4d.com/docs/API/WebSocketClass#terminate
   */
  terminate(code?: number, reason?: string): void;

  /** The same as `terminate()`: `using ws = WebSocket.new(url)` ends the connection with its block. */
  [Symbol.dispose](): void;
  /** `terminate()`, then `closed`: `await using ws = await WebSocket.connect(url)`. */
  [Symbol.asyncDispose](): Promise<void>;

  /**
   * Waits until `bufferedAmount` is at most `bytes` (0 by default), while the connection is closing, too. It is looked at
   * every 50 ms. The promise is rejected with error 5017 at the end and after it, with 5034 if `bytes` is no such number.
   */
  drained(bytes?: number): Promise<void>;

  /**
   * The data of the messages from now on, each after `onMessage` had it. Breaking off ends the iteration, not the
   * connection. It throws the `WebSocketError` of `onError` at the end, if that was called.
   *
   * @param options `limit`: how many messages may wait to be taken (1024 by default); one more ends the connection with
   * error 5037 and close code 4009
   * @throws {WebSocketError} 5034 if `limit` is no integer from 1
   */
  messages(options?: { readonly limit?: number | null | undefined } | null): AsyncIterableIterator<MessageData<T>>;
  /** `messages()`: `for await (const data of ws)`. */
  [Symbol.asyncIterator](): AsyncIterableIterator<MessageData<T>>;

  /** The event of `onTerminate`, when that has returned. It is never rejected. */
  readonly closed: Promise<TerminateEvent>;
  /** The url as it was passed. */
  readonly url: string;
  /** The handler that was passed, `null` if none was. */
  readonly handler: ConnectionHandler<T> | null;
  /** What messages are handed over as. */
  readonly dataType: T;
  /** The state of the connection. */
  readonly status: Status;
  /** A positive integer, unique in the process or page. */
  readonly id: number;
  /** The subprotocol that the server chose, `""` if none. */
  readonly protocol: string;
  /** What waits to be sent, in bytes. */
  readonly bufferedAmount: number;
}

// Nothing but what says so is exported: not `Handler`.
export {};
