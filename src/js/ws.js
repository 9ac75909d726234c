// The package `ws`, which stands in for the host's class on a Node that has none.

/** Has nobody miss an `error` event of a host's connection: one of `ws` would end the process. */
export const quiet = (socket) => socket.addEventListener("error", () => {});

/** Its options. The sending of its request may throw, and leave a connection behind that nobody has. */
export const optionsOf = (headers) => ({
  headers,
  finishRequest(request, socket) {
    quiet(socket);
    request.end();
  },
});

/** Its class, as Node finds it from the program that was started, or from what a link to that leads to. */
export function findWs() {
  const { argv, cwd, getBuiltinModule, _eval } = globalThis.process ?? {}; // A bundler has a polyfill for the bare name.
  const program = _eval === undefined && argv?.[1];
  const target = () => getBuiltinModule("node:fs").realpathSync(program);
  // Code that stands in no file, as that of a REPL or of `-e`, belongs to the folder it was started in.
  for (const origin of program ? [() => program, target] : [() => `${cwd()}/`]) {
    try {
      return getBuiltinModule("node:module").createRequire(origin())("ws");
    } catch {
      // Not installed beside it.
    }
  }
}
