import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

const root = join(import.meta.dirname, "..", "..", "..");

const REFUSED: readonly (readonly [from: string, to: string])[] = [
  ["lib/http/a1.ts", "functions/orders/contract.ts"],
  ["lib/http/a2.ts", "functions/services.ts"],
  ["lib/http/a3.ts", "local/shared/log.ts"],
  ["lib/http/a4.ts", "tests/support/poll.ts"],
  ["lib/http/a5.ts", "lib/http/test-things.ts"],
  ["lib/http/a6.test.ts", "functions/orders/contract.ts"],
  ["lib/core/a7.ts", "lib/http/reply.ts"],
  ["lib/config/a8.ts", "lib/http/reply.ts"],
  ["lib/discovery/instances/a9.ts", "lib/discovery/resolver/resolver.ts"],
  ["lib/new-folder/a10.ts", "lib/core/rules.ts"],
  ["functions/services-a.ts", "local/shared/log.ts"],
  ["functions/orders/handlers/a.ts", "local/shared/log.ts"],
  ["functions/orders/b.ts", "functions/payments/payment.ts"],
  ["functions/orders/c.ts", "functions/payments/handlers/contract.ts"],
  ["functions/orders/d.test.ts", "functions/payments/payment.ts"],
  ["functions/any-new-one/a.ts", "functions/orders/order.ts"],
  ["functions/any-new-one/b.ts", "bench/run.ts"],
  ["functions/any-new-one/contract.ts", "functions/any-new-one/rules.ts"],
  ["functions/any-other/contract.ts", "lib/config/live.ts"],
  ["functions/any-other/any-status.ts", "lib/core/rules.ts"],
  ["local/runtime/a.ts", "functions/orders/order.ts"],
  ["local/shared/b.ts", "local/runtime/runtime.ts"],
  ["local/gateway/c.ts", "local/runtime/runtime.ts"],
  ["tests/promises/a.test.ts", "tests/conformance/discovery/stage.ts"],
  ["tests/support/a.ts", "tests/promises/deal.ts"],
  ["tests/new-folder/a.ts", "tests/support/poll.ts"],
  ["functions/orders/e.test.ts", "tests/system/security/route-suite.ts"],
  ["bench/a.ts", "tests/promises/deal.ts"],
];

const ALLOWED: readonly (readonly [from: string, to: string])[] = [
  ["lib/http/e1.ts", "lib/storage/table.ts"],
  ["lib/http/e2.test.ts", "tests/support/poll.ts"],
  ["lib/http/e3.test.ts", "lib/http/test-things.ts"],
  ["functions/orders/e4.ts", "functions/orders/handlers/b.ts"],
  ["functions/orders/e5.ts", "functions/payments/contract.ts"],
  ["functions/orders/e6.ts", "lib/http/handler.ts"],
  ["functions/orders/e7.test.ts", "local/runtime/tables.ts"],
  ["functions/third/contract.ts", "functions/third/third-status.ts"],
  ["functions/fourth/contract.ts", "lib/contract/schemas.ts"],
  ["functions/services-e.ts", "functions/orders/contract.ts"],
  ["local/runtime/e8.ts", "functions/services.ts"],
  ["local/runtime/e9.ts", "functions/orders/contract.ts"],
  ["local/runtime/e10.ts", "lib/config/env.ts"],
  ["tests/system/journeys/e11.test.ts", "functions/payments/providers/sandbox/signature.ts"],
  ["bench/e12.ts", "tests/support/system.ts"],
  ["tests/promises/races/e13.ts", "tests/promises/deal.ts"],
];

/** A tree in which each first file imports the second, in one of the forms an import has. */
async function plant(folder: string): Promise<void> {
  const write = async (path: string, text: string) => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  };
  const all = [...REFUSED, ...ALLOWED];
  for (const to of new Set(all.map((pair) => pair[1]))) await write(to, "export const value = 1;\n");
  const forms = [
    (path: string) => `import { value } from "${path}";\nexport const used = value;\n`,
    (path: string) => `import type { value } from "${path}";\nexport type Used = typeof value;\n`,
    (path: string) => `export * from "${path}";\n`,
    (path: string) => `export const later = () => import("${path}");\n`,
  ];
  for (const [index, [from, to]] of all.entries()) {
    const path = relative(dirname(from), to);
    await write(from, forms[index % forms.length]?.(path.startsWith(".") ? path : `./${path}`) ?? "");
  }
  for (const at of ["lib/money", "tests/support"]) {
    await write(`${at}/circle-a.ts`, 'import type { B } from "./circle-b.ts";\nexport type A = B | 1;\n');
    await write(`${at}/circle-b.ts`, 'import type { A } from "./circle-a.ts";\nexport type B = A | 2;\n');
  }
}

describe("imports", () => {
  let folder: string;
  let violations: { from: string; to: string; rule: { name: string } }[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "cfmp-imports-"));
    await plant(folder);
    const command = join(root, "node_modules", "dependency-cruiser", "bin", "dependency-cruise.mjs");
    const config = join(root, ".dependency-cruiser.js");
    const folders = ["functions", "lib", "local", "tests", "bench"];
    const args = [command, "--config", config, "--output-type", "json", ...folders];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder });
    violations = JSON.parse(stdout).summary.violations;
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  const found = (from: string, to: string) => violations.filter((one) => one.from === from && one.to === to);

  test.each(REFUSED)("%s may not import %s", (from, to) => {
    expect(found(from, to)).not.toEqual([]);
  });

  test.each(ALLOWED)("%s may import %s", (from, to) => {
    expect(found(from, to)).toEqual([]);
  });

  test("two files that import each other are found, for types as well", () => {
    const circles = violations.filter(({ rule }) => rule.name === "no circle").map(({ from }) => from);
    expect(circles).toEqual(expect.arrayContaining(["lib/money/circle-a.ts", "tests/support/circle-a.ts"]));
  });
});
