/** The package and the test are ES modules, which Node runs with --experimental-vm-modules. */
export default {
  transform: {},
  testMatch: ["**/*.test.js"],
  reporters: ["<rootDir>/reporter.js"],
  silent: true,
};
