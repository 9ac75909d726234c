// The end of a connection, described for a reader. The drawer has the code and the reason.

const AGAIN = "Join again in a moment.";
const FAULT = "Something went wrong on this page.";

/** The summary and the next step for each close code. `null` stands for the server's reason, which is for people. */
const ENDS = {
  1000: ["The chat has ended.", ""],
  1001: ["The chat is restarting.", AGAIN],
  1006: ["Connection lost.", AGAIN],
  1011: ["The chat has a problem.", AGAIN],
  1012: ["The chat is restarting.", AGAIN],
  1013: ["The chat is full.", AGAIN],
  4003: ["Your name was not accepted.", null],
  4004: ["The room was not accepted.", null],
  4005: ["The message is too long.", null],
  4006: ["That was too fast.", AGAIN],
  4009: ["The picture was not accepted.", null],
  4010: ["This page could not keep up.", AGAIN],
  4011: ["The message took too long.", AGAIN],
  4012: ["You are in the room on another connection.", ""],
};

/** Describes the end of the connection in this state. */
export function ending({ end, wasOpened, hasLeft, leaveReason }) {
  if (hasLeft) return { summary: "You left.", detail: leaveReason };
  const [summary, detail] = descriptionOf(end, wasOpened);
  return { summary, detail: detail ?? end.reason };
}

/** Describes why the connection ended, without a next step. */
export function cause({ end, wasOpened }) {
  const [summary, detail] = descriptionOf(end, wasOpened);
  return detail === null ? `${summary} ${end.reason}` : summary;
}

function descriptionOf({ code }, wasOpened) {
  if (code === 1006 && !wasOpened) return ["The chat cannot be reached.", AGAIN];
  return ENDS[code] ?? [FAULT, "Join again. The callbacks have the details."];
}

/** The text after the name in the note about a person who left. */
export function departure({ code, reason }) {
  if (code === 1006) return " lost the connection";
  return reason ? " left: " : " left";
}
