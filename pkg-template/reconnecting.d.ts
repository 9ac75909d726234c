/**
 * The package with `ReconnectingWebSocket`, which opens a new connection when one ends.
 *
 * @module fourd-websocket/reconnecting
 */

import type { ConnectionHandler, DataType, ErrorEntry, MessageData } from "./index.js";
import { WebSocket } from "./index.js";

export type {
  ConnectionHandler,
  DataType,
  ErrorEntry,
  ErrorEvent,
  Heartbeat,
  MessageData,
  MessageEvent,
  OpenEvent,
  Signal,
  Status,
  TerminateEvent,
  WebSocketError,
} from "./index.js";
export { WebSocket };

/** A `URL` and an `AbortSignal`, if the environment declares them. */
type AnyUrl = typeof globalThis extends { URL: { prototype: infer U } } ? U : never;
type AnySignal = typeof globalThis extends { AbortSignal: { prototype: infer S } } ? S : { readonly aborted: boolean };

/** The state of a WebSocket that reconnects. */
export type ReconnectingStatus =
  /** The source was called, or a connection is being opened. Messages are queued. */
  | "Connecting"
  /** A connection is open. */
  | "Connected"
  /** There is no connection, or it is closing, and another attempt follows. Messages are queued. */
  | "Waiting"
  /** `terminate()` was called. */
  | "Closing"
  /** No attempt follows. */
  | "Closed";

/** An endpoint: a url, and settings that replace those of the handler for one connection. */
export interface Endpoint {
  /** The url: absolute, `ws:` or `wss:`, without a fragment. */
  readonly url: string | AnyUrl;
  /** The headers of the handshake. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>> | null | undefined;
  /** The subprotocol or subprotocols to offer. */
  readonly protocols?: string | readonly string[] | null | undefined;
}

/**
 * A url, or a function that is called for each attempt and returns one, for example with a new token.
 *
 * `attempt` is 0 for the first attempt. The retries since the last stable connection count from 1. `signal` is aborted
 * by `terminate()`, and when the function has not answered within the handler's `connectionTimeout`. If the function
 * throws, or its promise is rejected, the attempt has failed, and another attempt follows.
 */
export type Source =
  | string
  | AnyUrl
  | ((attempt: number, signal: AnySignal) => string | AnyUrl | Endpoint | PromiseLike<string | AnyUrl | Endpoint>);

/** How the last attempt ended. */
interface Past {
  /** The server's close code: 1005 if its close frame had none, 1006 if there was no closing handshake or connection. */
  readonly code: number;
  /** The server's close reason, `""` if there was none. */
  readonly reason: string;
  /** `true` if there was a closing handshake. */
  readonly wasClean: boolean;
  /** The errors of the connection, or error 5031 if the source failed. Empty after a clean end. */
  readonly errors: readonly ErrorEntry[];
}

/** The event of `onRetry`. */
export interface RetryEvent extends Past {
  /** Always `"retry"`. */
  readonly type: "retry";
  /** The number of the next attempt, which counts from 1 since the last stable connection. */
  readonly attempt: number;
  /** Milliseconds until the next attempt. */
  readonly delay: number;
  /** The number of queued messages. */
  readonly waiting: number;
}

/** The event of `onStop`. */
export interface StopEvent extends Past {
  /** Always `"stop"`. */
  readonly type: "stop";
  /** The number of attempts in a row that have failed since the last stable connection. */
  readonly attempts: number;
  /** The messages that were not sent, as they were passed to `send`. */
  readonly unsent: readonly (string | object)[];
}

/**
 * The settings of retries.
 *
 * The delay before the nth retry since the last stable connection is random, from 0 to `firstDelay` · 2ⁿ⁻¹, and at most
 * `maxDelay`, so that the clients of a server do not all reconnect at once.
 */
export interface RetrySettings {
  /** Milliseconds: the longest delay before the first retry. Default: 3000. */
  readonly firstDelay?: number | null | undefined;
  /** Milliseconds: the longest delay before any retry. Default: 60000. */
  readonly maxDelay?: number | null | undefined;
  /** Milliseconds after which an open connection is stable, and its attempt has not failed. Default: 10000. */
  readonly stableAfter?: number | null | undefined;
  /** The number of failed attempts in a row after which no attempt follows, from 1. Default: `Infinity`. */
  readonly maxAttempts?: number | null | undefined;
  /** The number of bytes that may be queued. An empty message counts as one byte. Default: 1048576. */
  readonly maxWaiting?: number | null | undefined;
}

/** A callback. Its parameters are bivariant, as a method's. */
type Callback<T extends DataType, E, R> = { call(socket: ReconnectingWebSocket<T>, event: E): R }["call"];

/**
 * The callbacks and settings of all connections, and those of the retries. Every member is optional.
 *
 * Each connection calls `onOpen`, `onMessage`, `onError` and `onTerminate` as a `WebSocket` does. After each
 * `onTerminate`, either `onRetry` or `onStop` is called. `onStop` is called exactly once, always last. The default
 * `connectionTimeout` is 30000. It limits the source, and then the opening of the connection. When `signal` is aborted,
 * the connection ends and no attempt follows.
 */
export interface ReconnectingHandler<T extends DataType = DataType> extends ConnectionHandler<T> {
  /**
   * Called before the delay of each retry. Return `false` to stop, or a number from 0 to 2147483647 to replace
   * `event.delay`, in milliseconds. Any other value is reported as an uncaught error 5033.
   */
  // biome-ignore lint/suspicious/noConfusingVoidType: a function without a `return` returns void
  onRetry?: Callback<T, RetryEvent, void | undefined | false | number> | null | undefined;
  /** Called when no attempt follows. */
  onStop?: Callback<T, StopEvent, unknown> | null | undefined;
  /** The settings of retries. */
  readonly retry?: RetrySettings | null | undefined;
}

