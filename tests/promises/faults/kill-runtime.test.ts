import { expect, test } from "@jest/globals";
import { flowsUnderKill } from "./flows-under-kill.ts";

test("nothing acknowledged is lost and nothing is doubled while the runtime is killed", async () => {
  const report = await flowsUnderKill({
    flows: 12,
    seed: 7,
    parts: ["runtime"],
    apart: false,
    mostKills: 2,
    pauseMs: 200,
    say: () => {},
  });
  expect(report.violations).toEqual([]);
  expect(report.flows).toBeGreaterThanOrEqual(12);
  expect(report.kills["runtime (all services)"]).toBeGreaterThan(0);
});
