/** Prints the result of each test. */
export default class Reporter {
  onRunComplete(_contexts, { testResults }) {
    for (const { testResults: tests, testExecError } of testResults) {
      if (testExecError) console.log(testExecError.message);
      for (const { status, title } of tests) console.log(`${title}: ${status}`);
    }
  }
}
