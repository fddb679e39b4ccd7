// Every command says how it is used when it is asked, and asking is no failure.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { ROOT } from "../../../tools/own-system/start-command.ts";
import { run } from "../../support/run.ts";
import { cleanEnvironment } from "../../support/system.ts";

interface Manifest {
  readonly scripts: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const { scripts, devDependencies }: Manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
const devPackages = Object.keys(devDependencies);
const OF_DEVELOPERS = ["generate", "new:service", "demo"];
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

/** Refuses packages for development, as a server has them not (npm ci --omit=dev). */
const WITHOUT = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from "node:module";
  const missing = ${JSON.stringify(devPackages)};
  registerHooks({
    resolve(name, context, next) {
      if (missing.some((one) => name === one || name.startsWith(one + "/"))) throw new Error("A server has no " + name);
      return next(name, context);
    },
  });`)}`;

test.each(commands.filter(([name]) => !OF_DEVELOPERS.includes(name)))(
  "npm run %s loads on a server",
  async (_, line) => {
    const node = join(ROOT, "node_modules", ".bin", "node");
    const args = ["--import", WITHOUT, ...line, "--help"];
    const { code, stderr } = await run(node, args, { cwd: ROOT, env: cleanEnvironment() });
    expect([code, stderr]).toEqual([0, ""]);
  },
);

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
