// Converts texts that cross the boundary of the wasm module: names, keywords and error messages, never messages of a
// connection. They are short: creating the host's TextDecoder would take longer. Some environments have none.

/** Decodes UTF-8. */
export function decodeText(bytes) {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return /[^\0-\x7f]/.test(text) ? decodeURIComponent(escape(text)) : text;
}

/** The part of a TextEncoder that the glue uses. */
export const cachedTextEncoder = {
  encodeInto(text, view) {
    const bytes = unescape(encodeURIComponent(text.replace(/\p{Surrogate}/gu, "\ufffd")));
    for (let at = 0; at < bytes.length; at++) view[at] = bytes.charCodeAt(at);
    return { written: bytes.length };
  },
};
