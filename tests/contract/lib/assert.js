// Assertions. They run on every host, so they use no host-specific API.

/** A failed assertion. */
export class Failed extends Error {
  name = "Failed";
}

export function ok(value, what) {
  if (!value) throw new Failed(`not so: ${what}`);
}

export function equal(actual, expected, what = "the value") {
  if (!Object.is(actual, expected)) throw new Failed(`${what} is ${show(actual)}, not ${show(expected)}`);
}

/** Asserts equal JSON-like structures. The order of members is ignored. */
export function deepEqual(actual, expected, what = "the value") {
  if (!isAlike(actual, expected)) throw new Failed(`${what} is ${show(actual)}, not ${show(expected)}`);
}

/** Asserts that `text` contains each of `substrings`. */
export function contains(text, substrings, what = "the text") {
  const missing = [substrings].flat().filter((substring) => !String(text).includes(substring));
  if (missing.length > 0) throw new Failed(`${what} ${show(text)} does not contain ${missing.map(show).join(", ")}`);
}

/** Asserts that `call` throws a WebSocketError with the number, whose message contains the substrings. Returns it. */
export function throws(call, errCode, substrings = []) {
  const error = thrownBy(call);
  if (error.name !== "WebSocketError") throw new Failed(`threw ${show(error)}, not a WebSocketError`);
  equal(error.errCode, errCode, `errCode of "${error.message}"`);
  contains(error.message, substrings, "the message");
  return error;
}

/** The exception that `call` throws. */
export function thrownBy(call) {
  try {
    call();
  } catch (error) {
    return error;
  }
  throw new Failed("nothing was thrown");
}

/** A value as text for a message. */
export function show(value) {
  const text = describe(value);
  return text.length > 300 ? `${text.slice(0, 300)}… (${text.length} characters)` : text;
}

function describe(value) {
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (typeof value === "object" && value !== null) {
    try {
      return JSON.stringify(value) ?? String(value);
    } catch {
      return Object.prototype.toString.call(value);
    }
  }
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

function isAlike(a, b) {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && isAlike(a[key], b[key]));
}
