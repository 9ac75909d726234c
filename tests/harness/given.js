// What `cargo xtask test` hands to the tests that run in Node.

/** The test server, the browser, what was built: each test says what it needs. */
export const given = JSON.parse(process.env.GIVEN ?? "{}");

/** Ends a case that cannot run here, with the reason; nothing happens where there is none. Called in a hook. */
export function skipFor(reason, context) {
  if (reason === undefined) return;
  context.currentTest.skipped = reason;
  context.skip();
}
