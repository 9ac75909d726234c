/// <reference lib="esnext.disposable" />

/**
 * The package for every host. The WebAssembly module is inside the JavaScript, so there is nothing to initialise.
 *
 * @module fourd-websocket
 */

/**
 * The type of received messages: a string, a `Blob`, or the value of a JSON text.
 *
 * @see https://developer.4d.com/docs/API/WebSocketClass#datatype
 */
export type DataType = "text" | "blob" | "object";

/**
 * The state of a connection. It only moves forward, in this order. States may be skipped.
 *
 * @see https://developer.4d.com/docs/API/WebSocketClass#status
 */
export type Status = "Connecting" | "Connected" | "Closing" | "Closed";

/** A `Blob` and a `URL`, if the environment declares them. */
type AnyBlob = typeof globalThis extends { Blob: { prototype: infer B } } ? B : object;
type AnyUrl = typeof globalThis extends { URL: { prototype: infer U } } ? U : never;

/** The type of a message's data: `string` for `"text"`, `Blob` for `"blob"`, `unknown` for `"object"`. */
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
  /** The message, in the type of the handler's `dataType`. */
  readonly data: MessageData<T>;
}

/** An entry of an error event: one error. */
export interface ErrorEntry {
  /**
   * The number of the error.
   *
   * @see https://github.com/fourd-websocket/fourd-websocket/blob/main/docs/guide/errors.md
   */
  readonly errCode: number;
  /** The error message. It is never empty. */
  readonly message: string;
  /** The component that the error belongs to: `"4DWS"`, chosen by this package in the form of 4D's signatures. */
  readonly componentSignature: string;
}

/** The event of `onError`. */
export interface ErrorEvent {
  /** Always `"error"`. */
  readonly type: "error";
  /** The package's error first, then the host's own error message, if the host has one. */
  readonly errors: readonly ErrorEntry[];
}

/** The event of `onTerminate`. */
export interface TerminateEvent {
  /** Always `"terminate"`. */
  readonly type: "terminate";
  /** The server's close code: 1005 if its close frame had none, 1006 if there was no closing handshake. */
  readonly code: number;
  /** The server's close reason, `""` if its close frame had none. */
  readonly reason: string;
  /** `true` if there was a closing handshake. */
  readonly wasClean: boolean;
}

/** The error that `new`, `send` and `terminate` throw: an `Error` with a number. */
export interface WebSocketError extends Error {
  /** Always `"WebSocketError"`. */
  readonly name: "WebSocketError";
  /**
   * The number of the error.
   *
   * @see https://github.com/fourd-websocket/fourd-websocket/blob/main/docs/guide/errors.md
   */
  readonly errCode: number;
  /** The component that the error belongs to: `"4DWS"`, chosen by this package in the form of 4D's signatures. */
  readonly componentSignature: string;
  /** The exception that the host threw, if it threw one. */
  readonly cause?: unknown;
  /** All entries of the error event, if `connect` or an iteration failed. Empty if `onError` was not called. */
  readonly errors?: readonly ErrorEntry[];
}

/** A callback. Its parameters are bivariant, as a method's, so that a handler for fewer data types is assignable. */
type Callback<T extends DataType, E> = { call(ws: WebSocket<T>, event: E): unknown }["call"];

/**
 * The callbacks and settings of a connection. Every member is optional.
 *
 * Callbacks are looked up for each event, and called as `handler.onX(ws, event)`: `onOpen` at most once, `onMessage`
 * any number of times, `onError` at most once, `onTerminate` exactly once, always last.
 *
 * `dataType` decides the type of the messages. In a class, declare it as `readonly dataType = "object"`. Without
 * `readonly`, its type would be `string`.
 *
 * @see https://developer.4d.com/docs/API/WebSocketClass#connectionhandler-parameter
 */
