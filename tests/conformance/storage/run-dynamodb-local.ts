// Runs the *.java.test.ts suites against a real DynamoDB Local: fetched once from Maven Central, started on a free port.
// Needs Java 17 and Maven. What is given on the command line goes to Jest.

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { homedir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const READY_WITHIN_MS = 60_000;
const MAVEN_WITHIN_MS = 10 * 60_000;
const TESTS_WITHIN_MS = 5 * 60_000;
const root = join(import.meta.dirname, "..", "..", "..");
const jars = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "dynamodb-local-2.6.0");

process.exitCode = await main();

async function main(): Promise<number> {
  await fetchJars();
  const port = await freePort();
  const database = startDynamoDbLocal(port);
  try {
    await untilReady(database, port);
    console.log(`DynamoDB Local answers on port ${port} (pid ${database.pid})`);
    return await runJest(`127.0.0.1:${port}`);
  } finally {
    await stop(database);
  }
}

async function fetchJars(): Promise<void> {
  const complete = join(jars, ".complete");
  if (existsSync(complete)) return;
  await mkdir(jars, { recursive: true });
  const goal = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies";
  const options = [`-DoutputDirectory=${jars}`, "-DincludeScope=runtime"];
  const code = await run(
    "mvn",
    ["-q", "-B", "-f", join(import.meta.dirname, "pom.xml"), goal, ...options],
    MAVEN_WITHIN_MS,
  );
  if (code !== 0) throw new Error(`mvn could not fetch DynamoDB Local (exit ${code})`);
  await writeFile(complete, "");
}

function startDynamoDbLocal(port: number): ChildProcess {
  const main = "com.amazonaws.services.dynamodbv2.local.main.ServerRunner";
  const java = [`-Djava.library.path=${jars}`, "-Xmx256m", "-cp", join(jars, "*"), main];
  const options = ["-inMemory", "-sharedDb", "-disableTelemetry", "-port", String(port)];
  return spawn("java", [...java, ...options], { stdio: ["ignore", "ignore", "inherit"] });
}

async function untilReady(database: ChildProcess, port: number): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS;
  let failure: Error | undefined;
  database.once("error", (error) => {
    failure = error;
  });
  while (Date.now() < deadline) {
    if (failure) throw failure;
    if (database.exitCode !== null) throw new Error(`DynamoDB Local ended with exit ${database.exitCode}`);
    // Any HTTP answer will do: an unsigned request is refused, but by a server that is up.
    const up = await fetch(`http://127.0.0.1:${port}/`).then(
      () => true,
      () => false,
    );
    if (up) return;
    await sleep(100);
  }
  throw new Error(`DynamoDB Local did not answer within ${READY_WITHIN_MS / 1_000} s`);
}

/** Runs the suites. Jest itself fails when it finds none. */
function runJest(address: string): Promise<number> {
  const jest = join(root, "node_modules", "jest", "bin", "jest.js");
  const select = ["--testPathIgnorePatterns", "/node_modules/", "--testMatch", "**/*.java.test.ts"];
  const node = ["--experimental-vm-modules", "--no-warnings", jest, ...select, ...process.argv.slice(2)];
  return run(process.execPath, node, TESTS_WITHIN_MS, { ...process.env, TEST_DYNAMODB: address });
}

function run(
  command: string,
  options: readonly string[],
  within: number,
  env: NodeJS.ProcessEnv = process.env,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, options, {
      cwd: root,
      env,
      stdio: ["ignore", "inherit", "inherit"],
      timeout: within,
    });
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 1));
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.pid === undefined) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  const killer = setTimeout(() => child.kill("SIGKILL"), 5_000);
  await ended;
  clearTimeout(killer);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      const port = address !== null && typeof address === "object" ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}
