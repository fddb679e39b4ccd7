// Which configuration each runtime has in effect, as its `/health/` says, and when it got it.

import { setTimeout as sleep } from "node:timers/promises";
import { healthBody } from "../health.ts";
import type { KnownRuntime, Runtimes } from "../runtimes.ts";
import { isRecord } from "../spans.ts";
import type { AppliedConfig, ConfigOutcome } from "./contract.ts";

const LOOK_MS = 10;
const WITHIN_MS = 5_000;

/** What the runtimes that run say; in the order of the map. */
export function appliedConfigs(runtimes: Pick<Runtimes, "all">): Promise<readonly AppliedConfig[]> {
  return Promise.all(
    running(runtimes).map(async (known) => ({ ...named(known), ...(await stateOf(known)) })),
  );
}

/** Milliseconds from now until each has the configuration with `md5` in effect. */
export function untilApplied(
  runtimes: Pick<Runtimes, "all">,
  md5: string | null,
): Promise<ConfigOutcome["applied"]> {
  const from = performance.now();
  const passed = () => performance.now() - from;
  const wait = async (known: KnownRuntime): Promise<number | null> => {
    while (passed() < WITHIN_MS) {
      const state = await stateOf(known);
      if (state.source !== null && state.md5 === md5) return Math.round(passed() * 10) / 10;
      await sleep(LOOK_MS);
    }
    return null;
  };
  return Promise.all(running(runtimes).map(async (known) => ({ ...named(known), ms: await wait(known) })));
}

const running = (runtimes: Pick<Runtimes, "all">): readonly KnownRuntime[] =>
  runtimes.all().filter(({ state, report }) => state !== "down" && report.services.length > 0);

const named = ({ report }: KnownRuntime) => ({
  runtime: report.instance,
  pid: report.pid,
  services: report.services.map(({ name }) => name),
});

/** All services of a process share its configuration. Of one that does not answer nothing is known. */
async function stateOf({ report }: KnownRuntime): Promise<Pick<AppliedConfig, "source" | "md5" | "refused">> {
  const body = await healthBody(report.services[0]?.url ?? "");
  const { source, md5, refused } = isRecord(body) && isRecord(body["config"]) ? body["config"] : {};
  return {
    source: typeof source === "string" ? source : null,
    md5: typeof md5 === "string" ? md5 : null,
    refused: refused === true,
  };
}
