// The flow: how long, how many, and where its time goes.

import type { Spread } from "../compare/ratios.ts";
import type { RunningFigures } from "../measure.ts";
import type { SelfTimes } from "../profile/self-times.ts";
import { FLOOR_LANES } from "../sections/floor.ts";
import { SELLER_FLOW } from "../sections/flow.ts";
import { figure, ms, percent, ratio, section, table, times } from "./format.ts";
import { GOALS } from "./goals.ts";
import { loads, narrowFirst } from "./loads.ts";

const TOP_PACKAGES = 12;
/** A process with less than this of a flow's CPU time is left out of the profile. */
const LEAST_SHARE = 0.05;

export function flows({ flows: rows }: RunningFigures): string {
  const looks = narrowFirst(rows)
    .map(({ name, lanes, measured }) => `${(measured.extraPolls ?? 0).toFixed(1)} per ${name} at ${lanes}`)
    .join(", ");
  return section(
    "The whole flow",
    "Create an order, pay it, a signed callback, the order shows paid, `order.created` and `order.paid` are in the " +
      "list of notifications (its newest three). What is not there yet is looked for again after a tenth of " +
      "the time the flow has taken so far, 2 ms at least; the looks are part of the flow and of its cost. The bare flow has a " +
      "user for each connection; the other a buyer and a seller whom the system has never seen before, and two lines.",
    loads(rows, "flows/s"),
    `Looks beyond the first: ${looks}.`,
  );
}

/** The floor under a flow's cost, and the profile above it. */
export function whereTimeGoes({ floor, profile }: RunningFigures): string {
  const row = (name: string, { median, least, most }: Spread) => [
    name,
    ms(median),
    `${figure(least)} to ${figure(most)}`,
  ];
  return section(
    "Where a flow's time goes",
    `A ${SELLER_FLOW}, ${FLOOR_LANES} at once. The floor: the same database operations through the same client, one after ` +
      "the other and nothing else; and the same requests to a server of Node's that gives recorded replies. All three by turns; medians of the rounds, the least and the most.",
    table(
      ["", "CPU", ""],
      [
        row("the whole flow", floor.whole),
        row("its database operations alone", floor.operations),
        row("its HTTP exchanges with empty handlers", floor.exchanges),
      ],
    ),
    `The whole flow costs ${ratio(floor.ratio)} of its floor, round by round (goal ${times(GOALS.floorRatio)}).`,
    "By package, from a profile of a system of its own, the profiler's cost included; `→ node` is what a package has Node do:",
    ...busy(profile).map(packages),
  );
}

function busy(profile: readonly SelfTimes[]): readonly SelfTimes[] {
  const all = profile.reduce((total, process) => total + process.total, 0);
  return profile.filter(({ total }) => total > 0 && total >= all * LEAST_SHARE);
}

function packages({ role, total, packages: shares }: SelfTimes): string {
  const top = shares.slice(0, TOP_PACKAGES);
  const rest = total - top.reduce((all, { ms: part }) => all + part, 0);
  return table(
    [role, "ms per flow", "share"],
    [...top, { name: "others", ms: rest }, { name: "**all**", ms: total }].map(({ name, ms: part }) => [
      name,
      part.toFixed(2),
      percent(part / total),
    ]),
  );
}

/** The profile alone, with functions. */
export function profileText(profile: readonly SelfTimes[]): string {
  return busy(profile)
    .map((times) =>
      [
        packages(times),
        table(
          [`${times.role}: function`, "ms per flow of its own"],
          times.functions.slice(0, TOP_PACKAGES).map(({ name, ms: own }) => [name, own.toFixed(3)]),
        ),
      ].join("\n\n"),
    )
    .join("\n\n");
}
