// The messages of the bench, with an exact size in bytes on the connection.

/** `{"data":""}` */
const AROUND = 11;

/** The message that an application sends. */
export const made = {
  text: (size) => "x".repeat(size),
  binary: (size) => new Uint8Array(size).fill(120),
  object: (size) => ({ data: "x".repeat(size - AROUND) }),
};

/** The `data` of a host's event. */
export const arrived = {
  text: made.text,
  binary: (size) => new Blob([made.binary(size)]),
  object: (size) => JSON.stringify(made.object(size)),
};

/** The size of the data that an application receives. */
export const sizeOf = {
  text: (data) => data.length,
  binary: (data) => data.size,
  object: ({ data }) => data.length + AROUND,
};

/** The `dataType` for each kind. */
export const dataTypes = { text: "text", binary: "blob", object: "object" };
