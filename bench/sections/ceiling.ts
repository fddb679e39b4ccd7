// What the embedded database can do by itself, with the client the services use.

import type { System } from "../../tests/support/system.ts";
import { cpuEach, timing } from "../bench-system.ts";
import { load } from "../load/launch.ts";
import type { Effort } from "../options.ts";
import type { Processes } from "../processes.ts";
import type { Row } from "./routes.ts";

const WIDTHS = [1, 16];

/** Puts of orders with all their index entries, and consistent reads of them. */
export async function measureCeiling(
  system: System,
  { helper = 0 }: Processes,
  effort: Effort,
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  const table = `${system.env["DB_NAME"]}-orders`;
  for (const kind of ["put", "get"] as const) {
    for (const lanes of WIDTHS) {
      const width = timing(lanes, { helper }, effort.route);
      const measured = await load({ kind, databaseUrl: system.databaseUrl, table, ...width });
      rows.push({ name: `database ${kind}`, lanes, measured, cpu: cpuEach(measured, {}) });
    }
  }
  return rows;
}
