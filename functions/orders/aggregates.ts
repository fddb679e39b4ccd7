// What operators' commands may do with orders.

import { eventParking } from "../../lib/outbox/parked.ts";
import { type OpenAggregates, storedAggregates } from "../../lib/outbox/stored.ts";
import { orderStore } from "./order-store.ts";

export const aggregates: OpenAggregates = (table) => [
  storedAggregates("orders", orderStore(table("orders")), eventParking()),
];
