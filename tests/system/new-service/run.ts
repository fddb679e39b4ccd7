// npm run test:new-service: a service is made in a copy of this project, as docs/guides/adding-a-service.md says, and a
// payment provider, as docs/payments.md says; the copy is checked, tested, started and packaged with both. Prints which
// files outside their folders were changed.

import { copyFile, mkdir, mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { report, type Verdict } from "../../support/command.ts";
import { PLANTED, plantProvider } from "../../support/fourth-provider.ts";
import { only, runJest } from "../../support/jest.ts";
import { mustRun, run } from "../../support/run.ts";
import { cleanEnvironment } from "../../support/system.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");
const KEY = "shipping";
const SERVICE = "ShippingService";
/** What is derived, and the row: nothing else may change for a new service. */
const EXPECTED = [
  ".env.example",
  "Dockerfile",
  "docker-compose-services.yml",
  `docs/openapi/${KEY}.json`,
  "docs/personal-data.md",
  "docs/state-machines.md",
  "functions/services.ts",
  "servers/nginx/routes.conf",
  "servers/nginx/services.conf",
  "servers/prometheus/targets.yml",
];
/** What is derived from a provider's folder and its line. */
const DERIVED_OF_PROVIDER = [
  ".env.example",
  "docker-compose-services.yml",
  "docs/openapi/payments.json",
  "servers/prepare.sh",
];
/** Tests that ask every provider of the list. */
const TESTS_OF_PROVIDERS = ["functions/payments/", "functions/alike", "build/", "tests/system/env-example"];
/** Tests that ask every service of the list. */
const TESTS = [
  `functions/${KEY}/`,
  "functions/services",
  "functions/alike",
  "build/",
  "tools/",
  "tests/system/security/routes",
  "tests/system/env-example",
  "tests/system/deploy",
  "tests/conformance/contract",
];

report(await main());

async function main(): Promise<Verdict> {
  const folder = await mkdtemp(join(tmpdir(), "cfmp-new-service-"));
  try {
    await copyProject(folder);
    const environment = { TEST_NEW_SERVICE: KEY };
    return sum([
      await serviceSteps(folder),
      await runJest(TESTS, environment, folder),
      await runJest(only(".new-service.test.ts"), environment, folder),
      await providerSteps(folder),
      await runJest(TESTS_OF_PROVIDERS, environment, folder),
    ]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Everything that git would commit, with the packages that are installed here, in a repository of its own. */
async function copyProject(folder: string): Promise<void> {
  const listed = await mustRun("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: ROOT,
  });
  for (const file of new Set(listed.split("\0").filter((name) => name !== ""))) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    // A file that was deleted, and is not committed as such, is listed as well.
    await copyFile(join(ROOT, file), join(folder, file)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw error;
    });
  }
  await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
  await mustRun("git", ["init", "--quiet"], { cwd: folder });
  await commit(folder);
}

/** What is changed from here on is what `git status` shows. */
async function commit(folder: string): Promise<void> {
  const git = (...args: readonly string[]) => mustRun("git", args, { cwd: folder });
  const author = ["-c", "user.name=test", "-c", "user.email=test@shop.example"];
  await git("add", "--all");
  await git(...author, "commit", "--quiet", "--message", "so far");
}

/** Commands in the copy, and which of its files are changed. */
function inCopy(folder: string) {
  const options = { cwd: folder, env: cleanEnvironment() };
  return {
    npm: (...args: readonly string[]) => run("npm", ["run", "--silent", ...args], options),
    async changed(): Promise<readonly string[]> {
      const status = await mustRun("git", ["status", "--porcelain", "--untracked-files=all"], options);
      return status.split("\n").flatMap((line) => (line === "" ? [] : line.slice(3)));
    },
  };
}

