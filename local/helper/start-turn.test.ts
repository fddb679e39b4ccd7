import { existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { sealed } from "../../lib/files/sealed.ts";
import { until } from "../../tests/support/poll.ts";
import { inTurn } from "./start-turn.ts";

let folder: string;
let mark: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cfmp-turn-"));
  mark = join(folder, "helper.starting");
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("of several that want to start at once one does, and the next may when it is done", async () => {
  const gate = Promise.withResolvers<string>();
  const first = inTurn(folder, () => gate.promise);
  await until("the first has its turn", () => readFileSync(mark, "utf8") !== "");
  expect(await inTurn(folder, async () => "second")).toBeUndefined();
  gate.resolve("first");
  expect(await first).toBe("first");
  expect(await inTurn(folder, async () => "third")).toBe("third");
});

test("a start that fails gives the turn up", async () => {
  await expect(inTurn(folder, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(existsSync(mark)).toBe(false);
});

const markOf = (pid: number) => sealed({ pid });

test.each([
  ["whose maker was killed", markOf(2 ** 22 + 1), 0],
  ["that is too old", markOf(process.pid), 120],
  ["from before the clock was set back", markOf(process.pid), -3_600],
  ["that is empty, since its maker was killed or had no space", "", 2],
  ["that is damaged", markOf(process.pid).replace(/\d/, "x"), 2],
  ["that names another process since it was damaged", markOf(process.pid).replace(/\d+/, "1"), 2],
])("a mark %s holds nobody up", async (_, text, ageS) => {
  writeFileSync(mark, text);
  const then = Date.now() / 1_000 - ageS;
  utimesSync(mark, then, then);
  expect(await inTurn(folder, async () => "started")).toBeUndefined();
  expect(await inTurn(folder, async () => "started")).toBe("started");
});
