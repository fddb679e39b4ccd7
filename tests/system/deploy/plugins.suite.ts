// The plugins with which a stage is deployed. osls says nothing when one is missing from the list; a stack would come out of it that
// nobody wants.

import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { tableResources } from "../../../build/tables.ts";
import { services } from "../../../functions/services.ts";
import { settingNames } from "../../../functions/settings.ts";
import { serverless } from "./serverless-cli.ts";
import { type AccountState, NO_CHANGES, startAccount } from "./stand-in-account.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");
const STAGE = "prod";
const tables = services.flatMap((service) => service.tables);

const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");

/** Runs a deployment of {@link STAGE} in an account, up to its first change; what was asked of the account. */
async function deployment(state: AccountState, settings: Readonly<Record<string, string>> = {}) {
  const account = await startAccount(state);
  try {
    const { code, output } = await serverless(["deploy", "--stage", STAGE], {
      ...process.env,
      ...Object.fromEntries(settingNames.map((name) => [name, ""])),
      SECRET_KEY: "k3".repeat(16),
      ...settings,
      ...account.environment,
      NODE_OPTIONS: `--require=${join(import.meta.dirname, "no-bundles.cjs")}`,
    });
    return { code, output, calls: account.calls, operations: account.calls.map((one) => one.operation) };
  } finally {
    await account.close();
  }
}

/** The stage's tables as an earlier version made them, with whole items in their indexes. */
function wholeTable(name: string): object | undefined {
  const made = tableResources(tables, { family: `cfmp-order-${STAGE}`, onRemoval: "Retain", narrow: false });
  return Object.values(made).find(({ Properties }) => Properties["TableName"] === name)?.Properties;
}

const CHANGES = /^(Create|Update|Delete|Execute|Put|Set)/;

describe("a deployment", () => {
  test("has each plugin of build/, once", () => {
    const files = globSync("build/*.ts", { cwd: ROOT }).filter((path) =>
      /^export default class \w+ \{\n/m.test(read(path)),
    );
    const listed = [...read("local/plugins.js").matchAll(/"\.\/build\/([\w-]+\.ts)"/g)].map(
      ([, name]) => name,
    );
    expect(files.length).toBeGreaterThanOrEqual(7);
    expect(listed.toSorted()).toEqual(files.map((path) => basename(path)).sort());
  });

  test("asks the account first, and its first change takes in the tables that are there", async () => {
    const { code, output, calls, operations } = await deployment(
      { tableOf: wholeTable },
      { WHOLE_INDEXES: "on", RELAY_CONCURRENCY: "5" },
    );
    expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining(NO_CHANGES) });
    const changed = calls.findIndex(({ operation }) => CHANGES.test(operation));
    expect(calls[changed]).toMatchObject({
      operation: "CreateChangeSet",
      parameters: { StackName: `cfmp-order-${STAGE}`, ImportExistingResources: "true" },
    });
    const before = operations.slice(0, changed);
    expect(before).toContain("GET /2016-08-19/account-settings/");
    const described = calls.slice(0, changed).filter(({ operation }) => operation === "DescribeTable");
    expect(described.map(({ parameters }) => parameters["TableName"]).toSorted()).toEqual(
      tables.map(({ name }) => `cfmp-order-${STAGE}-${name}`).sort(),
    );
  });

  test("over tables of an earlier version changes nothing, and says which setting it needs", async () => {
    const { code, output, operations } = await deployment({ tableOf: wholeTable });
    expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining("WHOLE_INDEXES=on") });
    expect(output).not.toMatch(/^\s+at /m);
    expect(operations.filter((operation) => CHANGES.test(operation))).toEqual([]);
  });

  test("that would make two indexes of a table changes nothing, and says how it is done in steps", async () => {
    const bare = (name: string) => ({ TableName: name });
    const { code, output, operations } = await deployment({ tableOf: bare });
    expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining("deploy in steps") });
    expect(output).not.toMatch(/^\s+at /m);
    expect(operations.filter((operation) => CHANGES.test(operation))).toEqual([]);
  });

  test("that would keep more executions than the account has changes nothing", async () => {
    const { code, output, operations } = await deployment({ executions: 10 }, { RELAY_CONCURRENCY: "5" });
    expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining("RELAY_CONCURRENCY keep") });
    expect(operations.filter((operation) => CHANGES.test(operation))).toEqual([]);
  });
});
