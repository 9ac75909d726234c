// What the crate is for programs in Rust, as a class like the package's. tests/common/bridge.rs is its other half.

// tests/face has what is left of these.
const skipped = {
  "what is wrong here does not compile in Rust": [
    "a_callback_that_is_not_a_function_throws",
    "a_handler_that_is_not_an_object_throws",
    "a_header_value_that_is_not_one_throws",
    "a_message_says_what_was_wrong_and_what_is_allowed",
    "a_url_that_is_not_text_throws",
    "a_wrong_close_timeout_throws",
    "a_wrong_data_type_throws",
    "headers_that_are_not_an_object_throw",
    "messages_about_calls_say_what_is_allowed",
    "nothing_is_opened_when_new_throws",
    "protocols_that_are_not_strings_throw",
    "what_cannot_be_printed_throws_a_web_socket_error_all_the_same",
    "what_cannot_be_read_is_not_a_message",
    "wrong_codes_and_reasons_throw_when_closed",
    "wrong_codes_and_reasons_throw_when_open",
    "wrong_codes_and_reasons_throw_while_closing",
    "wrong_codes_and_reasons_throw_while_connecting",
  ],
  "the settings of a handler in Rust are methods, which throw nothing": [
    "a_getter_in_headers_that_throws_is_the_cause",
    "a_getter_that_throws_makes_new_throw_with_its_cause",
  ],
};

const reasons = new Map(Object.entries(skipped).flatMap(([reason, names]) => names.map((name) => [name, reason])));

/** Why a case says nothing of a program in Rust; undefined if it does. */
export const reasonToSkip = (name) => reasons.get(name);

export const skippedNames = () => [...reasons.keys()];

/** What kind of value something is. */
export const tag = (value) => Object.prototype.toString.call(value);

/** The handler of a program in Rust. */
class Adapter {
  #handler;
  #ws;

  constructor(handler, ws) {
    this.#handler = handler ?? {};
    this.#ws = ws;
  }

  get dataType() {
    return this.#handler.dataType;
  }

  get headers() {
    const entries = Object.entries(this.#handler.headers ?? {});
    return entries.flatMap(([name, values]) => [values].flat().flatMap((value) => [name, value]));
  }

  get protocols() {
    return [this.#handler.protocols ?? []].flat();
  }

  get closeTimeout() {
    return this.#handler.closeTimeout ?? 5000;
  }

  open() {
    this.#handler.onOpen?.(this.#ws, { type: "open" });
  }

  message(data) {
    this.#handler.onMessage?.(this.#ws, { type: "message", data });
  }

  error(codes, messages) {
    const entry = (errCode, at) => ({ errCode, message: messages[at], componentSignature: "4DWS" });
    this.#handler.onError?.(this.#ws, { type: "error", errors: Array.from(codes, entry) });
  }

  terminate(code, reason, wasClean) {
    this.#handler.onTerminate?.(this.#ws, Object.freeze({ type: "terminate", code, reason, wasClean }));
  }
}

/** The class on `open`, which opens a connection in Rust. */
export const classOn = (open) =>
  class WebSocket {
    #bridge;
    #handler;

    static new(url, handler) {
      return new this(url, handler);
    }

    constructor(url, handler) {
      this.#handler = handler ?? null;
      this.#bridge = open(`${url}`, new Adapter(handler, this));
    }

    send(message) {
      this.#bridge.send(message);
    }

    terminate(code, reason) {
      this.#bridge.terminate(code, reason ?? "");
    }

    get handler() {
      return this.#handler;
    }

    get url() {
      return this.#bridge.url;
    }

    get dataType() {
      return this.#bridge.dataType;
    }

    get status() {
      return this.#bridge.status;
    }

    get id() {
      return this.#bridge.id;
    }

    get protocol() {
      return this.#bridge.protocol;
    }

    get bufferedAmount() {
      return this.#bridge.bufferedAmount;
    }
  };
