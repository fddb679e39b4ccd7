import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "@jest/globals";

const FIRST = join(import.meta.dirname, "zod-in-english.cjs");

/** What a process prints that loads `FIRST` before it imports zod. */
function printed(code: string): unknown {
  const program = `
    import * as z from "zod";
    console.log(JSON.stringify(${code}));`;
  const args = ["--require", FIRST, "--input-type=module", "--eval", program];
  return JSON.parse(execFileSync(process.execPath, args, { cwd: import.meta.dirname, encoding: "utf8" }));
}

test("zod is loaded once, with its English messages alone", () => {
  expect(printed("Object.keys(z.locales)")).toEqual(["en"]);
  expect(printed("z.string().safeParse(1).error.issues.map(({ message }) => message)")).toEqual([
    "Invalid input: expected string, received number",
  ]);
});
