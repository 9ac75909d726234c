// Autobahn's cases. In each, the client opens a connection and sends every message back. They run with the host's own
// class and with the package. The peer compares the verdicts (tests/peers, autobahn_peer).

export const limit = 200_000;

/** The number of cases that run at the same time. */
const TOGETHER = 8;

/** Runs a case with the host's own class. Returns the kinds of the received messages. */
const playBare = (url) =>
  new Promise((resolve) => {
    const kinds = new Set();
    const socket = new globalThis.WebSocket(url);
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => {
      kinds.add(typeof data === "string" ? "text" : "binary");
      socket.send(data);
    };
    socket.onclose = () => resolve(kinds);
  });

/** Milliseconds, longer than any case takes. If a message is not sent back, the server waits. That may only cost one
    verdict. */
const PATIENCE = 15_000;

/** Runs a case with the package. A text has to be sent back as text. Only "blob" leaves binary data unchanged. */
const playPackage = async (t, url, dataType) => {
  let patience;
  await new Promise((onTerminate) => {
    const ws = t.WebSocket.new(url, { dataType, onMessage: (ws, { data }) => ws.send(data), onTerminate });
    patience = setTimeout(() => ws.terminate(), PATIENCE);
  });
  clearTimeout(patience);
};

export async function every_case_is_played_with_the_hosts_class_and_with_the_package(t) {
  const { address, count, agents } = t.given;
  const cases = Array.from({ length: count }, (_, index) => index + 1);
  const url = (index, agent) => `${address}/runCase?case=${index}&agent=${agent}`;
  const kinds = new Map();
  const bare = async (index) => kinds.set(index, await playBare(url(index, agents.bare)));
  await t.inBatches(cases, bare, TOGETHER);
  const mixed = cases.filter((index) => kinds.get(index).size > 1);
  t.deepEqual(mixed, [], "the cases with messages of both kinds");
  const dataType = (index) => (kinds.get(index).has("binary") ? "blob" : "text");
  await t.inBatches(cases, (index) => playPackage(t, url(index, agents.package), dataType(index)), TOGETHER);
  // The server writes its report and ends.
  await new Promise((resolve) => {
    new globalThis.WebSocket(`${address}/updateReports?agent=${agents.package}`).onclose = resolve;
  });
}
