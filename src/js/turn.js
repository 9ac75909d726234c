// Taken now: where an application fakes it later, no exception is kept back, and no end.
export const { queueMicrotask: soon, setTimeout: task } = globalThis;

/** Has an exception surface as uncaught, in a turn of its own: Node has no `reportError`. */
export function report(error) {
  soon(() => {
    throw error;
  });
}
