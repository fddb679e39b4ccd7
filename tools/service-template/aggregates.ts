// What operators' commands may do with sample items.

import { type OpenAggregates, storedAggregates } from "../../lib/outbox/stored.ts";
import { sampleItemStore } from "./sample-item-store.ts";

export const aggregates: OpenAggregates = (table) => [
  storedAggregates("samples", sampleItemStore(table("samples"))),
];
