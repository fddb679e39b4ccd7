// npm run test:parity [-- --only laptop,servers,aws,image] [--write]
// Takes the same journeys on every target, prints which of them passed where, and with --write writes docs/parity.md if all have. Needs
// what test:nacos, test:dynamodb, test:deploy and test:servers need.

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import { beforeEnd, commandOptions, flag, names, report, type Verdict } from "../../support/command.ts";
import { startDynamoDbLocal } from "../../support/dynamodb-local/start.ts";
import { only, runJest } from "../../support/jest.ts";
import { startNacos } from "../../support/nacos-server/start.ts";
import { begin, type Program } from "../../support/run.ts";
import { type ColumnKey, keys, page, passedAll, table } from "./page.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");
const LOCAL = "tests/system/journeys/main-journey";

// It has an emulator with many processes, and ends them when it is ended.
let deploying: Program | undefined;
beforeEnd(() => deploying?.end());

/** Runs the journeys on each target; Jest gets `args`. */
const runs: Readonly<Record<ColumnKey, (args: readonly string[]) => Promise<unknown>>> = {
  laptop: (args) => runJest([LOCAL, ...args], {}),
  async servers(args) {
    const nacos = await startNacos();
    try {
      const database = await startDynamoDbLocal();
      try {
        const environment = {
          TEST_NACOS_SERVER: nacos.address,
          TEST_NACOS_API: "grpc",
          TEST_DYNAMODB: database.address,
        };
        await runJest([LOCAL, ...args], environment);
      } finally {
        await database.close();
      }
    } finally {
      await nacos.close();
    }
  },
  async aws(args) {
    const command = [join("tests", "system", "deploy", "run.ts"), "journeys.deploy", ...args];
    deploying = await begin(process.execPath, command, { cwd: ROOT, shown: true });
    await deploying.ended;
  },
  image: (args) => runJest([...only(".servers.test.ts"), "image.servers", ...args], {}),
};

/** What Jest writes with `--json`, of that what is read here. */
const written = z.object({
  testResults: z.array(
    z.object({
      assertionResults: z.array(
        z.object({ ancestorTitles: z.array(z.string()), title: z.string(), status: z.string() }),
      ),
    }),
  ),
});

const options = commandOptions({ only: names, write: flag });
const wrong = options.only?.find((name) => !keys.some((key) => key === name));
if (wrong !== undefined) {
  console.error(`There is no target ${wrong}; there are ${keys.join(", ")}`);
  process.exit(2);
}
const folder = await mkdtemp(join(tmpdir(), "cfmp-parity-"));
try {
  const outcomes = await takeAll(keys.filter((key) => options.only?.includes(key) ?? true));
  const titles = [...new Set(Object.values(outcomes).flatMap((all) => [...all.keys()]))];
  const results = Object.fromEntries(
    Object.entries(outcomes).map(([key, all]) => [
      key,
      new Set(titles.filter((title) => all.get(title) === "passed")),
    ]),
  );
  console.log(`\n${table(titles, results).join("\n")}\n`);
  report(verdictOf(Object.values(outcomes)));
  if (options.write && passedAll(titles, results))
    await writeFile(join(ROOT, "docs", "parity.md"), page(titles));
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** What Jest says of each journey, by its title. */
type Outcomes = ReadonlyMap<string, string>;

async function takeAll(chosen: readonly ColumnKey[]): Promise<Partial<Record<ColumnKey, Outcomes>>> {
  const outcomes: Partial<Record<ColumnKey, Outcomes>> = {};
  for (const key of chosen) {
    const file = join(folder, `${key}.json`);
    await runs[key](["--json", `--outputFile=${file}`]);
    outcomes[key] = await outcomesIn(file);
  }
  return outcomes;
}

/** A target where nothing was tried, since it did not start, has failed once. */
function verdictOf(all: readonly Outcomes[]): Verdict {
  const passed = (one: Outcomes) => [...one.values()].filter((status) => status === "passed").length;
  const sum = (of: (one: Outcomes) => number) => all.reduce((total, one) => total + of(one), 0);
  return { passed: sum(passed), failed: sum((one) => Math.max(one.size, 1) - passed(one)) };
}

async function outcomesIn(file: string): Promise<Outcomes> {
  const text = await readFile(file, "utf8").catch(() => '{"testResults":[]}');
  const tests = written.parse(JSON.parse(text)).testResults.flatMap((one) => one.assertionResults);
  // Beside them a target has tests of its own.
  const journeys = tests.filter(({ ancestorTitles }) => ancestorTitles[0] === "journeys");
  return new Map(journeys.map(({ title, status }) => [title, status]));
}
