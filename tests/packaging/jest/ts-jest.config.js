/** ts-jest compiles ES modules to CommonJS, also the package. */
export default {
  transform: { "\\.[jt]s$": ["ts-jest", { tsconfig: "tsconfig.json" }] },
  transformIgnorePatterns: ["/node_modules/(?!fourd-websocket/)"],
  testMatch: ["**/*.test.ts"],
  reporters: ["<rootDir>/reporter.js"],
};