export interface ConnectionHandler<T extends DataType = DataType> {
  /** Called when the connection is open. Queued messages have been passed to the host before. */
  onOpen?: Callback<T, OpenEvent> | null | undefined;
  /** Called for each received message. */
  onMessage?: Callback<T, MessageEvent<T>> | null | undefined;
  /** Called if the connection fails. `onTerminate` follows. */
  onError?: Callback<T, ErrorEvent> | null | undefined;
  /** Called when the connection has ended. */
  onTerminate?: Callback<T, TerminateEvent> | null | undefined;
  /** The type of received messages. Default: `"text"`. */
  readonly dataType?: T | null | undefined;
  /** Additional headers of the handshake. Node, Deno and Bun can send headers. On other hosts, `new` throws. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>> | null | undefined;
  /** The subprotocol or subprotocols to offer. `ws.protocol` is the one that the server chose. */
  readonly protocols?: string | readonly string[] | null | undefined;
  /** Milliseconds to wait for the server's answer to `terminate()`. Default: 5000. */
  readonly closeTimeout?: number | null | undefined;
  /** Milliseconds that opening may take, counted from `new`. Default: the host's own limit. */
  readonly connectionTimeout?: number | null | undefined;
  /** The heartbeat, which detects that the server is gone. Default: no heartbeat. */
  readonly heartbeat?: Heartbeat | null | undefined;
  /** A signal that ends the connection when it is aborted, as `terminate()` does. */
  readonly signal?: Signal | null | undefined;
}

/**
 * The settings of a heartbeat, which detects that the server of an open connection is gone. If no message is received
 * for `interval` milliseconds, `message` is sent. If no message is received for `timeout` milliseconds after that, the
 * connection ends with error 5036.
 */
export interface Heartbeat {
  /** The message to send, or a function that returns it. */
  readonly message: string | object | (() => string | object);
  /** Milliseconds without a message after which the heartbeat is sent. Default: 30000. */
  readonly interval?: number | null | undefined;
  /** Milliseconds to wait for a message after that. Default: 10000. */
  readonly timeout?: number | null | undefined;
}

/** An `AbortSignal` of any realm. */
export interface Signal {
  /** `true` if the signal is aborted. */
  readonly aborted: boolean;
  /** The reason with which `connect` is rejected. */
  readonly reason?: unknown;
  /** Attaches a listener for the abort. */
  addEventListener(type: "abort", listener: () => void): void;
  /** Removes the listener. */
  removeEventListener(type: "abort", listener: () => void): void;
}

/** A handler whose `dataType` alone decides the type of `T`. Without one, `T` is `"text"`. */
type Handler<T extends DataType> =
  | (ConnectionHandler<NoInfer<T>> & { readonly dataType?: T | null | undefined })
  | Unfinished;

declare const unfinished: unique symbol;

/**
 * An unfinished handler, which no value can be. While nothing decides `T`, TypeScript before 6 infers `"text"`. With
 * this type, editors still complete every `dataType`. They suggest the other members for misspelt ones.
 */
type Unfinished = { readonly [K in keyof ConnectionHandler]?: K extends "dataType" ? DataType : never } & {
  readonly [unfinished]: never;
};

/** The parameters of `C.new`: those of a subclass's constructor, or for the class itself those that decide `T`. */
type Given<C extends new (...given: never) => unknown, T extends DataType> = C extends typeof WebSocket
  ? [url: string | AnyUrl, handler?: Handler<T> | null]
  : ConstructorParameters<C>;

/**
 * A WebSocket connection with the API of 4D's class. `T` is the handler's `dataType`.
 *
 * @example
 * ```js
 * import { WebSocket } from "fourd-websocket";
 *
 * const webSocket = WebSocket.new("wss://example.com/chat", {
 *   onMessage(ws, event) {
 *     console.log(event.data);
 *     ws.terminate();
 *   },
 *   onTerminate(ws, event) {
 *     console.log(`closed with code ${event.code}`);
 *   },
 * });
 * webSocket.send("Hello world"); // queued until the connection is open
 * ```
 *
 * @see https://developer.4d.com/docs/API/WebSocketClass
 */
export class WebSocket<out T extends DataType = "text"> {
  /**
   * Opens a connection: `WebSocket.new(url, handler)`. Returns immediately. No callback is called before it returns.
   *
   * @param given the url, which is absolute, `ws:` or `wss:`, and without a fragment. Then the handler with callbacks
   * and settings, which is optional. A subclass takes the arguments of its constructor, and returns an instance of the
   * subclass.
   * @throws {WebSocketError} if the url or a member of the handler is invalid, or the host cannot open a connection.
   * Then no connection is opened.
   * @see https://developer.4d.com/docs/API/WebSocketClass#4dwebsocketnew
   */
  static new<C extends new (...given: never) => unknown, T extends DataType = "text">(
    this: C,
    ...given: Given<C, T>
  ): C extends typeof WebSocket ? WebSocket<T> : InstanceType<C>;

