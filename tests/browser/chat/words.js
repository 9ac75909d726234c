// The functions for cases of the chat's page.

/** Returns the functions. This function runs in the page. */
export function pageFunctions() {
  const $ = (selector) => document.querySelector(selector);
  const all = (selector) => [...document.querySelectorAll(selector)];
  return {
    $,
    all,
    texts: (selector) => all(selector).map((element) => element.textContent.trim()),
    /** Checks a condition in every frame until it holds. */
    async until(condition) {
      for (;;) {
        const value = await condition();
        if (value) return value;
        await new Promise(requestAnimationFrame);
      }
    },
    write(selector, text) {
      $(selector).value = text;
      $(selector).dispatchEvent(new InputEvent("input", { bubbles: true }));
    },
    /** A person without a page, who joins a room. */
    person: (name, room) =>
      new Promise((joined, failed) => {
        const socket = new WebSocket(new URL("/chat", location.href.replace("http", "ws")));
        socket.onopen = () => socket.send(JSON.stringify({ kind: "join", name, room }));
        socket.onmessage = () => joined(socket);
        socket.onclose = ({ code, reason }) => failed(`${name}: ${code} ${reason}`);
      }),
    say: (socket, text) => socket.send(JSON.stringify({ kind: "say", text })),
    /** A file in a drop or on the clipboard. */
    transfer(bytes, name, type) {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(bytes)], name, { type }));
      return data;
    },
  };
}
