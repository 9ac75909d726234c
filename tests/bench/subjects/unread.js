// A program in Rust with the crate. It does not read the text of messages.

import { open as openReading } from "./fourd-websocket.js";

export const leavesTexts = true;
export const open = (url, options) => openReading(url, { ...options, leavesTexts });
