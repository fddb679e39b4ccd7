// What is asked of both sides: flows and single routes.

import { type Length, SANDBOX_SECRET, timing } from "../bench-system.ts";
import type { Job } from "../load/job.ts";
import { FLOWS } from "../sections/flow.ts";
import { asks } from "../sections/routes.ts";
import type { RunningSide } from "./side.ts";

export interface Scenario {
  readonly name: string;
  readonly lanes: number;
  /** Per second: flows, or requests. */
  readonly unit: "flows/s" | "req/s";
  job(side: RunningSide, lengths: Lengths): Job;
}

export interface Lengths {
  readonly route: Length;
  readonly flow: Length;
}

/** Flows of each kind in `names`, at each of `widths`. */
export const flowScenarios = (names: readonly string[], widths: readonly number[]): Scenario[] =>
  names.flatMap((name) =>
    widths.map((lanes) => ({
      name,
      lanes,
      unit: "flows/s",
      job: ({ system, processes }, { flow }) => ({
        kind: "flow",
        users: FLOWS[name] ?? "known",
        urls: system.urls,
        secret: SANDBOX_SECRET,
        ...timing(lanes, processes, flow),
      }),
    })),
  );

/** Requests to the routes in `names`, at each of `widths`. */
export const routeScenarios = (names: readonly string[], widths: readonly number[]): Scenario[] =>
  names.flatMap((name) =>
    widths.map((lanes) => ({
      name,
      lanes,
      unit: "req/s",
      job({ system, orderOf, processes }, { route }) {
        const ask = asks(system.urls.orders, orderOf)[name];
        if (ask === undefined) throw new Error(`There is no route ${name} to measure`);
        return { kind: "request", ...ask, ...timing(lanes, processes, route) };
      },
    })),
  );
