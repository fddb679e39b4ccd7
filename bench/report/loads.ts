// Loads as a table.

import { sum } from "../processes.ts";
import type { Row } from "../sections/routes.ts";
import { figure, ms, table } from "./format.ts";

export function loads(rows: readonly Row[], unit: string): string {
  const roles = [...new Set(rows.flatMap(({ cpu }) => Object.keys(cpu)))];
  return table(
    ["", "at once", unit, "p50", "p99", "CPU each", ...roles],
    narrowFirst(rows).map(({ name, lanes, measured, cpu }) => [
      name,
      `${lanes}`,
      figure(measured.perSecond),
      ms(measured.p50),
      ms(measured.p99),
      ms(sum(cpu)),
      ...roles.map((role) => ms(cpu[role] ?? 0)),
    ]),
  );
}

/** Rows of one name stand together; they were measured with the wide load first. */
export function narrowFirst(rows: readonly Row[]): readonly Row[] {
  const names = [...new Set(rows.map(({ name }) => name))];
  return names.flatMap((name) => rows.filter((row) => row.name === name).sort((a, b) => a.lanes - b.lanes));
}
