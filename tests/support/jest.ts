// Jest, run by a command for suites that need something started first.

import { join } from "node:path";
import type { Verdict } from "./command.ts";
import { run } from "./run.ts";

const ROOT = join(import.meta.dirname, "..", "..");

/** Runs Jest with `args` in the project at `root`, and counts from its own summary. A run that ends badly without a failed test counts as one. */
export async function runJest(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  root: string = ROOT,
): Promise<Verdict> {
  const jest = join(root, "node_modules", "jest", "bin", "jest.js");
  const { code, stderr } = await run(
    process.execPath,
    ["--experimental-vm-modules", "--no-warnings", jest, "--runInBand", ...args],
    { cwd: root, env: { ...process.env, ...env }, shown: true },
  );
  const summary = /^Tests: .*$/m.exec(stderr)?.[0] ?? "";
  const count = (what: string) => Number(new RegExp(`(\\d+) ${what}`).exec(summary)?.[1] ?? 0);
  const failed = count("failed");
  return { passed: count("passed"), failed: code !== 0 && failed === 0 ? 1 : failed };
}

/** The files with names that end so, which `npm test` excludes; patterns behind it choose among them. */
export const only = (ending: string): readonly string[] => [
  "--testPathIgnorePatterns=/node_modules/",
  `--testMatch=**/*${ending}`,
  // Without another option behind it, what follows would be more of its values.
  "--runInBand",
];
