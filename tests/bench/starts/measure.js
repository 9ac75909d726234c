import { Double } from "../double.js";

/** The milliseconds from the import to the first connection. */
export async function measure(load) {
  globalThis.WebSocket = Double;
  const start = performance.now();
  const { connect } = await load();
  connect();
  return performance.now() - start;
}
