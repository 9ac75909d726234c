// The state of the chat and what is shown for it, without a page.

import assert from "node:assert/strict";

import { clockTime, exactTime } from "../../../www/page/clock.js";
import { departure } from "../../../www/page/ending.js";
import { fitted } from "../../../www/page/entry.js";
import { linked } from "../../../www/page/link.js";
import { initialState, isFinal, isGoingOn, joinOf, next, toSend } from "../../../www/page/state.js";
import { view } from "../../../www/page/view.js";

/** The state after these events. */
const after = (events, start = initialState({ token: "t" })) => events.reduce(next, start);

const joined = (history = [], more = {}) => ({
  type: "received",
  time: 1,
  message: { kind: "joined", name: "Ada", room: "Harbour", people: ["Ada"], complete: true, history, ...more },
});
const said = (id, name, text) => ({ kind: "said", id, name, time: id, text });
const received = (message) => ({ type: "received", message });
const write = (key, text) => ({ type: "write", message: { key, kind: "said", text, time: 1 } });
const JOIN = { type: "join", name: "Ada", room: "Harbour" };
const ENTER = [JOIN, { type: "opened" }, joined()];
const STOP = [{ type: "terminated", code: 1006, reason: "" }, { type: "stopped" }];
const LOSE = [
  { type: "terminated", code: 1006, reason: "" },
  { type: "retry", retryAt: 5000 },
];
const RETURN = [{ type: "attempt" }, { type: "opened" }];

const texts = ({ log }) => log.map(({ kind, text }) => text ?? kind);

it("a_connection_is_told_in_words_of_the_reader_in_every_state", () => {
  const shown = (events, now = 2000) => view(after(events), now);
  const label = (events) => shown(events).status.label;
  assert.equal(label([]), "");
  assert.equal(label([JOIN]), "Connecting…");
  assert.equal(label([JOIN, { type: "opened" }]), "Joining…");
  assert.equal(label(ENTER), "Connected");
  assert.equal(label([...ENTER, { type: "leave" }]), "Leaving…");
  assert.equal(label([...ENTER, ...STOP]), "Not connected");
  assert.equal(label([...ENTER, { type: "leave" }, ...STOP]), "You left");
  assert.equal(label([...ENTER, ...LOSE]), "Connection lost");
  assert.equal(label([...ENTER, ...LOSE, { type: "attempt" }]), "Connecting again…");
  assert.equal(label([...ENTER, ...LOSE, { type: "online", isOnline: false }]), "Offline");
  assert.deepEqual(shown([...ENTER, ...LOSE]).comeback, {
    summary: "Connection lost.",
    countdown: "Trying again in 3 s",
    canTry: true,
  });
  assert.equal(shown([...ENTER, ...LOSE], 4999).comeback.countdown, "Trying again in 1 s");
  assert.equal(shown([...ENTER, ...LOSE], 5000).comeback.countdown, "Trying again…");
  assert.equal(shown([...ENTER, ...LOSE, { type: "attempt" }]).comeback.canTry, false);
  const offline = shown([...ENTER, ...LOSE, { type: "online", isOnline: false }]).comeback;
  assert.deepEqual(offline, {
    summary: "You are offline.",
    countdown: "The chat comes back with the network.",
    canTry: false,
  });
  const online = [
    { type: "online", isOnline: false },
    { type: "online", isOnline: true },
  ];
  assert.equal(shown([...ENTER, ...LOSE, ...online]).comeback.canTry, true);
  assert.equal(label([...ENTER, ...LOSE, { type: "online", isOnline: false }, { type: "attempt" }]), "Offline");
  const restart = [{ type: "terminated", code: 1001, reason: "…" }, LOSE[1]];
  assert.equal(shown([...ENTER, ...restart]).comeback.summary, "The chat is restarting.");
  assert.equal(shown([...ENTER, ...restart]).ending, null);
  // After a restart, failed attempts do not change the summary.
  const failed = [{ type: "attempt" }, ...LOSE];
  assert.equal(shown([...ENTER, ...restart, ...failed]).comeback.summary, "The chat is restarting.");
  assert.equal(shown([...ENTER, ...restart, ...RETURN, ...LOSE]).comeback.summary, "Connection lost.");
  assert.equal(shown([...ENTER, ...STOP, JOIN, ...LOSE]).comeback.summary, "The chat cannot be reached.");
  for (const events of [ENTER, [...ENTER, ...STOP], [...ENTER, ...LOSE, ...RETURN, joined()]]) {
    assert.equal(shown(events).comeback, null);
  }
});

