// npm run test:contract -- [--examples 10] [--seed 1]; cases grow with the examples of each operation
// Schemathesis (https://schemathesis.readthedocs.io) over every service's OpenAPI document, against the running system
// with DEBUG=False: no 5xx, and no reply that the contract does not declare.

import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { SignJWT } from "jose";
import { services } from "../../../functions/services.ts";
import { deriveKey } from "../../../lib/auth/keys.ts";
import { createTokens } from "../../../lib/auth/tokens.ts";
import type { Route } from "../../../lib/contract/route.ts";
import { commandOptions, number, report, type Verdict } from "../../support/command.ts";
import { run } from "../../support/run.ts";
import { type System, startSystem } from "../../support/system.ts";
import { pythonTools } from "../../support/tools.ts";
import { stockFuzzShop } from "./fuzz-shop.ts";

const SECRET_KEY = "a secret for nothing but contract tests";
const SANDBOX_SECRET = "a sandbox secret for nothing but contract tests";

const { examples, seed } = commandOptions({ examples: number(10), seed: number(1) });

/** Of one service, in milliseconds. */
const RUN_WITHIN_MS = 240_000 + examples * 6_000;

/** Which operations of which document, by whom. */
interface Run {
  readonly name: string;
  readonly url: string;
  /** Made when the run begins. */
  token(): Promise<string>;
  readonly operations: readonly string[];
}

const bin = await pythonTools(join(import.meta.dirname, "requirements.txt"));
const system = await startSystem({ env: { DEBUG: "False", SECRET_KEY, SANDBOX_SECRET } });
try {
  report(await runAll(system));
} finally {
  await system.cleanUp();
}

async function runAll(running: System): Promise<Verdict> {
  const settings = { SECRET_KEY, TOKEN_AUDIENCE: "cfmp-order" };
  const tokens = createTokens(settings);
  const user = await tokens.mintUser(
    { sub: "fuzz", email: "fuzz@shop.example", scope: "sell refund notify operate webhooks" },
    3_600,
  );
  const stock = JSON.stringify(await stockFuzzShop(running, user, SANDBOX_SECRET));
  const runs: Run[] = [];
  for (const { key } of services) {
    const operations = ["--exclude-path-regex", "^/internal/"];
    runs.push({ name: key, url: running.urlOf(key), token: async () => user, operations });
  }
  for (const { key, contract } of services) {
    const caller = Object.values<Route>(contract.routes).find(({ access }) => access === "service")
      ?.callers?.[0];
    if (caller === undefined) continue;
    runs.push({
      name: `${key} (internal)`,
      url: running.urlOf(key),
      token: () => lastingToken(caller, contract.service),
      operations: ["--include-path-regex", "^/internal/"],
    });
  }
  let cases = 0;
  let passed = 0;
  let failed = 0;
  for (const each of runs) {
    const result = await check(each, stock);
    passed += result.passed;
    failed += result.failed;
    cases += result.cases;
    console.log(`${each.name}: ${result.passed} operations passed, ${result.failed} failed`);
  }
  console.log(`${cases} cases`);
  return { passed, failed };
}

/** A service's token of the longest life that is allowed: internal routes are few, so their run is over by then. */
function lastingToken(caller: string, callee: string): Promise<string> {
  return new SignJWT({ sub: caller })
    .setProtectedHeader({ alg: "HS256" })
    .setAudience(`cfmp-order/internal/${callee}`)
    .setIssuedAt()
    .setExpirationTime("5m")
    .sign(deriveKey(SECRET_KEY, "service-token"));
}

/**
 * One run of the tool: operations that kept to the contract or did not, from its JUnit report, and the requests that it
 * took to say so.
 */
async function check(
  { url, token, operations }: Run,
  stock: string,
): Promise<Verdict & { readonly cases: number }> {
  const folder = mkdtempSync(join(tmpdir(), "cfmp-schemathesis-"));
  const report = join(folder, "junit.xml");
  const config = join(import.meta.dirname, "schemathesis.toml");
  const options = [
    "-H",
    `Authorization: Bearer ${await token()}`,
    "--max-examples",
    String(examples),
    "--seed",
    String(seed),
    // Without "stateful", which repeats these; and with no minutes spent on making a failing case smaller.
    "--phases",
    "examples,coverage,fuzzing",
    "--no-shrink",
  ];
  const output = ["--report-junit-path", report, "--no-color", "--continue-on-failure"];
  const { code, stdout } = await run(
    join(bin, "st"),
    ["--config-file", config, "run", `${url}/openapi.json`, ...operations, ...options, ...output],
    { withinMs: RUN_WITHIN_MS, cwd: folder, env: environment(stock), shown: true },
  );
  const xml = existsSync(report) ? readFileSync(report, "utf8") : "";
  rmSync(folder, { recursive: true, force: true });
  const operationsSeen = xml.match(/<testcase /g)?.length ?? 0;
  const failed = xml.match(/<testcase [^>]*[^/]>(?=\s*<(failure|error))/g)?.length ?? 0;
  // A tool that stopped early has proved nothing.
  const cases = Number(/(\d+) generated/.exec(stdout)?.[1] ?? 0);
  return operationsSeen === 0 || (code !== 0 && failed === 0)
    ? { passed: 0, failed: 1, cases }
    : { passed: operationsSeen - failed, failed, cases };
}

function environment(stock: string): NodeJS.ProcessEnv {
  return {
    ...process.env,
    PYTHONPATH: import.meta.dirname,
    PYTHONDONTWRITEBYTECODE: "1",
    SCHEMATHESIS_HOOKS: "hooks",
    CFMP_FUZZ_SHOP: stock,
    // Its Unicode tables take seconds to make.
    HYPOTHESIS_STORAGE_DIRECTORY: join(dirname(bin), "hypothesis"),
  };
}
