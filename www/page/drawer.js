import { createStep } from "./step.js";
import { Tail } from "./tail.js";

const MAX_STEPS = 200;
const CALLBACKS = ["onOpen", "onMessage", "onError", "onTerminate", "onRetry", "onStop"];

/** Shows each call of the class and each callback in order, with its values and its source. */
export class Drawer {
  #dialog = document.querySelector("#drawer");
  #button = document.querySelector("#show-drawer");
  #filter = this.#dialog.querySelector("select");
  #list = this.#dialog.querySelector("ol");
  #tail = new Tail(this.#dialog.querySelector(".steps"));
  #isWide = matchMedia("(min-width: 64rem)");
  /** The last steps that are not in the page yet. */
  #waiting = [];
  #isExpected = false;

  constructor() {
    this.#button.addEventListener("click", () => (this.#dialog.open ? this.#dialog.close() : this.#open()));
    this.#dialog.querySelector("button").addEventListener("click", () => this.#dialog.close());
    this.#dialog.addEventListener("close", () => (this.#button.ariaExpanded = `${this.#dialog.open}`));
    this.#dialog.addEventListener("keydown", ({ key }) => key === "Escape" && this.#dialog.close());
    this.#filter.append(...["heartbeat", ...CALLBACKS].map((name) => new Option(name, name)));
    this.#filter.addEventListener("change", () => this.#applyFilter(this.#list.children));
    // A wide page has the drawer beside the room, a narrow one over it.
    this.#isWide.addEventListener("change", () => {
      if (!this.#dialog.open) return;
      this.#dialog.close();
      this.#open();
    });
  }

  /** Makes a call of the class, and shows it with the exception that it throws. */
  call(code, values) {
    const source = code.toString().replace(/^.*?=>\s*/s, "");
    const step = { kind: "call", name: source.slice(0, source.indexOf("(")), source, value: plain(values) };
    let target = values.webSocket ?? values.socket;
    try {
      const result = code(values);
      target ??= result;
      return result;
    } catch (error) {
      step.error = error;
      throw error;
    } finally {
      this.#add({ ...step, status: target?.status });
    }
  }

  /** Makes a handler show each callback in the drawer before the callback runs, and each message of its heartbeat. */
  watch(handler) {
    const drawer = this;
    for (const name of CALLBACKS) {
      const callback = handler[name];
      const source = dedented(callback.toString());
      handler[name] = function (ws, event) {
        drawer.#add({ kind: "callback", name, source, value: event, status: ws.status });
        return callback.call(this, ws, event);
      };
    }
    const { message, ...times } = handler.heartbeat;
    const source = `heartbeat = { message: ${message}, interval: ${times.interval}, timeout: ${times.timeout} }`;
    const watched = () => {
      const value = message();
      drawer.#add({ kind: "callback", name: "heartbeat", source, value: { ...value, ...times }, status: "Connected" });
      return value;
    };
    handler.heartbeat = { ...times, message: watched };
    return handler;
  }

  #open() {
    this.#button.ariaExpanded = "true";
    if (this.#isWide.matches) this.#dialog.show();
    else this.#dialog.showModal();
    this.#tail.follow();
    this.#expectFrame();
  }

  #add(step) {
    this.#waiting.push({ ...step, date: new Date() });
    if (this.#waiting.length > MAX_STEPS) this.#waiting.shift();
    this.#expectFrame();
  }

  #expectFrame() {
    if (this.#isExpected || !this.#dialog.open) return;
    this.#isExpected = true;
    requestAnimationFrame(() => {
      this.#isExpected = false;
      const steps = this.#waiting.splice(0).map(createStep);
      this.#applyFilter(steps);
      this.#list.append(...steps);
      while (this.#list.childElementCount > MAX_STEPS) this.#list.firstElementChild.remove();
      this.#tail.keep();
    });
  }

  #applyFilter(steps) {
    const { value } = this.#filter;
    for (const step of steps) step.hidden = value !== "" && step.dataset.name !== value;
  }
}

/** The values of a call, without the objects of the page. */
function plain({ webSocket, socket, handler, ...values }) {
  const shown = (value) => {
    if (value instanceof Blob) return `Blob of ${value.size} bytes, ${value.type}`;
    return typeof value === "function" ? `${value}` : value;
  };
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, shown(value)]));
}

/** The source of a method without its indentation. */
function dedented(source) {
  const [indent] = / *(?=\}$)/.exec(source) ?? [""];
  return source.replaceAll(new RegExp(`^${indent}`, "gm"), "");
}
