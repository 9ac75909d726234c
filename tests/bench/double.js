// A host's connection that is a plain EventTarget, so that only the cost of its subject is measured.

export class Double extends EventTarget {
  static CONNECTING = 0;
  static OPEN = 1;
  static CLOSING = 2;
  static CLOSED = 3;

  OPEN = 1;

  /** The connection that was opened last. */
  static last;

  readyState = 0;
  bufferedAmount = 0;
  binaryType = "blob";
  protocol = "";
  sent = 0;

  constructor() {
    super();
    Double.last = this;
    setTimeout(() => {
      this.readyState = 1;
      this.dispatchEvent(new Event("open"));
    });
  }

  // The attributes. Each of them is one listener.
  #attributes = {};

  #listen(kind, listener) {
    this.removeEventListener(kind, this.#attributes[kind] ?? null);
    this.#attributes[kind] = listener;
    if (listener) this.addEventListener(kind, listener);
  }

  set onopen(listener) {
    this.#listen("open", listener);
  }

  set onmessage(listener) {
    this.#listen("message", listener);
  }

  send() {
    this.sent += 1;
  }

  close() {}
}