async function serviceSteps(folder: string): Promise<Verdict> {
  const { npm, changed } = inCopy(folder);
  const outcomes = [
    await step(
      "names and ports that are used already, also as words of lib/, are refused in one line, and nothing is written",
      async () => {
        for (const args of [
          ["orders"],
          ["gateway"],
          ["events"],
          ["auth"],
          ["health"],
          ["http"],
          ["Shipping"],
          [KEY, "--port", "8001"],
          [],
        ]) {
          const { code, stdout, stderr } = await npm("new:service", "--", ...args);
          require(code === 1 &&
            stdout === "" &&
            stderr.trimEnd().split("\n").length === 1, `${args}: ${stdout}${stderr}`);
        }
        require((await changed()).length === 0, "something was written");
      },
    ),
    await step(`npm run new:service -- ${KEY}`, async () => {
      const { code, output } = await npm("new:service", "--", KEY);
      require(code === 0, output);
      console.log(output);
    }),
    await step("outside its folder the row and what is derived are changed, nothing else", async () => {
      const outside = (await changed()).filter((file) => !file.startsWith(`functions/${KEY}/`)).sort();
      console.log(outside.map((file) => `  ${file}`).join("\n"));
      require(outside.join() === EXPECTED.toSorted().join(), `expected ${EXPECTED.join(", ")}`);
    }),
    await step("npm run check", () => checked(folder)),
  ];
  return verdictOf(outcomes);
}

async function providerSteps(folder: string): Promise<Verdict> {
  const { npm, changed } = inCopy(folder);
  await commit(folder);
  const outcomes = [
    await step("a payment provider is a folder and a line; npm run generate derives the rest", async () => {
      await plantProvider(folder);
      const { code, output } = await npm("generate");
      require(code === 0, output);
      const files = (await changed()).toSorted();
      console.log(files.map((file) => `  ${file}`).join("\n"));
      const expected = [...DERIVED_OF_PROVIDER, ...PLANTED].sort();
      require(files.join() === expected.join(), `expected ${expected.join(", ")}`);
    }),
    await step("npm run check, with both", () => checked(folder)),
    await step("serverless package, with both", () => packaged(folder)),
  ];
  return verdictOf(outcomes);
}

function verdictOf(outcomes: readonly boolean[]): Verdict {
  const passed = outcomes.filter(Boolean).length;
  return { passed, failed: outcomes.length - passed };
}

function sum(verdicts: readonly Verdict[]): Verdict {
  const total = (what: keyof Verdict) => verdicts.reduce((so, verdict) => so + verdict[what], 0);
  return { passed: total("passed"), failed: total("failed") };
}

async function checked(folder: string): Promise<void> {
  const { code, output } = await inCopy(folder).npm("check");
  require(code === 0, output);
}

/** Packages the copy, and looks for the service in the template. */
async function packaged(folder: string): Promise<void> {
  const target = join(folder, ".package");
  const cli = join("node_modules", "serverless", "bin", "serverless.js");
  const env = { ...cleanEnvironment(), SECRET_KEY: "k".repeat(40) };
  const args = [cli, "package", "--stage", "test", "--package", target];
  await mustRun(process.execPath, args, { cwd: folder, env, group: true });
  const text = await readFile(join(target, "cloudformation-template-update-stack.json"), "utf8");
  for (const wanted of [
    `"cfmp-order-test-${KEY}-fallback"`,
    `"cfmp-order-test-${KEY}-relay"`,
    `"POST /api/${KEY}/"`,
    `"ShippingTable"`,
    `"SHIPPING_SERVICE_URL"`,
  ]) {
    require(text.includes(wanted), `${SERVICE} is packaged without ${wanted}`);
  }
}

async function step(name: string, work: () => Promise<void>): Promise<boolean> {
  const begun = performance.now();
  try {
    await work();
    console.log(`ok    ${name} (${Math.round((performance.now() - begun) / 1_000)} s)`);
    return true;
  } catch (error) {
    console.log(`FAILS ${name}: ${error instanceof Error ? error.message : error}`);
    return false;
  }
}

function require(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}
