// Runs every *.nacos.test.ts against a real Nacos server. What is given on the command line goes to Jest.

import { spawn } from "node:child_process";
import { join } from "node:path";
import { startNacos } from "./nacos-server/start.ts";

const TESTS_WITHIN_MS = 10 * 60_000;
const root = join(import.meta.dirname, "..", "..");

process.exitCode = await main();

async function main(): Promise<number> {
  const server = await startNacos();
  console.log(`Nacos answers at ${server.address} (pid ${server.pid})`);
  try {
    return await runJest(server.address);
  } finally {
    await server.close();
  }
}

/** Jest itself fails when it finds no test. */
function runJest(address: string): Promise<number> {
  const jest = join(root, "node_modules", "jest", "bin", "jest.js");
  const select = ["--testPathIgnorePatterns", "/node_modules/", "--testMatch", "**/*.nacos.test.ts"];
  const node = ["--experimental-vm-modules", "--no-warnings", jest, ...select, ...process.argv.slice(2)];
  const child = spawn(process.execPath, node, {
    cwd: root,
    env: { ...process.env, TEST_NACOS_SERVER: address },
    stdio: ["ignore", "inherit", "inherit"],
    timeout: TESTS_WITHIN_MS,
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 1));
  });
}
