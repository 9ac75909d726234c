// The times of messages, calls and callbacks.

const short = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });
const medium = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });
const day = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });

/** Hours and minutes. */
export const clockTime = (time) => short.format(time);

/** Hours, minutes and seconds. */
export const exactTime = (time) => medium.format(time);

/** The day and the time. */
export const fullTime = (time) => full.format(time);

export const dayOf = (time) => day.format(time);
