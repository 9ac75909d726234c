import { element } from "./element.js";
import { linked } from "./link.js";

/** The largest size of a picture among the messages, in CSS pixels. */
const MAX_WIDTH = 288;
const MAX_HEIGHT = 320;

/** Creates an entry: a text or a picture, and its mark. The mark shows whether it is sent. */
export function createEntry(entry, mark) {
  const isPicture = entry.kind === "picture";
  const content = isPicture
    ? picture(entry)
    : element("p", { className: "text", dir: "auto" }, ...textWithLinks(entry.text));
  return element("div", { className: isPicture ? "entry shown" : "entry" }, content, ...(mark ? [mark] : []));
}

/** Creates the mark of a message that the server has. */
export function sentMark() {
  return document.querySelector("#sent-mark").content.firstElementChild.cloneNode(true);
}

/** Creates the mark of a message that is on its way. */
export function goingMark() {
  return document.querySelector("#going-mark").content.firstElementChild.cloneNode(true);
}

function textWithLinks(text) {
  return linked(text).map((part) =>
    typeof part === "string"
      ? part
      : element("a", { href: part.href, target: "_blank", rel: "noopener noreferrer" }, part.text),
  );
}

function picture({ name, url, width, height }) {
  const image = element("img", { src: url, alt: name ? `Picture from ${name}` : "Your picture", decoding: "async" });
  Object.assign(image, fitted(width, height));
  return element("a", { className: "picture", href: url, target: "_blank", rel: "noopener" }, image);
}

/** The size of a picture among the messages, in its own proportions. */
export function fitted(width, height) {
  if (!width || !height) return {};
  const scale = Math.min(1, MAX_WIDTH / width, MAX_HEIGHT / height);
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}
