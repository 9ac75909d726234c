// The arguments that `cargo xtask test` passes to the tests in Node.

/** The test server, the browser, and built files. */
export const given = JSON.parse(process.env.GIVEN ?? "{}");

/** Skips a case that cannot run here, if there is a reason. Called in a hook. */
export function skipFor(reason, context) {
  if (reason === undefined) return;
  context.currentTest.skipped = reason;
  context.skip();
}