/** A handler whose `dataType` alone decides the type of `T`. Without one, `T` is `"text"`. */
type Handler<T extends DataType> =
  | (ReconnectingHandler<NoInfer<T>> & { readonly dataType?: T | null | undefined })
  | Unfinished;

declare const unfinished: unique symbol;

/** An unfinished handler, which no value can be, as in the declarations of the main entry. */
type Unfinished = { readonly [K in keyof ReconnectingHandler]?: K extends "dataType" ? DataType : never } & {
  readonly [unfinished]: never;
};

/** The parameters of `C.new`: those of a subclass's constructor, or for the class itself those that decide `T`. */
type Given<C extends new (...given: never) => unknown, T extends DataType> = C extends typeof ReconnectingWebSocket
  ? [source: Source, handler?: Handler<T> | null]
  : ConstructorParameters<C>;

/**
 * A WebSocket that reconnects. When a connection has ended, no matter which side ended it, another one is opened after
 * a delay. This continues until `terminate()` is called, `onRetry` returns `false`, or too many attempts in a row have
 * failed. `T` is the handler's `dataType`.
 *
 * @example
 * ```js
 * import { ReconnectingWebSocket } from "fourd-websocket/reconnecting";
 *
 * const socket = ReconnectingWebSocket.new("wss://example.com/feed", {
 *   onOpen(ws) {
 *     ws.send("subscribe ACME"); // on each connection
 *   },
 *   onMessage(ws, event) {
 *     console.log(event.data);
 *   },
 *   onRetry(socket, event) {
 *     console.log(`attempt ${event.attempt} in ${event.delay} ms`);
 *   },
 * });
 * ```
 */
export class ReconnectingWebSocket<out T extends DataType = "text"> {
  /**
   * Starts to connect: `ReconnectingWebSocket.new(source, handler)`. Returns immediately. Neither a callback nor the
   * source is called before it returns.
   *
   * @param given the source, and a handler with callbacks and settings, which is optional. A subclass takes the
   * arguments of its constructor, and returns an instance of the subclass.
   * @throws {WebSocketError} if a member of the handler or the url is invalid. Then no connection is opened.
   */
  static new<C extends new (...given: never) => unknown, T extends DataType = "text">(
    this: C,
    ...given: Given<C, T>
  ): C extends typeof ReconnectingWebSocket ? ReconnectingWebSocket<T> : InstanceType<C>;

  /**
   * Starts to connect, as `ReconnectingWebSocket.new(source, handler)` does.
   *
   * @throws {WebSocketError} as `ReconnectingWebSocket.new` does
   */
  constructor(source: Source, handler?: Handler<T> | null);

  /**
   * Sends a message, as `send` of a `WebSocket` does. If no connection is open, a snapshot of the message is queued and
   * sent when the next one opens, before its `onOpen`.
   *
   * @throws {WebSocketError} if the message has another type, with error 5032 if more than `maxWaiting` bytes would be
   * queued, or with error 5017 if `terminate()` was called or no attempt follows
   */
  send<M extends string | object>(message: M extends (...parameters: never[]) => unknown ? never : M): void;

  /**
   * Ends the connection and stops. `onStop` is called when the connection has ended, or in a microtask if there is no
   * connection. Has no effect if `terminate` was called before or no attempt follows.
   *
   * @param code the close code: 1000 (default), or 3000 to 4999
   * @param reason the close reason: at most 123 bytes of UTF-8
   * @throws {WebSocketError} if the code or the reason is not allowed. Then the call has no effect.
   */
  terminate(code?: number, reason?: string): void;

  /** Ends a delay. Inside `onRetry`, the retry follows without a delay. Has no effect at other times. */
  retryNow(): void;

  /** Calls `terminate()`. */
  [Symbol.dispose](): void;
  /** Calls `terminate()` and returns `closed`. */
  [Symbol.asyncDispose](): Promise<void>;

  /**
   * Iterates over the data of the messages that are received after this call, on all connections. Leaving the loop ends
   * the iteration only. After a stop without `terminate()`, the iteration throws the last error, if there was one.
   *
   * @param options `limit`: the number of messages that the iteration may hold (1024 by default). One more message ends
   * the iteration and the connection with error 5037, and a retry follows.
   * @throws {WebSocketError} error 5034 if `limit` is not an integer from 1
   */
  messages(options?: { readonly limit?: number | null | undefined } | null): AsyncIterableIterator<MessageData<T>>;
  /** Calls `messages()`: `for await (const data of socket)`. */
  [Symbol.asyncIterator](): AsyncIterableIterator<MessageData<T>>;

  /** A promise of the event of `onStop`, fulfilled when `onStop` has returned. It is never rejected. */
  readonly closed: Promise<StopEvent>;
  /** The connection, until its `onTerminate` has returned. `null` if there is none. */
  readonly current: WebSocket<T> | null;
  /** The handler that was passed, or `null`. */
  readonly handler: ReconnectingHandler<T> | null;
  /** The type of received messages. */
  readonly dataType: T;
  /** The state of this object. */
  readonly status: ReconnectingStatus;
  /** The id of this object: a positive integer, unique in the process or page, also among the ids of connections. */
  readonly id: number;
  /** The number of bytes that are still to be sent, with or without a connection. */
  readonly bufferedAmount: number;
}

// Without this, every declaration would be exported, also `Handler`.
export {};
