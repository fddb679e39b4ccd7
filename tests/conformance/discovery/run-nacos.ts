// npm run test:nacos [-- JEST ARGUMENTS]
// Runs every *.nacos.test.ts against a real Nacos server; then the journeys of the whole system with that server as its
// registry, by each of its APIs. What is given on the command line goes to Jest, and then only the former are run.

import { spawn } from "node:child_process";
import { join } from "node:path";
import { startNacos } from "./nacos-server/start.ts";

const TESTS_WITHIN_MS = 10 * 60_000;
const JOURNEYS = ["main-journey", "bad-input", "two-instances"].map(
  (name) => `tests/system/journeys/${name}`,
);
const root = join(import.meta.dirname, "..", "..", "..");
const asked = process.argv.slice(2);

process.exitCode = await main();

async function main(): Promise<number> {
  const server = await startNacos();
  const { address } = server;
  console.log(`Nacos answers at ${address} (pid ${server.pid})`);
  const suites = [
    "--testPathIgnorePatterns",
    "/node_modules/",
    "--testMatch",
    "**/*.nacos.test.ts",
    ...asked,
  ];
  let passed = 0;
  let failed = 0;
  try {
    const runs = [await runJest(suites, { TEST_NACOS_SERVER: address })];
    for (const api of asked.length > 0 ? [] : ["v1", "v3"]) {
      console.log(`\nJourneys with Nacos ${api}`);
      runs.push(await runJest(JOURNEYS, { TEST_NACOS_SERVER: address, TEST_NACOS_API: api }));
    }
    for (const run of runs) {
      passed += run.passed;
      failed += run.failed;
    }
  } finally {
    await server.close();
  }
  console.log(`${passed} passed, ${failed} failed`);
  return failed > 0 || passed === 0 ? 1 : 0;
}

interface Verdict {
  readonly passed: number;
  readonly failed: number;
}

/** Counts from Jest's own summary. A run that ends badly without a failed test counts as one. */
async function runJest(options: readonly string[], env: Readonly<Record<string, string>>): Promise<Verdict> {
  const jest = join(root, "node_modules", "jest", "bin", "jest.js");
  const child = spawn(
    process.execPath,
    ["--experimental-vm-modules", "--no-warnings", jest, "--runInBand", ...options],
    {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ["ignore", "inherit", "pipe"],
      timeout: TESTS_WITHIN_MS,
    },
  );
  let said = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    process.stderr.write(chunk);
    said += chunk.toString();
  });
  const code = await new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (status) => resolve(status ?? 1));
  });
  const summary = /^Tests: .*$/m.exec(said)?.[0] ?? "";
  const count = (what: string) => Number(new RegExp(`(\\d+) ${what}`).exec(summary)?.[1] ?? 0);
  const failed = count("failed");
  return { passed: count("passed"), failed: code !== 0 && failed === 0 ? 1 : failed };
}
