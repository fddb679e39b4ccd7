import { expect, test } from "@jest/globals";
import { type Profile, summarize } from "./self-times.ts";

const ROOT = new URL("../../", import.meta.url).href;
const frame = (functionName: string, url: string) => ({ functionName, url, lineNumber: 0 });

const PROFILE: Profile = {
  nodes: [
    { id: 1, callFrame: frame("(root)", ""), children: [2, 3, 5] },
    { id: 2, callFrame: frame("send", `${ROOT}lib/storage/post.ts`), children: [4] },
    { id: 3, callFrame: frame("(idle)", "") },
    { id: 4, callFrame: frame("parse", "node:internal/json") },
    { id: 5, callFrame: frame("request", `${ROOT}node_modules/undici/lib/api.js`) },
  ],
  startTime: 0,
  samples: [2, 3, 4, 5, 5],
  timeDeltas: [0, 100, 400, 100, 200],
};

const measured = (window: readonly [number, number]) => ({ count: 10, cpuMs: { runtime: 40 }, window });

test("what Node does is its caller's, idle time is nobody's, and all adds up to the CPU time that was counted", () => {
  const { total, packages, functions } = summarize("runtime", PROFILE, measured([0, 10_000]));
  expect(total).toBe(4);
  expect(packages).toEqual([
    { name: "undici", ms: 2 },
    { name: "lib/storage", ms: 1 },
    { name: "lib/storage → node", ms: 1 },
  ]);
  expect(functions[0]).toEqual({ name: "request undici/lib/api.js:1", ms: 2 });
});

test("samples outside the window do not count", () => {
  const { packages } = summarize("runtime", PROFILE, measured([0, 50]));
  expect(packages).toEqual([{ name: "lib/storage", ms: 4 }]);
});
