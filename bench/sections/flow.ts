// The whole flow, alone and 32 at once.

import type { System } from "../../tests/support/system.ts";
import { cpuEach, SANDBOX_SECRET, timing, WIDTHS } from "../bench-system.ts";
import { load } from "../load/launch.ts";
import type { Effort } from "../options.ts";
import type { ByRole, Processes } from "../processes.ts";
import type { Row } from "./routes.ts";

/** Measures flows at each width. */
export async function measureFlows(
  system: System,
  processes: Processes,
  idle: ByRole,
  effort: Effort,
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const lanes of WIDTHS) {
    const width = timing(lanes, processes, effort.flow);
    const measured = await load({ kind: "flow", urls: system.urls, secret: SANDBOX_SECRET, ...width });
    rows.push({ name: "flow", lanes, measured, cpu: cpuEach(measured, idle) });
  }
  return rows;
}
