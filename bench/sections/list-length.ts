// Does a page of a user's list cost more when the list is longer?

import type { System } from "../../tests/support/system.ts";
import { loadPair } from "../load/launch.ts";
import type { Effort } from "../options.ts";
import { LARGE_USER, LISTED_USER } from "./routes.ts";

/** The p50 of a page for the user with 10,000 orders by that for the user with 100, asked for by turns, in each round. */
export async function compareLists(system: System, effort: Effort): Promise<readonly number[]> {
  const url = `${system.urls.orders}/api/orders/`;
  const ratios: number[] = [];
  for (let round = 0; round < effort.rounds; round += 1) {
    const { p50 } = await loadPair({ url, users: [LISTED_USER, LARGE_USER], forMs: effort.route.windowMs });
    ratios.push(p50[1] / p50[0]);
  }
  return ratios;
}
