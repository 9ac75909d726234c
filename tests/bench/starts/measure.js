import { Double } from "../double.js";

/** Milliseconds from the import until there is a connection. */
export async function measure(load) {
  globalThis.WebSocket = Double;
  const start = performance.now();
  const { connect } = await load();
  connect();
  return performance.now() - start;
}
