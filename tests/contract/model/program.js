// Random programs: the actions of an application and a host, generated from a seed.
//
// A program is data, and complete before it runs. It can be printed, and reduced while it still fails. A step has the
// number of its connection. A reaction is a list of steps that run inside the nth call of a function.

import { show } from "../lib/assert.js";
import { Random } from "./random.js";

const TEXTS = [
  "",
  "hello",
  "héllo €",
  "𝄞",
  "a\ud800b",
  "\udc00",
  "[1,2]",
  '{"a":"é"}',
  "5",
  "null",
  "{",
  "\ufeffmark",
  "x".repeat(300),
];
const BYTES = [
  [],
  [0x5b, 0x31, 0x5d],
  [0xc3, 0xa9],
  [0xff],
  [0xef, 0xbb, 0xbf, 0x35],
  [0xf0, 0x9d, 0x84, 0x9e],
  [0xc3],
];
const VALUES = [{ a: 1 }, [], ["é", null], { deep: { er: [1, 2, { x: "y" }] } }, [1.5, true], { u: "\ud800" }];

/** Values that are not messages. */
export const NO_MESSAGES = [
  5,
  NaN,
  true,
  null,
  undefined,
  10n,
  Symbol("none"),
  () => "none",
  Object.assign([], { toJSON: () => undefined }),
  circular(),
];

const NO_CODES = [0, 999, 1001, 1005, 1006, 2999, 5000, 1000.5, 66536, -1000, NaN, Infinity, "1000", null, {}, true];
const NO_REASONS = ["x".repeat(124), "é".repeat(62), "€".repeat(42), "\ud800".repeat(42), 5, null, {}, ["bye"]];
const CODES = [undefined, 1000, 3000, 4000, 4999];
const REASONS = [undefined, "", "bye", "é".repeat(61), "x".repeat(123), "\ud83d\ude00", "\ud800"];
const ENDS = [1000, 1001, 1005, 1006, 1006, 1011, 1015, 3000, 4007, 0];

function circular() {
  const value = {};
  value.self = value;
  return value;
}

const message = (random, on, depth) => {
  const kind = random.weighted({ text: 5, bytes: 3, blob: 2.5, plain: 1, json: 0.7, invalid: 0.8 });
  switch (kind) {
    case "text":
      return { kind, text: random.pick(TEXTS) };
    case "bytes":
      return { kind, form: random.pick(["buffer", "view", "part", "data view"]), bytes: random.pick(BYTES) };
    case "blob":
      return { kind, bytes: random.pick(BYTES), fails: random.chance(0.06) };
    case "plain":
      return { kind, value: random.pick(VALUES) };
    case "json":
      return {
        kind,
        value: random.pick(VALUES),
        result: random.weighted({ value: 6, throws: 1, nothing: 1 }),
        steps: depth > 1 || random.chance(0.3) ? [] : random.several(1, 2, () => appStep(random, on, depth + 1)),
      };
    default:
      return { kind, which: random.below(NO_MESSAGES.length) };
  }
};

/** A step of the application on connection `on`. */
export const appStep = (random, on, depth = 0, terminates = 1) => {
  const action = random.weighted({ send: 7, terminate: 1.2 * terminates, mistake: 0.6, dispose: 0.2 * terminates });
  if (action === "send") return { do: "send", on, message: message(random, on, depth) };
  if (action === "dispose") return { do: "terminate", on, isDispose: true, isValid: true };
  if (action === "terminate") {
    return { do: "terminate", on, code: random.pick(CODES), reason: random.pick(REASONS), isValid: true };
  }
  const [code, reason] = random.chance(0.5)
    ? [random.pick(NO_CODES), random.pick(REASONS)]
    : [random.pick(CODES), random.pick(NO_REASONS)];
  return { do: "terminate", on, code, reason, isValid: false };
};

