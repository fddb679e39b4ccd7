// Every command says how it is used when it is asked, and asking is no failure.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { ROOT } from "../../../tools/own-system/start-command.ts";
import { run } from "../../support/run.ts";
import { cleanEnvironment } from "../../support/system.ts";

const { scripts }: { readonly scripts: Readonly<Record<string, string>> } = JSON.parse(
  readFileSync(join(ROOT, "package.json"), "utf8"),
);
/** Not those of developers alone, whose checks take no options. */
const commands = Object.entries(scripts).flatMap(([name, line]) =>
  /^node .* (tools\/[\w-]+\/main|local\/token|local\/server\/main)\.ts\b/.test(line) &&
  !name.includes("check:")
    ? [[name, line.split(" ").slice(1)] as const]
    : [],
);

test("are all of them", () => {
  expect(commands.map(([name]) => name)).toEqual(
    expect.arrayContaining(["serve", "token", "restore", "status"]),
  );
  expect(commands.length).toBeGreaterThan(12);
});

test.each(commands)("npm run %s -- --help", async (name, line) => {
  for (const option of ["--help", "-h"]) {
    const node = join(ROOT, "node_modules", ".bin", "node");
    const { code, stdout, stderr } = await run(node, [...line, option], {
      cwd: ROOT,
      env: cleanEnvironment(),
    });
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(new RegExp(`^Usage: (.*\\n)*.*npm run ${name}\\b`));
  }
});
