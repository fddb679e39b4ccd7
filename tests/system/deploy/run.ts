// npm run test:deploy: packages the system, lints the template, deploys it to an emulator of AWS, runs every
// *.deploy.test.ts against it, and removes it. Needs Python 3.10. What is given on the command line goes to Jest.

import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { settingNames } from "../../../functions/settings.ts";
import { freePorts } from "../../support/free-ports.ts";
import { type Emulator, LOCALHOST_NAMES, startEmulator } from "./emulator.ts";
import { type PythonTools, pythonTools } from "./python-tools.ts";
import { mustServerless, serverless } from "./serverless-cli.ts";

const STAGE = "test";
const REGION = "us-east-1";
const TESTS_WITHIN_MS = 10 * 60_000;
const root = join(import.meta.dirname, "..", "..", "..");

// What was started is ended when this process exits, so it must exit rather than be ended.
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(130));

process.exitCode = await main();

async function main(): Promise<number> {
  const tools = await pythonTools();
  const folder = await mkdtemp(join(tmpdir(), "cfmp-deploy-"));
  const secrets = {
    SECRET_KEY: randomBytes(48).toString("base64"),
    SANDBOX_SECRET: randomBytes(24).toString("base64"),
    // The tests listen there.
    SMTP_URL: `smtp://127.0.0.1:${(await freePorts(1))[0]}`,
  };
  try {
    await refusedWithoutSecret(folder);
    await timed("serverless package", () => mustServerless(on("package", folder), settings(secrets)));
    await timed("cfn-lint", () => lint(tools, folder));
    const emulator = await timed("emulator starts", () => startEmulator(tools.ministack));
    try {
      return await onEmulator(emulator, folder, secrets);
    } finally {
      await emulator.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function onEmulator(emulator: Emulator, folder: string, secrets: object): Promise<number> {
  const environment = { ...settings(secrets), ...emulator.environment };
  await timed("serverless deploy", () => mustServerless(on("deploy", folder), environment));
  const info = await mustServerless(["info", "--stage", STAGE], environment);
  const api = /https:\/\/(\w+)\.execute-api\./.exec(info)?.[1];
  if (api === undefined) throw new Error(`serverless info shows no URL:\n${info}`);
  const url = emulator.apiUrl(api);
  console.log(`Deployed at ${url}`);
  const failed = await jest({
    ...process.env,
    ...secrets,
    NODE_OPTIONS: LOCALHOST_NAMES,
    TEST_DEPLOY_URL: url,
    TEST_DEPLOY_PACKAGE: folder,
  });
  if (failed !== 0) console.log((await emulator.output()).slice(-20_000));
  await timed("serverless remove", () => mustServerless(["remove", "--stage", STAGE], environment));
  const after = await serverless(["info", "--stage", STAGE], environment);
  if (after.code === 0) throw new Error(`The stack is there after remove:\n${after.output}`);
  return failed;
}

function on(command: string, folder: string): readonly string[] {
  return [command, "--stage", STAGE, "--package", folder];
}

/** This process's environment with the deployment's settings in it. What is set, if only to nothing, .env leaves alone. */
function settings(given: object): Record<string, string | undefined> {
  const none = Object.fromEntries(settingNames.map((name) => [name, ""]));
  return { ...process.env, ...none, DB_NAME: "cfmp-order", LOG_LEVEL: "info", AWS_REGION: REGION, ...given };
}

async function refusedWithoutSecret(folder: string): Promise<void> {
  const { code, output } = await serverless(on("package", folder), settings({}));
  if (code === 0 || !output.includes("SECRET_KEY must be set")) {
    throw new Error(`Packaging without a SECRET_KEY must be refused, but ended with ${code}:\n${output}`);
  }
}

async function lint(tools: PythonTools, folder: string): Promise<void> {
  const template = join(folder, "cloudformation-template-update-stack.json");
  await stat(template);
  // osls states dependencies that a reference implies already (W3005).
  const options = ["--regions", REGION, "--ignore-checks", "W3005", "--template", template];
  const code = await run(tools.cfnLint, options, {});
  if (code !== 0) throw new Error(`cfn-lint ended with ${code}`);
}

/** Jest itself fails when it finds no test. */
function jest(environment: NodeJS.ProcessEnv): Promise<number> {
  const bin = join(root, "node_modules", "jest", "bin", "jest.js");
  const select = ["--testPathIgnorePatterns", "/node_modules/", "--testMatch", "**/*.deploy.test.ts"];
  const node = ["--experimental-vm-modules", "--no-warnings", bin, ...select, ...process.argv.slice(2)];
  return run(process.execPath, node, environment);
}

function run(command: string, options: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const child = spawn(command, options, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ["ignore", "inherit", "inherit"],
    timeout: TESTS_WITHIN_MS,
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 1));
  });
}

async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const begun = performance.now();
  const result = await work();
  console.log(`${what}: ${((performance.now() - begun) / 1_000).toFixed(1)} s`);
  return result;
}
