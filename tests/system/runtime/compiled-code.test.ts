// What a start has compiled is there for the next one, also when it was killed: no process loads Node's TypeScript parser then, which
// is 20 MB and more in each.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "@jest/globals";
import type { SystemMap } from "../../../local/control-room/map-contract.ts";
import { freePorts } from "../../support/free-ports.ts";
import { until } from "../../support/poll.ts";
import { startSystem } from "../../support/system.ts";

/** Whatever is loaded late, on a slow machine after the last time that code is written, is there one start later. */
const MOST_STARTS = 4;
/** Runtime, sidecar, helper and the control room's thread. */
const PROCESSES = 4;

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});
function madeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "cfmp-order-compiled-"));
  folders.push(folder);
  return folder;
}

interface Seen {
  readonly main: string;
  readonly isMainThread: boolean;
  readonly parser: boolean;
  readonly at: number;
}

/** Starts the system with compiled code in `cache`, and kills it. @returns what has loaded the parser. */
async function parsersOf(cache: string): Promise<readonly string[]> {
  const folder = madeFolder();
  const [port] = await freePorts(1);
  const system = await startSystem({
    env: {
      DEBUG: "True",
      CONTROL_ROOM_PORT: String(port),
      NODE_COMPILE_CACHE: cache,
      NODE_OPTIONS: `--require=${join(import.meta.dirname, "parser-watch.cjs")}`,
      CFMP_PARSERS: folder,
    },
  });
  try {
    await until("the control room has its report", async () => {
      const map: SystemMap = JSON.parse(await (await fetch(`http://127.0.0.1:${port}/api/map`)).text());
      return map.runtimes[0]?.state === "ok";
    });
    const reported = Date.now();
    const seen = await until("each process has written its compiled code", () => {
      const files = readdirSync(folder).filter((name) => name.endsWith(".json"));
      const all = files.map((name): Seen => JSON.parse(readFileSync(join(folder, name), "utf8")));
      const late = all.filter(({ at }) => at > reported);
      return late.length >= PROCESSES ? late : undefined;
    });
    return seen.filter(({ parser }) => parser).map(({ main, isMainThread }) => `${main} ${isMainThread}`);
  } finally {
    await system.cleanUp();
  }
}

test("a killed system leaves all that it has compiled to the next start", async () => {
  const cache = madeFolder();
  let loaded = await parsersOf(cache);
  expect(loaded).toHaveLength(PROCESSES);
  for (let start = 1; start < MOST_STARTS && loaded.length > 0; start += 1) loaded = await parsersOf(cache);
  expect(loaded).toEqual([]);
});