it("who_is_cut_off_is_told_why", () => {
  const cut = (code, reason) => [...ENTER, { type: "terminated", code, reason }, LOSE[1]];
  for (const [code, cause] of [
    [1011, "The chat has a problem."],
    [1012, "The chat is restarting."],
    [1013, "The chat is full."],
    [4000, "Something went wrong on this page."],
    [4005, "The message is too long. A text has at most 2,000 characters."],
    [4006, "That was too fast."],
    [4009, "The picture was not accepted. A picture has at most 4,096 pixels on each side."],
    [4010, "This page could not keep up."],
    [4011, "The message took too long."],
  ]) {
    const reason = cause.slice(cause.indexOf(".") + 2);
    const { comeback } = view(after(cut(code, reason)), 2000);
    assert.deepEqual(comeback, { summary: cause, countdown: "Trying again in 3 s", canTry: true }, `${code}`);
    // The banner goes when the connection is back. What the server has refused stays in the log.
    const back = after([...cut(code, reason), { type: "attempt" }, ...LOSE, ...RETURN, joined()]);
    assert.equal(view(back, 0).comeback, null);
    const [note] = back.log.slice(1);
    const expected = code < 4000 ? undefined : { kind: "refused", time: 1, end: { code, reason } };
    assert.deepEqual(note, expected, `${code}`);
  }
});