/** A step of the host on connection `on`. */
const hostStep = (random, on, weights) => {
  const action = random.weighted(weights);
  const data = () => {
    const kind = random.weighted({ text: 3, bytes: 2 });
    return kind === "text"
      ? { kind, text: random.pick(TEXTS) }
      : { kind, form: random.pick(["buffer", "view", "part"]), bytes: random.pick(BYTES) };
  };
  switch (action) {
    case "message":
      return { do: "message", on, data: data() };
    case "error":
      return { do: "error", on, text: random.pick([undefined, "", "the host says no"]) };
    case "close":
      return { do: "close", on, code: random.pick(ENDS), reason: random.pick(["", "", "so long", "é"]) };
    case "buffered":
      return { do: "buffered", on, bytes: random.pick([0, 1, 10, 1000]) };
    default:
      return { do: action, on };
  }
};

const POLITE = { open: 5, message: 0, error: 0.4, close: 0.4 };
const OPEN = { open: 0, message: 8, error: 0.4, close: 0.7, closing: 0.2, buffered: 1 };
const WILD = { open: 2, message: 3, error: 1, close: 1, closing: 0.2, buffered: 0.5 };

/** A program for doubles, with several connections at once. */
export function scripted(seed) {
  const random = new Random(seed);
  const count = 1 + random.below(4);
  const connections = random.several(count, count, () => {
    const isWild = random.chance(0.25);
    const protocol = random.chance(0.9) ? "" : random.pick(["chat", "other"]);
    if (random.chance(0.05)) return { dataType: "text", protocol, isWild, hasHandler: false };
    return {
      dataType: random.weighted({ text: 3, object: 2, blob: 1 }),
      closeTimeout: random.pick([undefined, 0, 10, 300, 5000]),
      connectionTimeout: random.pick([undefined, undefined, undefined, 10, 300]),
      heartbeat: random.chance(0.4)
        ? { interval: random.pick([10, 300, 1000]), timeout: random.pick([10, 80, 500]) }
        : undefined,
      protocols: random.chance(0.2) ? ["chat"] : undefined,
      protocol,
      isWild,
      hasHandler: true,
    };
  });
  const hasOpened = connections.map(() => false);
  const numbers = connections.map((_, on) => on);

  const host = (on) => {
    const weights = connections[on].isWild ? WILD : hasOpened[on] ? OPEN : POLITE;
    const step = hostStep(random, on, weights);
    hasOpened[on] ||= step.do === "open";
    return step;
  };
  // Mostly on the same connection, sometimes on another.
  const near = (on) => (random.chance(0.85) ? on : random.pick(numbers));
  const step = (on) => {
    const kind = random.weighted({ app: 5, host: 6, settle: 1.5, make: 0.4, iterate: 0.3 });
    if (kind === "settle") return { do: "settle", on };
    if (kind === "make") return { do: "make", on: random.pick(numbers) };
    if (kind === "iterate") return { do: "iterate", on, limit: 1 + random.below(3) };
    return kind === "app" ? appStep(random, on) : host(on);
  };
  const reaction = (on, at, least, most) => ({
    on,
    at,
    nth: at === "message" || at === "send" ? random.below(3) : 0,
    steps: random.several(least, most, () => {
      if (random.chance(0.06)) return { do: "make", on: random.pick(numbers) };
      return random.chance(0.8) ? appStep(random, near(on)) : host(near(on));
    }),
    throws: random.chance(0.2),
  });

  const turns = random.several(3, 25, () => {
    if (random.chance(0.15)) {
      return [{ do: "advance", by: random.pick([0, 1, 10, 49, 50, 51, 300, 1000, 6000]), isJump: random.chance(0.2) }];
    }
    return random.several(1, 4, () => step(random.pick(numbers)));
  });
  turns.unshift([{ do: "make", on: 0 }, ...random.several(0, 2, () => appStep(random, 0, 0, 0.3))]);
  for (const on of numbers.slice(1)) {
    turns.splice(1 + random.below(turns.length), 0, [
      { do: "make", on },
      ...random.several(0, 2, () => appStep(random, on)),
    ]);
  }
  const reactions = [];
  for (const on of numbers) {
    for (const at of ["open", "message", "message", "error", "terminate"]) {
      if (random.chance(0.3)) reactions.push(reaction(on, at, 0, 3));
    }
    for (const at of ["send", "close"]) {
      // The host dispatches an event inside a call, or throws.
      if (random.chance(0.15)) {
        const steps = random.chance(0.7) ? [hostStep(random, on, { message: 3, error: 1, close: 1 })] : [];
        reactions.push({ on, at, nth: random.below(2), steps, throws: random.chance(0.4) });
      }
    }
    if (random.chance(0.05)) {
      const steps = [hostStep(random, on, { open: 3, error: 1, close: 1 })];
      reactions.push({ on, at: "listen", nth: 0, steps, throws: false });
    }
  }
  return { seed, connections, turns, reactions };
}