  /**
   * Opens a connection as `WebSocket.new` does, and waits until it is open and `onOpen` has returned. Later events are
   * dispatched in the next task, so that code directly after the `await` misses no message.
   *
   * If `WebSocket.new` would throw an error, the promise is rejected with that error. If the connection ends before it
   * is open, the promise is rejected after `onTerminate`: with the first error of `onError`, with error 5017 if
   * `onError` was not called, or with the signal's reason if the signal was aborted.
   */
  static connect<C extends new (...given: never) => unknown, T extends DataType = "text">(
    this: C,
    ...given: Given<C, T>
  ): Promise<C extends typeof WebSocket ? WebSocket<T> : InstanceType<C>>;

  /**
   * Opens a connection, as `WebSocket.new(url, handler)` does.
   *
   * @throws {WebSocketError} as `WebSocket.new` does
   */
  constructor(url: string | AnyUrl, handler?: Handler<T> | null);

  /**
   * Sends a message: a string as a text frame, a `Blob`, `ArrayBuffer` or view as a binary frame, and any other object
   * or array as a text frame with its JSON. While the connection is being opened, a snapshot of the message is queued.
   *
   * @throws {WebSocketError} if the message has another type, or the connection is closing or closed
   * @see https://developer.4d.com/docs/API/WebSocketClass#send
   */
  send<M extends string | object>(message: M extends (...parameters: never[]) => unknown ? never : M): void;

  /**
   * Ends the connection. `status` becomes `"Closing"` immediately. `onTerminate` is called when the server has answered
   * or the handler's `closeTimeout` has expired. Has no effect if the connection is closing or closed.
   *
   * @param code the close code: 1000 (default), or 3000 to 4999
   * @param reason the close reason: at most 123 bytes of UTF-8
   * @throws {WebSocketError} if the code or the reason is not allowed. Then the call has no effect.
   * @see https://developer.4d.com/docs/API/WebSocketClass#terminate
   */
  terminate(code?: number, reason?: string): void;

  /** Calls `terminate()`: `using ws = WebSocket.new(url)` ends the connection at the end of the block. */
  [Symbol.dispose](): void;
  /** Calls `terminate()` and returns `closed`: `await using ws = await WebSocket.connect(url)`. */
  [Symbol.asyncDispose](): Promise<void>;

  /**
   * Waits until `bufferedAmount` is at most `bytes` (0 by default), also while the connection is closing.
   * `bufferedAmount` is polled every 50 ms. The promise is rejected with error 5017 when the connection has ended, and
   * with error 5034 if `bytes` is not a number from 0.
   */
  drained(bytes?: number): Promise<void>;

  /**
   * Iterates over the data of the messages that are received after this call. Each message is first passed to
   * `onMessage`. Leaving the loop ends the iteration, not the connection. If `onError` was called, the iteration throws
   * its first error.
   *
   * @param options `limit`: the number of messages that the iteration may hold (1024 by default). One more message ends
   * the connection with error 5037 and close code 4009.
   * @throws {WebSocketError} error 5034 if `limit` is not an integer from 1
   */
  messages(options?: { readonly limit?: number | null | undefined } | null): AsyncIterableIterator<MessageData<T>>;
  /** Calls `messages()`: `for await (const data of ws)`. */
  [Symbol.asyncIterator](): AsyncIterableIterator<MessageData<T>>;

  /** A promise of the event of `onTerminate`, fulfilled when `onTerminate` has returned. It is never rejected. */
  readonly closed: Promise<TerminateEvent>;
  /** The url as it was passed. */
  readonly url: string;
  /** The handler that was passed, or `null`. */
  readonly handler: ConnectionHandler<T> | null;
  /** The type of received messages. */
  readonly dataType: T;
  /** The state of the connection. */
  readonly status: Status;
  /** The connection's id: a positive integer, unique in the process or page. */
  readonly id: number;
  /** The subprotocol that the server chose, `""` if it chose none. */
  readonly protocol: string;
  /** The number of bytes that are still to be sent. */
  readonly bufferedAmount: number;
}

// Without this, every declaration would be exported, also `Handler`.
export {};
