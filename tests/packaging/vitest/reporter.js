/** Prints the result of each test, and the uncaught errors. */
export default class Reporter {
  onTestRunEnd(modules, errors) {
    for (const module of modules) {
      for (const test of module.children.allTests()) console.log(`${test.name}: ${test.result().state}`);
    }
    for (const { message } of errors) console.log(message);
  }
}
