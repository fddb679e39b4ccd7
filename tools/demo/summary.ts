// What a demo has shown: of each promise how much was checked, and what is broken.

import type { Checked } from "../promises/check-records.ts";
import { COUNTED } from "../promises/counted.ts";
import { numbered, PROMISES, type Promised } from "../promises/promised.ts";
import type { Load } from "./load.ts";

const UNITS: Readonly<Record<Promised, string>> = {
  money: "orders with their payments and the provider's records",
  "notified once": "parties of orders",
  durable: "acknowledged steps",
  "one winner": "orders",
  private: "requests of somebody else",
  mail: "orders of buyers with an address",
};

export interface Summary {
  readonly lines: readonly string[];
  /** Whether all promises were kept, and something was checked. */
  readonly kept: boolean;
}

/** The lines that end a demo. */
export function summaryOf(
  { records, failures, interrupted, lastRepeat }: Load,
  { violations, settledMs }: Checked,
): Summary {
  const rows = PROMISES.map((promise) => {
    const checked = records.reduce((sum, record) => sum + COUNTED[promise](record), 0);
    const broken = violations.filter((violation) => violation.promise === promise);
    return { promise, checked, broken };
  });
  const settled =
    settledMs === undefined ? [] : [`Settled ${(settledMs / 1_000).toFixed(1)} s after the last order.`];
  return {
    kept: violations.length === 0 && failures.length === 0 && records.length > 0,
    lines: [
      "",
      ...rows.map(
        ({ promise, checked, broken }) =>
          `${numbered(promise).padEnd(16)} ${String(checked).padStart(7)} ${UNITS[promise]}: ` +
          `${verdictOf(checked, broken.length)}`,
      ),
      ...violations.map(({ promise, sentence }) => `VIOLATION of "${promise}", order ${sentence}`),
      ...failures.map((failure) => `FAILED ${failure}`),
      ...(interrupted === 0 ? [] : [`${interrupted} orders were interrupted, and not checked.`]),
      ...(records.length === 0 ? [`Nothing was checked. ${lastRepeat ?? ""}`.trimEnd()] : []),
      ...settled,
    ],
  };
}

function verdictOf(checked: number, broken: number): string {
  if (broken > 0) return `${broken} VIOLATIONS`;
  return checked > 0 ? "kept" : "nothing to check";
}
