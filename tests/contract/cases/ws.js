// The package `ws`, on hosts without a class of their own.

import { ErrCode } from "../lib/errcode.js";

const builtin = (name) => process.getBuiltinModule(`node:${name}`);

/** `ws` makes a request in its constructor, and throws if the request cannot be sent. */
export function a_constructor_of_ws_that_throws_leaves_nothing_that_could_end_the_process(t) {
  let socket;
  class Throwing extends EventTarget {
    static createWebSocketStream() {}
    types = [];

    constructor(url, protocols, { finishRequest }) {
      super();
      socket = this;
      const end = () => {
        throw new Error("no trailers");
      };
      finishRequest({ end }, this);
    }

    addEventListener(type) {
      this.types.push(type);
    }
  }
  t.replaceHostClass(Throwing);
  for (const members of [{}, { headers: { "X-A": "b" } }]) {
    const { cause } = t.throws(() => t.WebSocket.new("ws://double.test/", members), ErrCode.hostRefused);
    t.equal(cause.message, "no trailers");
    t.deepEqual(socket.types, ["error"], "what is listened to");
  }
}

export async function a_request_that_cannot_be_sent_ends_no_process(t) {
  const { ClientRequest } = builtin("http");
  const { end } = ClientRequest.prototype;
  let request;
  ClientRequest.prototype.end = function () {
    request = this;
    throw new Error("cannot be sent");
  };
  try {
    t.throws(() => t.WebSocket.new(t.url("/echo")), ErrCode.hostRefused);
  } finally {
    ClientRequest.prototype.end = end;
  }
  // If the error were uncaught, the case would fail.
  const ended = new Promise((resolve) => request.once("close", resolve));
  request.destroy(new Error("the server is gone"));
  await ended;
  await t.turn();
}
a_request_that_cannot_be_sent_ends_no_process.needs = ["usesWs"];

/** The output of a program that is started in another directory than its own. Both directories may have a `ws`. */
const printed = (place) => {
  const [fs, path, { fileURLToPath }] = ["fs", "path", "url"].map(builtin);
  const root = fs.mkdtempSync(path.join(builtin("os").tmpdir(), "ws-"));
  const write = (name, text) => {
    fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    fs.writeFileSync(path.join(root, name), text);
  };
  const ws = (folder) =>
    write(
      `${folder}/node_modules/ws/index.js`,
      `module.exports = class {
    constructor() { console.log("the ws of ${folder}"); process.exit(); }
  };`,
    );
  const entry = JSON.stringify(fileURLToPath(import.meta.resolve("fourd-websocket")));
  const code = `const { WebSocket } = require(${entry});
    try { WebSocket.new("ws://127.0.0.1/"); } catch (error) { console.log(error.errCode); }`;
  write("program/main.cjs", code);
  ws("folder");
  try {
    const args = place({
      root,
      code,
      ws,
      link: (to, name) => fs.symlinkSync(path.join(root, to), path.join(root, name)),
    });
    const cwd = path.join(root, "folder");
    return `${builtin("child_process").execFileSync(process.execPath, args, { cwd })}`.trim();
  } finally {
    fs.rmSync(root, { recursive: true });
  }
};

export function a_ws_of_the_folder_that_a_program_is_started_in_is_not_run(t) {
  t.equal(
    printed(({ root }) => [`${root}/program/main.cjs`]),
    `${ErrCode.noHost}`,
  );
}

export function ws_is_found_beside_the_program(t) {
  const argsOf = ({ root, ws }) => {
    ws("program");
    return [`${root}/program/main.cjs`];
  };
  t.equal(printed(argsOf), "the ws of program");
}

export function ws_is_found_where_a_link_to_the_program_leads(t) {
  const argsOf = ({ root, ws, link }) => {
    ws("program");
    link("program/main.cjs", "linked.cjs");
    return [`${root}/linked.cjs`];
  };
  t.equal(printed(argsOf), "the ws of program");
}

export function code_that_stands_in_no_file_has_the_ws_of_its_folder(t) {
  t.equal(
    printed(({ code }) => ["-e", code]),
    "the ws of folder",
  );
  // With `-e`, a path in the arguments is not the program.
  const argsOf = ({ root, code, ws }) => {
    ws("program");
    return ["-e", code, `${root}/program/main.cjs`];
  };
  t.equal(printed(argsOf), "the ws of folder");
}

for (const lookup of [
  a_ws_of_the_folder_that_a_program_is_started_in_is_not_run,
  ws_is_found_beside_the_program,
  ws_is_found_where_a_link_to_the_program_leads,
  code_that_stands_in_no_file_has_the_ws_of_its_folder,
]) {
  lookup.needs = ["usesWs", "package"];
}
