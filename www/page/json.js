import { element } from "./element.js";

const LEFT_OUT = ["id", "time"];

/** Shows a value as JSON: coloured, with the inner objects and arrays folded. The text of the element is the JSON. */
export function json(value) {
  return element("div", { className: "value" }, ...lines(value, ""));
}

function lines(value, indent, ending = "") {
  if (value === null || typeof value !== "object") return [literal(value), ending];
  const isArray = Array.isArray(value);
  const [open, close] = isArray ? "[]" : "{}";
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  if (members.length === 0) return [open + close, ending];
  const inner = `${indent}  `;
  const rows = members.map(([name, member], at) => {
    const key = isArray ? [] : [element("span", { className: "key" }, JSON.stringify(name)), ": "];
    const comma = at < members.length - 1 ? "," : "";
    return folded([inner, ...key], member, inner, comma);
  });
  return [`${open}\n`, ...rows, `${indent}${close}${ending}`];
}

/** A member on a line of its own. One that has members itself is folded. */
function folded(start, member, indent, comma) {
  const content = lines(member, indent, comma);
  if (content.length < 3) return element("span", {}, ...start, ...content, "\n");
  const [open, ...rest] = [content[0].trimEnd(), ...content.slice(1)];
  const summary = element("summary", { className: open.startsWith("[") ? "array" : "object" }, ...start, open);
  return element("details", {}, summary, ...rest, "\n");
}

function literal(value) {
  const className = value === null ? "null" : typeof value;
  return element("span", { className }, JSON.stringify(value));
}

/** The start of a value as JSON, for one line, without the parts that matter little to a reader. */
export function preview(value) {
  return JSON.stringify(value, (name, member) => (LEFT_OUT.includes(name) ? undefined : member)).slice(0, 200);
}