const PATHS = {
  "/echo": 8,
  "/sink": 2,
  "/text?data={i}&count=3": 2,
  "/mixed?count=4": 2,
  "/fragmented": 1,
  "/flood?count=60&size=20": 1,
  "/flood?count=20&size=5&close": 1,
  "/size?bytes=70000&kind=binary": 1,
  "/size?bytes=200000&kind=text": 1,
  "/close?code=1000": 1,
  "/close?code=3000&reason=bye&after=1": 1,
  "/close": 1,
  "/close?code=1011&delay=5": 1,
  "/fin": 1,
  "/fin?after=1": 1,
  "/rst": 1,
  "/rst?after=2": 1,
  "/late?count=3": 2,
  "/slow-close?delay=30": 1,
  "/slow-read?rate=100000": 1,
  "/silent": 1,
  "/deaf": 1,
  "/stall": 1,
  "/status/401": 1,
  "/status/503": 1,
  "/garbage": 1,
  "/hangup": 1,
  "/hangup?rst": 1,
  "/accept": 1,
  "/upgrade": 1,
  "/opcode": 1,
  "/utf8": 1,
  "/utf8?in=binary": 1,
  "/json": 1,
  "/masked": 1,
  "/close-short": 1,
  "/close-bad?code=1005": 1,
  refused: 1,
};

/** Paths on which no connection opens. */
const FAILS = /^(refused|\/(stall|status|garbage|hangup|accept|upgrade))/;

/** A program for the real server: the actions of the application and the paths. On a host that opens one connection
    after another, all of them open. */
export function served(seed, { opensAgainAtOnce }) {
  const random = new Random(seed);
  const count = 1 + random.below(6);
  const numbers = Array.from({ length: count }, (_, on) => on);
  const pathFrom = (path) => (opensAgainAtOnce || !FAILS.test(path) ? path : "/echo");
  const connections = numbers.map(() => ({
    path: pathFrom(random.weighted(PATHS)),
    dataType: random.weighted({ text: 4, object: 1, blob: 1 }),
    closeTimeout: random.pick([0, 20, 60, 200]),
    hasHandler: true,
  }));
  const step = (on, terminates) => {
    if (random.chance(0.05)) return { do: "make", on: random.pick(numbers) };
    return appStep(random, random.chance(0.85) ? on : random.pick(numbers), 0, terminates);
  };
  // In the same task, one microtask or one macrotask later, or some milliseconds later.
  const pause = () => ({ do: "pause", by: random.pick([undefined, 0, 0, 1, 5, 20, 40]) });
  const turns = random.several(2, 10, () => [
    pause(),
    ...random.several(0, 3, () => {
      const on = random.pick(numbers);
      if (random.chance(0.06)) return { do: "drop", on };
      return random.chance(0.04) ? { do: "collect", on } : step(on, 0.6);
    }),
  ]);
  for (const on of numbers) {
    const at = on === 0 ? 0 : random.below(turns.length);
    turns[at].unshift({ do: "make", on }, ...random.several(0, 3, () => step(on, 0.15)));
  }
  const reactions = numbers.flatMap((on) =>
    ["open", "message", "message", "message", "error", "terminate"]
      .filter(() => random.chance(0.3))
      .map((at) => ({
        on,
        at,
        nth: at === "message" ? random.below(4) : 0,
        steps: random.several(0, 3, () => step(on, 0.4)),
        throws: random.chance(0.15),
      })),
  );
  return { seed, connections, turns, reactions };
}

