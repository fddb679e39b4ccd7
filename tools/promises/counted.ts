// How much of each promise an order lets be checked.

import type { DealRecord } from "./deal-record.ts";
import type { Promised } from "./promised.ts";

export type Countable = Pick<DealRecord, "seller" | "acknowledged" | "email"> & { readonly stranger: object };

/** Orders, parties of orders, acknowledged steps, orders, requests of somebody else, orders of buyers with an address. */
export const COUNTED: Readonly<Record<Promised, (record: Countable) => number>> = {
  money: () => 1,
  "notified once": ({ seller }) => (seller === undefined ? 1 : 2),
  durable: ({ acknowledged }) => acknowledged.length,
  "one winner": () => 1,
  private: ({ stranger }) => Object.keys(stranger).length,
  mail: ({ email }) => (email === undefined ? 0 : 1),
};
