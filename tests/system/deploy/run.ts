// npm run test:deploy: packages the system, deploys it to an emulator of AWS, runs every
// *.deploy.test.ts against it, and removes it. Needs Python 3.10. What is given on the command line goes to Jest.

import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { settingNames } from "../../../functions/settings.ts";
import { awsRequest } from "../../../lib/core/aws-request.ts";
import { report, type Verdict } from "../../support/command.ts";
import { freePorts } from "../../support/free-ports.ts";
import { only, runJest } from "../../support/jest.ts";
import { pythonTools } from "../../support/tools.ts";
import { type Emulator, LOCALHOST_NAMES, startEmulator } from "./emulator.ts";
import { mustServerless, serverless } from "./serverless-cli.ts";

// The emulator has no WebSocket APIs. For the deployment, and for the suites that compare it with what is declared.
process.env["LIVE_PUSH"] = "off";
// Nor alarms that compute with metrics.
process.env["METRIC_MATH"] = "off";

const STAGE = "test";
const REGION = "us-east-1";
/** Settings of the deployed functions that refer to secrets; the tests know those secrets. */
const REFERENCES = {
  SECRET_KEY: "ssm:/cfmp-order/test/secret-key",
  SANDBOX_SECRET: "secretsmanager:cfmp-order/test#callbacks",
};

// What was started is ended when this process exits, so it must exit rather than be ended.
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(130));

report(await main());

async function main(): Promise<Verdict> {
  const tools = await pythonTools(join(import.meta.dirname, "requirements.txt"));
  const folder = await mkdtemp(join(tmpdir(), "cfmp-deploy-"));
  const secrets = {
    SECRET_KEY: randomBytes(48).toString("base64"),
    SANDBOX_SECRET: randomBytes(24).toString("base64"),
    CORS_ORIGINS: "https://shop.example,http://localhost:3000",
    // The tests listen there.
    SMTP_URL: `smtp://127.0.0.1:${(await freePorts(1))[0]}`,
  };
  const given = { ...secrets, ...REFERENCES };
  try {
    await refusedWithoutSecret(folder);
    await timed("serverless package", () => mustServerless(on("package", folder), settings(given)));
    const emulator = await timed("emulator starts", () => startEmulator(join(tools, "ministack")));
    try {
      await storeSecrets(emulator, secrets);
      return await onEmulator(emulator, folder, secrets, given);
    } finally {
      await emulator.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The secrets, where the references name them. */
async function storeSecrets(
  { environment }: Emulator,
  { SECRET_KEY, SANDBOX_SECRET }: { readonly SECRET_KEY: string; readonly SANDBOX_SECRET: string },
): Promise<void> {
  Object.assign(process.env, environment);
  const store = async (service: string, target: string, body: object) => {
    const headers = { "content-type": "application/x-amz-json-1.1", "x-amz-target": target };
    const request = { service, path: "/", headers, body: JSON.stringify(body), timeoutMs: 30_000 };
    const reply = await awsRequest(request);
    if (reply.status !== 200) throw new Error(`${target} was answered ${reply.status}: ${reply.body}`);
  };
  const parameter = { Name: "/cfmp-order/test/secret-key", Value: SECRET_KEY, Type: "SecureString" };
  await store("ssm", "AmazonSSM.PutParameter", parameter);
  const SecretString = JSON.stringify({ callbacks: SANDBOX_SECRET });
  await store("secretsmanager", "secretsmanager.CreateSecret", { Name: "cfmp-order/test", SecretString });
}

async function onEmulator(
  emulator: Emulator,
  folder: string,
  secrets: object,
  given: object,
): Promise<Verdict> {
  const environment = { ...settings(given), ...emulator.environment };
  await timed("serverless deploy", () => mustServerless(on("deploy", folder), environment));
  const info = await mustServerless(["info", "--stage", STAGE], environment);
  const api = /https:\/\/(\w+)\.execute-api\./.exec(info)?.[1];
  if (api === undefined) throw new Error(`serverless info shows no URL:\n${info}`);
  const url = emulator.apiUrl(api);
  console.log(`Deployed at ${url}`);
  const verdict = await runJest([...only(".deploy.test.ts"), ...process.argv.slice(2)], {
    ...secrets,
    ...emulator.environment,
    NODE_OPTIONS: LOCALHOST_NAMES,
    TEST_DEPLOY_URL: url,
    TEST_DEPLOY_PACKAGE: folder,
    TEST_DEPLOY_REFERENCES: JSON.stringify(REFERENCES),
  });
  if (verdict.failed > 0) console.log(emulator.output().slice(-20_000));
  // Whatever became of it: no function may want a part that was left out of its bundle (build/absent-parts.ts).
  const missing = /.*is not part of this function.*/.exec(emulator.output());
  if (missing !== null) throw new Error(`A function wants what its bundle has not:\n${missing[0]}`);
  await timed("serverless remove", () => mustServerless(["remove", "--stage", STAGE], environment));
  const after = await serverless(["info", "--stage", STAGE], environment);
  if (after.code === 0) throw new Error(`The stack is there after remove:\n${after.output}`);
  return verdict;
}

function on(command: string, folder: string): readonly string[] {
  return [command, "--stage", STAGE, "--package", folder];
}

/** This process's environment with the deployment's settings in it. .env does not replace a variable that is set, even to nothing. */
function settings(given: object): Record<string, string | undefined> {
  const none = Object.fromEntries(settingNames.map((name) => [name, ""]));
  return {
    ...process.env,
    ...none,
    DB_NAME: "cfmp-order",
    LOG_LEVEL: "info",
    AWS_REGION: REGION,
    ...given,
  };
}

async function refusedWithoutSecret(folder: string): Promise<void> {
  const { code, output } = await serverless(on("package", folder), settings({}));
  if (code === 0 || !output.includes("SECRET_KEY must be set")) {
    throw new Error(`Packaging without a SECRET_KEY must be refused, but ended with ${code}:\n${output}`);
  }
}

async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const begun = performance.now();
  const result = await work();
  console.log(`${what}: ${((performance.now() - begun) / 1_000).toFixed(1)} s`);
  return result;
}
