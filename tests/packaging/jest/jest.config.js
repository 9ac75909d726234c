/** The package is an ES module, which Node runs with --experimental-vm-modules; so is the test. */
export default {
  transform: {},
  testMatch: ["**/*.test.js"],
  reporters: ["<rootDir>/reporter.js"],
  silent: true,
};
