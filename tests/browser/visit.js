// Opens a page that reports to the test server, and prints its reports until it is done.

import { given } from "../harness/given.js";
import { open } from "./driver.js";

const { browser, url, reports } = given;

const { driver, close } = await open(browser);
await driver.get(url);
for (let isDone = false; !isDone; ) {
  const answer = await fetch(`${reports}&wait=3000`);
  if (answer.status === 200) {
    const text = await answer.text();
    process.stdout.write(text);
    isDone = text.split("\n").some((line) => /^\{"(?:done|error)":/.test(line));
  } else {
    // Fails for a page that has crashed, and reports nothing more.
    await driver.getTitle();
  }
}
await close();
