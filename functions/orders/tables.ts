// The table of orders and its indexes.

import { aggregateTable, type ListIndex } from "../../lib/storage/table-definition.ts";
import type { Role } from "../events.ts";

/** What totals are computed from. */
const TOTALLED = ["amount", "currency"];

/**
 * The indexes for each role: by time over all statuses, and by time and by amount within one status. Totals are computed from what the one by
 * time within a status carries.
 */
export const ORDER_INDEXES = {
  buyer: {
    all: { name: "by_buyer", hash: "buyer", range: "created", carries: [] },
    time: { name: "by_buyer_status", hash: "buyer_status", range: "created", carries: TOTALLED },
    amount: { name: "by_buyer_amount", hash: "buyer_status", range: "amount", carries: [] },
  },
  seller: {
    all: { name: "by_seller", hash: "seller", range: "created", carries: [] },
    time: { name: "by_seller_status", hash: "seller_status", range: "created", carries: TOTALLED },
    amount: { name: "by_seller_amount", hash: "seller_status", range: "amount", carries: [] },
  },
} as const satisfies Record<Role, { all: ListIndex; time: ListIndex; amount: ListIndex }>;

const { buyer, seller } = ORDER_INDEXES;

export const tables = [
  aggregateTable("orders", {
    indexes: [buyer.all, buyer.time, buyer.amount, seller.all, seller.time, seller.amount],
  }),
];
