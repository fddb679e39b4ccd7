// Single routes, and what the stack costs.

import { median } from "../../tests/support/quantiles.ts";
import type { RunningFigures } from "../measure.ts";
import type { Yardstick } from "../sections/yardsticks.ts";
import { figure, ms, ratio, section, table, times } from "./format.ts";
import { GOALS } from "./goals.ts";
import { loads } from "./loads.ts";

export function routes({ routes: rows, listRatios }: RunningFigures): string {
  return section(
    "Single routes",
    loads(rows, "req/s"),
    `\`create order\` includes the work after the reply: notifying the buyer. A page of a user's list (10 orders) with 10,000 orders takes **${median(listRatios).toFixed(2)} ×** the time with 100 (p50 at 1, by turns; rounds: ${listRatios.map((each) => each.toFixed(2)).join(", ")}).`,
  );
}

export function costOfStack({ yardsticks }: RunningFigures): string {
  const { trivial, bareRead, getOrder, readRatio } = yardsticks;
  const row = ({ name, perSecond, p50, cpu }: Yardstick) => [name, figure(perSecond), ms(p50), ms(cpu)];
  return section(
    "Cost of the stack",
    "Plain serverless-offline with the same settings and the same database, by turns, 32 at once; CPU over all processes that take part.",
    table(["", "req/s", "p50", "CPU per request"], [trivial, bareRead, getOrder].map(row)),
    `Identity, validation, deadline, logging, problem replies and the view included, \`GET /api/orders/{id}/\` costs ${ratio(readRatio)} of the bare read (goal ${times(GOALS.readRatio)}).`,
  );
}