/** Every program that is this one without one part. */
export function* smaller(program) {
  const without = (list, at) => list.filter((_, index) => index !== at);
  const replaced = (list, at, value) => list.map((old, index) => (index === at ? value : old));
  const { turns, reactions } = program;
  for (let at = turns.length - 1; at >= 0; at--) yield { ...program, turns: without(turns, at) };
  for (let at = reactions.length - 1; at >= 0; at--) yield { ...program, reactions: without(reactions, at) };
  for (const [turn, steps] of turns.entries()) {
    for (let at = steps.length - 1; steps.length > 1 && at >= 0; at--) {
      yield { ...program, turns: replaced(turns, turn, without(steps, at)) };
    }
  }
  for (const [number, reaction] of reactions.entries()) {
    if (reaction.throws) {
      yield { ...program, reactions: replaced(reactions, number, { ...reaction, throws: false }) };
    }
    for (let at = reaction.steps.length - 1; at >= 0; at--) {
      const steps = without(reaction.steps, at);
      yield { ...program, reactions: replaced(reactions, number, { ...reaction, steps }) };
    }
  }
}

/** A program in readable lines. */
export function printed({ connections, turns, reactions }) {
  const lines = connections.map((plan, on) => {
    const members = Object.entries(plan).filter(([, value]) => value !== undefined && value !== "");
    return `ws${on}: ${members.map(([name, value]) => `${name} ${show(value)}`).join(", ")}`;
  });
  for (const [at, steps] of turns.entries()) lines.push(`turn ${at}: ${steps.map(describedStep).join("; ")}`);
  for (const { on, at, nth, steps, throws } of reactions) {
    const all = [...steps.map(describedStep), ...(throws ? ["throw"] : [])];
    lines.push(`in the call ${nth} of ${at} of ws${on}: ${all.join("; ") || "nothing"}`);
  }
  return lines;
}

export function describedStep(step) {
  const { on, code, reason } = step;
  switch (step.do) {
    case "make":
      return `ws${on} = new`;
    case "send":
      return `ws${on}.send(${named(step.message)})`;
    case "terminate":
      return step.isDispose ? `dispose ws${on}` : `ws${on}.terminate(${show(code)}, ${show(reason)})`;
    case "iterate":
      return `ws${on}.messages({ limit: ${step.limit} })`;
    case "message":
      return `host ${on}: message ${named(step.data)}`;
    case "error":
      return `host ${on}: error ${show(step.text)}`;
    case "close":
      return `host ${on}: close ${code} ${show(reason)}`;
    case "buffered":
      return `host ${on}: bufferedAmount ${step.bytes}`;
    case "closing":
      return `host ${on}: readyState 2`;
    case "settle":
      return `a Blob of ws${on} is read`;
    case "pause":
      return step.by === undefined ? "a microtask" : `${step.by} ms`;
    case "drop":
      return `nobody has ws${on} any more`;
    case "collect":
      return "garbage is collected";
    case "advance":
      return `${step.by} ms go by${step.isJump ? " at once" : ""}`;
    default:
      return `host ${on}: ${step.do}`;
  }
}

function named({ kind, text, form, bytes, value, result, steps, fails, which }) {
  switch (kind) {
    case "text":
      return show(text);
    case "bytes":
      return `a ${form} of ${show(bytes)}`;
    case "blob":
      return `a Blob of ${show(bytes)}${fails ? " that cannot be read" : ""}`;
    case "plain":
      return show(value);
    case "json":
      return `{ toJSON() { ${[...steps.map(describedStep), result].join("; ")} } } for ${show(value)}`;
    default:
      return shown(NO_MESSAGES[which]);
  }
}

function shown(value) {
  return typeof value === "bigint" || typeof value === "symbol" || typeof value === "function"
    ? String(value)
    : show(value);
}
