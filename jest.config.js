import "./local/shared/node-version.cjs";

/** Jest runs the TypeScript sources as ES modules; swc only strips the types. */
export default {
  testEnvironment: "node",
  extensionsToTreatAsEsm: [".ts"],
  transform: {
    "^.+\\.ts$": [
      "@swc/jest",
      { jsc: { parser: { syntax: "typescript" }, target: "es2024" }, module: { type: "es6" } },
    ],
  },
  testMatch: ["<rootDir>/{functions,lib,build,local,tests,tools,bench}/**/*.test.ts"],
  // Suites that need Python, a browser or several real servers have commands of their own (see README, "Tests").
  testPathIgnorePatterns: ["/node_modules/", "\\.(cluster|deploy|browser|new-service|servers)\\.test\\.ts$"],
  globalSetup: "<rootDir>/tests/support/whole-run/before-all.ts",
  globalTeardown: "<rootDir>/tests/support/whole-run/after-all.ts",
  setupFiles: ["<rootDir>/tests/support/quiet-logs.ts"],
  // By V8 itself: the other way rewrites each file with babel, which is left out (local/left-out).
  coverageProvider: "v8",
  // Not in a folder that all users of the machine share: what lies there is run.
  cacheDirectory: "<rootDir>/node_modules/.cache/jest",
  // For what hangs alone: no test may depend on how fast a machine is.
  testTimeout: 300_000,
  // Jest would leave a core to the terminal; many tests wait for processes of their own.
  maxWorkers: "100%",
};
