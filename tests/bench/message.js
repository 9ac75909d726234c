// The messages that are measured, of an exact size in bytes on the connection.

/** `{"data":""}` */
const AROUND = 11;

/** What an application sends. */
export const made = {
  text: (size) => "x".repeat(size),
  binary: (size) => new Uint8Array(size).fill(120),
  object: (size) => ({ data: "x".repeat(size - AROUND) }),
};

/** What a host's event has as `data`. */
export const arrived = {
  text: made.text,
  binary: (size) => new Blob([made.binary(size)]),
  object: (size) => JSON.stringify(made.object(size)),
};

/** The size of what an application receives. */
export const sizeOf = {
  text: (data) => data.length,
  binary: (data) => data.size,
  object: ({ data }) => data.length + AROUND,
};

/** The `dataType` that each kind is received as. */
export const dataTypes = { text: "text", binary: "blob", object: "object" };
