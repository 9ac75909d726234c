// A program in Rust with the crate, which leaves the text of each message where it is.

import { open as openReading } from "./fourd-websocket.js";

export const leavesTexts = true;
export const open = (url, given) => openReading(url, { ...given, leavesTexts });
