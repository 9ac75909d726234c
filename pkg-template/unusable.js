// The error for a host on which the package cannot be used.

import { componentSignature, errCode, message as noModule } from "./no-module.js";

/** The exception to throw. A `WebSocketError` as `cause` is returned unchanged. */
export function unusable(cause, message = noModule) {
  if (cause?.errCode) return cause;
  const error = new Error(message, { cause });
  Object.defineProperty(error, "name", { value: "WebSocketError" });
  return Object.assign(error, { errCode, componentSignature });
}
