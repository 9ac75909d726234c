import { element } from "./element.js";
import { Tail } from "./tail.js";

const MAX_STEPS = 200;
const MAX_CHARACTERS = 1500;
const CALLBACKS = ["onOpen", "onMessage", "onError", "onTerminate"];
const time = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 3,
});

/** Shows each call of the class and each callback in order, with its values and its source. */
export class Drawer {
  #dialog = document.querySelector("#drawer");
  #button = document.querySelector("#show-drawer");
  #list = this.#dialog.querySelector("ol");
  #tail = new Tail(this.#dialog.querySelector(".steps"));
  #isWide = matchMedia("(min-width: 64rem)");
  /** The last steps that are not in the page yet. */
  #waiting = [];
  #isExpected = false;
  #seen = new Set();

  constructor() {
    this.#button.addEventListener("click", () => (this.#dialog.open ? this.#dialog.close() : this.#open()));
    this.#dialog.querySelector("button").addEventListener("click", () => this.#dialog.close());
    this.#dialog.addEventListener("close", () => (this.#button.ariaExpanded = `${this.#dialog.open}`));
    this.#dialog.addEventListener("keydown", ({ key }) => key === "Escape" && this.#dialog.close());
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
    let { webSocket } = values;
    try {
      const result = code(values);
      webSocket ??= result;
      return result;
    } catch (error) {
      step.error = error;
      throw error;
    } finally {
      this.#add({ ...step, status: webSocket?.status });
    }
  }

  /** Makes a handler show each callback in the drawer before the callback runs. */
  watch(handler) {
    const drawer = this;
    for (const name of CALLBACKS) {
      const callback = handler[name];
      const source = dedented(callback.toString());
      handler[name] = function (ws, event) {
        drawer.#add({ kind: "callback", name, source, value: event, status: ws.status });
        callback.call(this, ws, event);
      };
    }
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
      this.#list.append(...this.#waiting.splice(0).map((step) => this.#item(step)));
      while (this.#list.childElementCount > MAX_STEPS) this.#list.firstElementChild.remove();
    });
  }

  #item({ kind, name, source, value, status, error, date }) {
    const head = element(
      "div",
      { className: "step-head" },
      element("h3", {}, name),
      element("span", { className: "step-status" }, status ?? ""),
      element("time", { dateTime: date.toISOString() }, time.format(date)),
    );
    const item = element("li", { className: kind }, head);
    if (kind === "call") item.append(element("pre", { className: "code" }, source));
    if (Object.keys(value).length > 0) item.append(element("pre", { className: "value" }, json(value)));
    if (error) item.append(element("pre", { className: "error" }, `${error.name} ${error.errCode}: ${error.message}`));
    if (kind === "callback") {
      // The source of a callback is open at its first step.
      const details = element("details", { open: !this.#seen.has(name) }, element("summary", {}, "Code"));
      this.#seen.add(name);
      details.append(element("pre", { className: "code" }, source));
      item.append(details);
    }
    return item;
  }
}

/** The values of a call, without the objects of the page. */
function plain({ webSocket, handler, ...values }) {
  const shown = (value) => (value instanceof Blob ? `Blob of ${value.size} bytes, ${value.type}` : value);
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, shown(value)]));
}

function json(value) {
  const text = JSON.stringify(value, null, 2);
  const rest = text.length - MAX_CHARACTERS;
  return rest > 0 ? `${text.slice(0, MAX_CHARACTERS)}\n… ${rest.toLocaleString()} characters more` : text;
}

/** The source of a method without its indentation. */
function dedented(source) {
  const [indent] = / *(?=\}$)/.exec(source) ?? [""];
  return source.replaceAll(new RegExp(`^${indent}`, "gm"), "");
}
