// The handler of a program in Rust as the object that a connection takes.

/** `call` is called with the place of a callback, and what it is told. `pairs` is name, value, name, value, … */
export function handlerOf(call, dataType, pairs, protocols, closeTimeout) {
  const headers = Object.create(null);
  for (let at = 0; at < pairs.length; at += 2) (headers[pairs[at]] ??= []).push(pairs[at + 1]);
  return {
    onOpen: () => call(0),
    onMessage: (_, { data }) => call(1, data),
    onError: (_, event) => call(2, event),
    onTerminate: (_, event) => call(3, event),
    dataType,
    // Where there are headers, a host that cannot send any refuses the connection.
    headers: pairs.length > 0 ? headers : undefined,
    protocols,
    closeTimeout,
  };
}
