// The whole flow, alone and 32 at once: of users the system knows, and of users it has never seen.

import type { System } from "../../tests/support/system.ts";
import { cpuEach, SANDBOX_SECRET, timing, WIDTHS } from "../bench-system.ts";
import type { FlowUsers } from "../load/job.ts";
import { load } from "../load/launch.ts";
import type { Effort } from "../options.ts";
import type { ByRole, Processes } from "../processes.ts";
import type { Row } from "./routes.ts";

export const BARE_FLOW = "flow";
export const SELLER_FLOW = "flow, seller, two lines, new users";

export const FLOWS: Readonly<Record<string, FlowUsers>> = {
  [BARE_FLOW]: "known",
  [SELLER_FLOW]: "new",
};

/** Measures flows of each kind at each width. */
export async function measureFlows(
  system: System,
  processes: Processes,
  idle: ByRole,
  effort: Effort,
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const [name, users] of Object.entries(FLOWS)) {
    for (const lanes of WIDTHS) {
      const width = timing(lanes, processes, effort.flow);
      const job = { kind: "flow", users, urls: system.urls, secret: SANDBOX_SECRET, ...width } as const;
      const measured = await load(job);
      rows.push({ name, lanes, measured, cpu: cpuEach(measured, idle) });
    }
  }
  return rows;
}
