// Functions for a page and its tab.

/** Runs a function in the page with the result of `functions` and the values. Returns its awaited result. */
export async function ask(driver, run, values = [], functions = () => ({})) {
  const script = `
    const values = [...arguments];
    const done = values.pop();
    (async () => (${run})((${functions})(), ...values))().then(
      (value) => done({ value }),
      (error) => done({ error: String(error) }),
    );`;
  const { value, error } = await driver.executeAsyncScript(script, ...values);
  if (error !== undefined) throw new Error(`${run}: ${error}`);
  return value;
}

/** Runs a function in a tab of its own, and closes all tabs except the first. */
export async function inATab(driver, run) {
  const home = await driver.getWindowHandle();
  await driver.switchTo().newWindow("tab");
  try {
    await run();
  } finally {
    for (const tab of await driver.getAllWindowHandles()) {
      if (tab === home) continue;
      await driver.switchTo().window(tab);
      await driver.close();
    }
    await driver.switchTo().window(home);
  }
}
