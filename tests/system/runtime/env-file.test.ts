// One .env means the same to every command that reads it.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import * as z from "zod";
import { ENV_TEXTS } from "../../../local/shared/test-env-texts.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");
/** What `npm start` and `npx serverless …` read .env by. */
const OSLS = createRequire(join(ROOT, "package.json")).resolve("serverless/lib/cli/load-dotenv");
const SURROUNDINGS = { PATH: process.env["PATH"], HOME: process.env["HOME"] };

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "cfmp-env-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const run = (args: readonly string[], input = "") =>
  spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8", env: SURROUNDINGS, input });

describe("osls", () => {
  test("reads every text as the rule says", () => {
    const code = `
      const load = require(${JSON.stringify(OSLS)});
      const { readFileSync, writeFileSync } = require("node:fs");
      const read = JSON.parse(readFileSync(0, "utf8")).map((text) => {
        writeFileSync(".env", text);
        for (const name of ["X", "Y"]) delete process.env[name];
        load("dev");
        return process.env.X ?? null;
      });
      process.stdout.write(JSON.stringify(read));`;
    const { stdout } = run(["-e", code], JSON.stringify(ENV_TEXTS.map(([text]) => text)));
    const read = z.array(z.string().nullable()).parse(JSON.parse(stdout));
    expect(ENV_TEXTS.map(([text], index) => [text, read[index]])).toEqual(
      ENV_TEXTS.map(([text, x]) => [text, x ?? null]),
    );
  });

  test("says in one line what is wrong with a file that nobody can read", () => {
    writeFileSync(join(folder, ".env"), Buffer.from("\ufeffX=1", "utf16le"));
    const { status, stderr } = run(["-e", `require(${JSON.stringify(OSLS)})("dev")`]);
    expect(status).toBe(1);
    expect(stderr.trim()).toMatch(/^\S*\.env can't be read: it is not UTF-8 text\. [^\n]*$/);
  });
});

// A value that can't be is refused and shown: that is how each command says what it has read.
describe.each([
  ["token", ["local/token.ts", "--sub", "alice"]],
  ["outbox", ["tools/outbox/main.ts", "list"]],
  ["migrate", ["tools/migrate/main.ts", "--dry-run"]],
  ["reconcile", ["tools/reconcile/main.ts"]],
] as const)("npm run %s", (_, [file, ...args]) => {
  test("reads the file of its stage by the same rule", () => {
    writeFileSync(join(folder, ".env.prod"), "\ufeffexport DB_NAME = 'a$b#c' # tables\r\n");
    const { stderr, status } = run([join(ROOT, file), ...args, "--stage", "prod"]);
    expect(stderr).toMatch(/DB_NAME must be [^\n]* \(is "a\$b#c"\)/);
    expect(status).not.toBe(0);
  });
});
