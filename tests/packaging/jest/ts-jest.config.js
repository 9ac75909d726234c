/** ts-jest compiles what is an ES module to CommonJS, the package, too. */
export default {
  transform: { "\\.[jt]s$": ["ts-jest", { tsconfig: "tsconfig.json" }] },
  transformIgnorePatterns: ["/node_modules/(?!fourd-websocket/)"],
  testMatch: ["**/*.test.ts"],
  reporters: ["<rootDir>/reporter.js"],
};
