// npm run test:contract -- [--examples 10] [--seed 1]; cases grow with the examples of each operation
// Schemathesis (https://schemathesis.readthedocs.io) over every service's OpenAPI document, against the running system
// with DEBUG=False: no 5xx, and no reply that the contract does not declare.

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { SignJWT } from "jose";
import { services } from "../../../functions/services.ts";
import { deriveKey } from "../../../lib/auth/keys.ts";
import { createTokens } from "../../../lib/auth/tokens.ts";
import type { Route } from "../../../lib/contract/route.ts";
import { type System, startSystem } from "../../support/system.ts";
import { stockFuzzShop } from "./fuzz-shop.ts";

const VERSION = "4.32.5";
const SECRET_KEY = "a secret for nothing but contract tests";
const CACHE = join(
  process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"),
  `cfmp-order-schemathesis-${VERSION}`,
);
const SANDBOX_SECRET = "contract";
const TOOL_ENV: NodeJS.ProcessEnv = {
  ...process.env,
  PYTHONPATH: import.meta.dirname,
  PYTHONDONTWRITEBYTECODE: "1",
  SCHEMATHESIS_HOOKS: "hooks",
  // Its Unicode tables take seconds to make.
  HYPOTHESIS_STORAGE_DIRECTORY: join(CACHE, "hypothesis"),
};

const { values } = parseArgs({
  options: { examples: { type: "string", default: "10" }, seed: { type: "string", default: "1" } },
});

/** Of one service, in milliseconds. */
const RUN_WITHIN_MS = 120_000 + Number(values.examples) * 3_000;

/** Which operations of which document, by whom. */
interface Run {
  readonly name: string;
  readonly url: string;
  /** Made when the run begins. */
  token(): Promise<string>;
  readonly operations: readonly string[];
}

const schemathesis = install();
const system = await startSystem({ env: { DEBUG: "False", SECRET_KEY, SANDBOX_SECRET } });
try {
  process.exitCode = await run(system);
} finally {
  await system.cleanUp();
}

async function run(running: System): Promise<number> {
  const { urls } = running;
  const settings = { SECRET_KEY, TOKEN_AUDIENCE: "cfmp-order" };
  const tokens = createTokens(settings);
  const user = await tokens.mintUser(
    { sub: "fuzz", email: "fuzz@shop.example", scope: "sell refund notify operate" },
    3_600,
  );
  TOOL_ENV["CFMP_FUZZ_SHOP"] = JSON.stringify(await stockFuzzShop(running, user, SANDBOX_SECRET));
  const runs: Run[] = [];
  for (const [name, url] of Object.entries(urls)) {
    runs.push({ name, url, token: async () => user, operations: ["--exclude-path-regex", "^/internal/"] });
  }
  for (const { key, contract } of services) {
    const caller = Object.values<Route>(contract.routes).find(({ access }) => access === "service")
      ?.callers?.[0];
    const url = Object.entries(urls).find(([name]) => name === key)?.[1];
    if (caller === undefined || url === undefined) continue;
    runs.push({
      name: `${key} (internal)`,
      url,
      token: () => lastingToken(caller, contract.service),
      operations: ["--include-path-regex", "^/internal/"],
    });
  }
  let cases = 0;
  let passed = 0;
  let failed = 0;
  for (const each of runs) {
    const result = await check(each);
    passed += result.passed;
    failed += result.failed;
    cases += result.cases;
    console.log(`${each.name}: ${result.passed} operations passed, ${result.failed} failed`);
  }
  console.log(`${cases} cases`);
  console.log(`${passed} passed, ${failed} failed`);
  return failed > 0 || passed === 0 ? 1 : 0;
}

/** A service's token of the longest life that is allowed: internal routes are few, so their run is over by then. */
const lastingToken = (caller: string, callee: string): Promise<string> =>
  new SignJWT({ sub: caller })
    .setProtectedHeader({ alg: "HS256" })
    .setAudience(`cfmp-order/internal/${callee}`)
    .setIssuedAt()
    .setExpirationTime("5m")
    .sign(deriveKey(SECRET_KEY, "service-token"));

/** Operations that kept to the contract or did not, and the requests that it took to say so. */
interface Verdict {
  readonly passed: number;
  readonly failed: number;
  readonly cases: number;
}

/** One run of the tool; its verdicts are read from its JUnit report. */
async function check({ url, token, operations }: Run): Promise<Verdict> {
  const folder = mkdtempSync(join(tmpdir(), "cfmp-schemathesis-"));
  const report = join(folder, "junit.xml");
  const config = join(import.meta.dirname, "schemathesis.toml");
  const options = [
    "-H",
    `Authorization: Bearer ${await token()}`,
    "--max-examples",
    values.examples,
    "--seed",
    values.seed,
    // Without "stateful", which repeats these; and with no minutes spent on making a failing case smaller.
    "--phases",
    "examples,coverage,fuzzing",
    "--no-shrink",
  ];
  const output = ["--report-junit-path", report, "--no-color", "--continue-on-failure"];
  // Not spawnSync: meanwhile this process must go on reading what the system prints.
  const tool = spawn(
    schemathesis,
    ["--config-file", config, "run", `${url}/openapi.json`, ...operations, ...options, ...output],
    { stdio: ["ignore", "pipe", "inherit"], timeout: RUN_WITHIN_MS, cwd: folder, env: TOOL_ENV },
  );
  let said = "";
  tool.stdout.on("data", (chunk: Buffer) => {
    process.stdout.write(chunk);
    said += chunk.toString();
  });
  const [status] = await once(tool, "close");
  const xml = existsSync(report) ? readFileSync(report, "utf8") : "";
  rmSync(folder, { recursive: true, force: true });
  const operationsSeen = xml.match(/<testcase /g)?.length ?? 0;
  const failed = xml.match(/<testcase [^>]*[^/]>(?=\s*<(failure|error))/g)?.length ?? 0;
  // A tool that stopped early has proved nothing.
  const cases = Number(/(\d+) generated/.exec(said)?.[1] ?? 0);
  return operationsSeen === 0 || (status !== 0 && failed === 0)
    ? { passed: 0, failed: 1, cases }
    : { passed: operationsSeen - failed, failed, cases };
}

/** The tool in a folder of its own, installed once. */
function install(): string {
  const tool = join(CACHE, "bin", "st");
  if (existsSync(tool)) return tool;
  must("python3", ["-m", "venv", CACHE]);
  must(join(CACHE, "bin", "pip"), ["install", "--quiet", `schemathesis==${VERSION}`]);
  return tool;
}

function must(command: string, args: readonly string[]): void {
  const { status } = spawnSync(command, args, { stdio: "inherit" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${status}`);
}
