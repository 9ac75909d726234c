// A reporter of mocha for `cargo xtask test`: a line of JSON for each test, and one at the end.

module.exports = class Report {
  constructor(runner) {
    let done = 0;
    const write = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
    const report = (test, result) => {
      done += 1;
      write({ test: test.title, ms: test.duration ?? 0, ...result });
    };
    runner.on("pass", (test) => report(test, { ok: true }));
    runner.on("pending", (test) => report(test, { ok: true, skipped: test.skipped ?? "no reason is given" }));
    runner.on("fail", (test, error) => report(test, { ok: false, error: `${error.stack ?? error}` }));
    runner.once("end", () => write({ done, exist: runner.total }));
  }
};
