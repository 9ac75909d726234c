const WORDS = {
  1000: "The server ended the connection",
  1001: "The server went away",
  1005: "The server ended the connection without a code",
  1006: "The connection was lost",
  1007: "The server could not read a message",
  1011: "The server had an error",
  4000: "The server did not understand a message",
  4001: "The server did not know a kind of message",
  4002: "The server did not get a join in time",
  4003: "Your name was refused",
  4004: "The room was refused",
  4005: "A message was too long",
  4006: "That was too fast",
  4007: "A message could not be read",
  4008: "A message could not be sent",
  4009: "The picture was refused",
  4010: "This page read too slowly",
  4011: "A message came too slowly",
};

/** Describes an event of `onTerminate` to the user. `wasOpened` and `hasLeft` are the state before the event. */
export function ending({ code, reason }, { wasOpened, hasLeft }) {
  const words = hasLeft ? "You left" : wasOpened || code !== 1006 ? WORDS[code] : "The server could not be reached";
  return { words: words ?? "The connection was closed", code, reason };
}
