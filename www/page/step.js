import { exactTime } from "./clock.js";
import { element } from "./element.js";
import { json, preview } from "./json.js";

/** The explanation of each call and callback. */
const EXPLANATIONS = {
  "ReconnectingWebSocket.new": () => "The first attempt starts. No callback runs before this call has returned.",
  "webSocket.send": () => "The message leaves on this connection.",
  "socket.retryNow": () => "The wait is over, and the next attempt starts.",
  "socket.terminate": () => "The connection closes, and none follows. onTerminate and onStop are called.",
  onOpen: () => "The connection is open.",
  onMessage: () => "A message has come.",
  onError: () => "Something went wrong. onTerminate follows.",
  onTerminate: ({ code }) => `This connection has ended with the code ${code}. It makes no further callback.`,
  onRetry: ({ attempt, delay, code }) =>
    `The connection ended with the code ${code}. Attempt ${attempt} follows in ${(delay / 1000).toFixed(1)} s, a random ` +
    "time, so that the clients of a server do not come back all at once. It waits longer after each attempt that fails.",
  onStop: ({ code }) => `No attempt follows. The last connection ended with the code ${code}.`,
  heartbeat: ({ interval, timeout }) =>
    `Nothing has come for ${interval / 1000} s: the class sends this message. If nothing comes for ${timeout / 1000} s after ` +
    "it, the connection is lost.",
};

/** Creates the step of the drawer for a call or a callback. It is one line until it is opened. */
export function createStep({ kind, name, source, value, status, error, date }) {
  const head = element(
    "summary",
    {},
    element("h3", {}, name),
    element("span", { className: "preview" }, error ? error.message : previewOf(name, value)),
    element("time", { dateTime: date.toISOString() }, exactTime(date)),
  );
  const details = element("details", {}, head);
  // Only a step that is opened has its content.
  details.addEventListener("toggle", () => details.append(...content()), { once: true });
  const content = () => {
    const explanation = `${EXPLANATIONS[name]?.(value) ?? ""} Status: `;
    const parts = [element("p", {}, explanation, element("span", { className: "step-status" }, status ?? "none"))];
    if (error) parts.push(element("pre", { className: "error" }, `${error.name} ${error.errCode}: ${error.message}`));
    if (Object.keys(value).length > 0) parts.push(json(value));
    parts.push(element("pre", { className: "code" }, source));
    return parts;
  };
  const item = element("li", { className: kind }, details);
  item.dataset.name = kind === "call" ? "calls" : name;
  return item;
}

/** The preview of a step on its line: the data of a message rather than the type of its event. */
function previewOf(name, value) {
  if (name === "heartbeat" || name === "onRetry") return EXPLANATIONS[name](value);
  const { type, data, ...rest } = value;
  const shown = data ?? (Object.keys(rest).length > 0 ? rest : null);
  return shown === null ? "" : preview(shown);
}