it("no_end_is_told_with_a_code_or_a_word_of_the_library", () => {
  for (let code = 1000; code < 5000; code += 1) {
    const { ending } = view(after([...ENTER, { type: "terminated", code, reason: "" }, { type: "stopped" }]), 0);
    if (!ending) assert([4003, 4004].includes(code), `${code}`);
    else assert.match(`${ending.summary} ${ending.detail}`, /^[A-Z][^0-9(]* ?$/, `${code}`);
  }
  const end = (events) => view(after(events), 0).ending;
  assert.deepEqual(end([JOIN, ...STOP]), null);
  assert.equal(view(after([JOIN, ...STOP]), 0).form.problem, "The chat cannot be reached. Join again in a moment.");
  const again = [...ENTER, ...STOP, JOIN, ...STOP];
  assert.deepEqual(end(again), { summary: "The chat cannot be reached.", detail: "Join again in a moment." });
  const leave = [
    { type: "leave", reason: "lunch" },
    { type: "terminated", code: 1000, reason: "" },
    { type: "stopped" },
  ];
  assert.deepEqual(end([...ENTER, ...leave]), { summary: "You left.", detail: "lunch" });
  assert.equal(departure({ code: 1006, reason: "The connection was lost." }), " lost the connection");
  assert.equal(departure({ code: 1000, reason: "" }), " left");
  assert.equal(departure({ code: 3001, reason: "lunch" }), " left: ");
});

it("an_error_is_told_until_something_follows_it", () => {
  const error = { type: "error", field: "message", text: "wrong" };
  const shown = (...events) => view(after([...ENTER, error, ...events]), 0).errors.message;
  assert.equal(shown(), "wrong");
  for (const event of [
    { type: "typed", field: "message" },
    write(1, "a"),
    { type: "again", key: 1 },
    { type: "leave" },
  ]) {
    assert.equal(shown(event), undefined, event.type);
  }
  assert.equal(shown(...STOP, JOIN), undefined);
  const refusal = { type: "terminated", code: 4003, reason: "Somebody has this name." };
  const refused = after([...ENTER, ...STOP, JOIN, refusal, { type: "stopped" }]);
  assert.deepEqual(refused.errors, { name: "Somebody has this name." });
  assert.equal(view(refused, 0).form.isShown, true);
  assert.deepEqual(next(refused, { ...JOIN, name: "Eve" }).errors, {});
});

it("a_message_leaves_when_the_room_is_joined_and_is_confirmed_by_the_server", () => {
  let state = after([JOIN, write(1, "early")]);
  assert.deepEqual(toSend(state), []);
  state = after([{ type: "opened" }], state);
  assert.deepEqual(toSend(state), []);
  // An older entry with the same name and text is another one.
  state = after([joined([said(3, "Ada", "early")])], state);
  assert.deepEqual(
    toSend(state).map(({ key }) => key),
    [1],
  );
  state = after([{ type: "sent", key: 1 }], state);
  assert.deepEqual(toSend(state), []);
  state = after([received(said(4, "Eve", "early"))], state);
  assert.equal(state.outgoing.length, 1);
  state = after([received(said(5, "Ada", "early"))], state);
  assert.deepEqual([state.outgoing, state.lastId], [[], 5]);
  assert.deepEqual(texts(state), ["early", "joined", "early", "early"]);
  const failed = after([...ENTER, write(1, "a"), { type: "failed", key: 1 }]);
  assert.deepEqual([failed.outgoing[0].isGoing, toSend(failed)], [false, []]);
  assert.equal(toSend(next(failed, { type: "again", key: 1 })).length, 1);
});

it("who_comes_back_has_everything_once_and_sends_what_did_not_arrive", () => {
  const sent = [write(1, "arrived"), write(2, "lost")].flatMap((event, at) => [event, { type: "sent", key: at + 1 }]);
  const lost = after([...ENTER, received(said(7, "Eve", "before")), ...sent, ...LOSE, write(3, "meanwhile")]);
  assert.deepEqual(joinOf(lost), { name: "Ada", room: "Harbour", after: 7, token: "t" });
  assert.equal(isGoingOn(lost), true);
  const history = [said(8, "Ada", "arrived"), said(9, "Eve", "missed")];
  const back = after([...RETURN, joined(history)], lost);
  assert.deepEqual(texts(back), ["joined", "before", "arrived", "missed"]);
  assert.deepEqual(
    toSend(back).map(({ text }) => text),
    ["lost", "meanwhile"],
  );
  // If the room has forgotten entries, it is unknown which messages arrived.
  const late = after([...RETURN, joined([said(9, "Eve", "missed")], { complete: false })], lost);
  assert.deepEqual(texts(late), ["joined", "before", "gap", "missed"]);
  assert.deepEqual(
    late.outgoing.map(({ text, isGoing }) => [text, isGoing]),
    [
      ["arrived", false],
      ["lost", false],
      ["meanwhile", true],
    ],
  );
});

it("what_the_server_refuses_is_not_sent_again_by_itself", () => {
  const sent = [...ENTER, write(1, "refused"), { type: "sent", key: 1 }, write(2, "waits")];
  const refused = after([...sent, { type: "terminated", code: 4009, reason: "…" }, LOSE[1], ...RETURN, joined()]);
  assert.deepEqual(
    toSend(refused).map(({ key }) => key),
    [2],
  );
  assert.deepEqual(
    refused.outgoing.map(({ isGoing }) => isGoing),
    [false, true],
  );
});

it("a_refused_name_room_or_client_and_a_first_attempt_are_final", () => {
  const codes = Array.from({ length: 4000 }, (_, at) => 1000 + at);
  assert.deepEqual(
    codes.filter((code) => isFinal(after(ENTER), code)),
    [4003, 4004, 4012],
  );
  assert.equal(isFinal(after([JOIN]), 1006), true);
});

it("leaving_is_final_whatever_the_connection_does", () => {
  const waiting = after([...ENTER, ...LOSE, write(1, "waits"), { type: "leave", reason: "lunch" }]);
  assert.equal(next(waiting, { type: "attempt" }).connection, "leaving");
  const left = after([{ type: "stopped" }], waiting);
  assert.deepEqual(view(left, 0).ending, { summary: "You left.", detail: "lunch" });
  assert.deepEqual([view(left, 0).comeback, left.outgoing[0].isGoing], [null, false]);
  // A retry of the socket itself, without a connection that ended.
  assert.equal(after([JOIN, { type: "leave", reason: "" }, { type: "stopped" }]).connection, "ended");
});

it("a_message_of_another_kind_changes_nothing", () => {
  const state = after(ENTER);
  for (const kind of ["pong", "later", "stopped"]) assert.equal(next(state, received({ kind })), state);
});

it("a_person_who_comes_back_after_a_restart_is_no_news", () => {
  const there = after([...ENTER, received({ kind: "came", name: "Eve", time: 2 })]);
  const back = after([...LOSE, ...RETURN, joined()], there);
  assert.deepEqual([back.people, back.expected], [["Ada"], ["Eve"]]);
  const all = after(
    [received({ kind: "came", name: "Eve", time: 3 }), received({ kind: "came", name: "Bob", time: 4 })],
    back,
  );
  assert.deepEqual(all.people, ["Ada", "Eve", "Bob"]);
  assert.deepEqual(
    all.log.map(({ kind, name }) => name ?? kind),
    ["joined", "Eve", "Bob"],
  );
});

it("another_room_has_its_own_messages_and_the_same_one_goes_on", () => {
  const left = after([...ENTER, received(said(7, "Eve", "here")), ...STOP, { type: "elsewhere" }]);
  const same = next(left, { ...JOIN, name: "Adele" });
  assert.deepEqual([texts(same), joinOf(same).after], [["joined", "here"], 7]);
  const other = next(left, { ...JOIN, room: "Lighthouse" });
  assert.deepEqual([other.log, joinOf(other).after, other.people], [[], undefined, []]);
});

it("what_the_reader_does_not_see_is_counted", () => {
  const hidden = after([...ENTER, { type: "seen", isSeen: false }]);
  const state = after(
    [received(said(1, "Eve", "a")), received(said(2, "Ada", "own")), received(said(3, "Eve", "b"))],
    hidden,
  );
  assert.equal(view(state, 0).documentTitle, "(2) Harbour – fourd-websocket");
  assert.equal(view(next(state, { type: "seen", isSeen: true }), 0).documentTitle, "Harbour – fourd-websocket");
  assert.equal(view(after([...ENTER, received(said(1, "Eve", "a"))]), 0).unread, 0);
});

it("an_empty_room_invites_until_somebody_is_there_or_something_is_said", () => {
  const invitation = (...events) => view(after([...ENTER, ...events]), 0).invitation;
  assert.equal(invitation(), "Harbour");
  assert.equal(invitation(received({ kind: "came", name: "Eve", time: 2 })), null);
  assert.equal(invitation(write(1, "a")), null);
  assert.equal(invitation(received(said(1, "Eve", "a"))), null);
  assert.equal(invitation(...STOP), null);
});

it("only_http_and_https_are_links_and_the_end_of_a_sentence_is_not", () => {
  const hrefs = (text) => linked(text).flatMap(({ href }) => href ?? []);
  const a = "https://a.example/b?c=d#e";
  for (const [text, links] of [
    [a, [a]],
    [`(see ${a}).`, [a]],
    [`${a}, or HTTP://b.example!`, [a, "http://b.example/"]],
    ["https://en.example/wiki/Crane_(bird)", ["https://en.example/wiki/Crane_(bird)"]],
    ["(https://en.example/wiki/Crane_(bird))", ["https://en.example/wiki/Crane_(bird)"]],
    [`<${a}>`, [a]],
    ["javascript:alert(1) data:text/html,x ftp://a.example mailto:a@b.example www.a.example", []],
    ["https:// http://: x", []],
    ["https://", []],
  ]) {
    assert.deepEqual(hrefs(text), links, text);
    const whole = linked(text).map((part) => part.text ?? part);
    assert.equal(whole.join(""), text);
  }
});

it("the_drawer_has_the_same_times_as_the_chat", () => {
  for (const hour of [0, 9, 12, 23]) {
    const time = new Date(2026, 10, 29, hour, 5, 37);
    assert.match(exactTime(time), /37/);
    assert.equal(exactTime(time).replace(/:37(?=\s|$)/, ""), clockTime(time));
  }
});

it("a_picture_keeps_its_proportions", () => {
  assert.deepEqual(fitted(640, 480), { width: 288, height: 216 });
  assert.deepEqual(fitted(100, 50), { width: 100, height: 50 });
  assert.deepEqual(fitted(1000, 4000), { width: 80, height: 320 });
  assert.deepEqual(fitted(4096, 1), { width: 288, height: 1 });
  assert.deepEqual(fitted(0, 0), {});
});
