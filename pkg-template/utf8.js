// The texts that go into the wasm module and come out of it: names, words, and what is wrong, never a message. They are
// short, and to make the host's TextDecoder would take longer than all of them; some places have none.

/** The text of bytes that are UTF-8. */
export function decodeText(bytes) {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return /[^\0-\x7f]/.test(text) ? decodeURIComponent(escape(text)) : text;
}

/** What the glue asks of a TextEncoder. */
export const cachedTextEncoder = {
  encodeInto(text, view) {
    const bytes = unescape(encodeURIComponent(text.replace(/\p{Surrogate}/gu, "\ufffd")));
    for (let at = 0; at < bytes.length; at++) view[at] = bytes.charCodeAt(at);
    return { written: bytes.length };
  },
};
