import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { until } from "./poll.ts";
import { begin, type Program } from "./run.ts";

const cache = mkdtempSync(join(tmpdir(), "cfmp-tools-"));
afterAll(() => rmSync(cache, { recursive: true }));

/** Notes that it was begun; ends when there is a file `go`, and fails while there is a file `fail`, which it removes. */
const SCRIPT = `
const { appendFileSync, existsSync, rmSync } = await import("node:fs");
const { setTimeout: sleep } = await import("node:timers/promises");
const { fetched } = await import(process.argv[1]);
const notes = process.argv[2];
console.log(await fetched("test", [notes], async () => {
  appendFileSync(notes, "begun\\n");
  while (!existsSync(notes + ".go")) await sleep(10);
  if (existsSync(notes + ".fail")) { rmSync(notes + ".fail"); throw new Error("no network"); }
}));
`;

const fetching = (notes: string): Promise<Program> =>
  begin(
    process.execPath,
    ["--input-type=module", "-e", SCRIPT, join(import.meta.dirname, "tools.ts"), notes],
    { env: { ...process.env, XDG_CACHE_HOME: cache } },
  );
const begun = (notes: string) => (existsSync(notes) ? readFileSync(notes, "utf8").split("\n").length - 1 : 0);
const allow = (notes: string, what = "go") => appendFileSync(`${notes}.${what}`, "");
const folderIn = (program: Program) => program.stdout().trim().split("\n").at(-1) ?? "";

test("of two processes one fetches, and both get the folder", async () => {
  const notes = join(cache, "two");
  const programs = await Promise.all([fetching(notes), fetching(notes)]);
  await until("one has begun", () => begun(notes) > 0);
  allow(notes);
  expect(await Promise.all(programs.map(({ ended }) => ended))).toEqual([0, 0]);
  expect(begun(notes)).toBe(1);
  expect(new Set(programs.map(folderIn)).size).toBe(1);
  expect(existsSync(join(folderIn(programs[0] as Program), "complete"))).toBe(true);
});

test("what a killed process was fetching is fetched by the next one", async () => {
  const notes = join(cache, "killed");
  const killed = await fetching(notes);
  await until("it has begun", () => begun(notes) === 1);
  killed.signal("SIGKILL");
  await killed.ended;
  allow(notes);
  expect(await (await fetching(notes)).ended).toBe(0);
  expect(begun(notes)).toBe(2);
});

test("a fetch that fails is begun once more, and says why", async () => {
  const notes = join(cache, "fails");
  allow(notes, "fail");
  allow(notes);
  const program = await fetching(notes);
  expect(await program.ended).toBe(0);
  expect(begun(notes)).toBe(2);
  expect(program.stdout()).toMatch(/no network\nOnce more in \d+ ms\./);
});
