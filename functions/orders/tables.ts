// The table of orders and its indexes.

import type { IndexName } from "../../lib/storage/table.ts";
import { aggregateTable } from "../../lib/storage/table-definition.ts";
import type { Role } from "../events.ts";

/** The indexes for each role: by time over all statuses, and by time and by amount within one status. */
export const ORDER_INDEXES = {
  buyer: {
    all: { name: "by_buyer", hash: "buyer", range: "created" },
    time: { name: "by_buyer_status", hash: "buyer_status", range: "created" },
    amount: { name: "by_buyer_amount", hash: "buyer_status", range: "amount" },
  },
  seller: {
    all: { name: "by_seller", hash: "seller", range: "created" },
    time: { name: "by_seller_status", hash: "seller_status", range: "created" },
    amount: { name: "by_seller_amount", hash: "seller_status", range: "amount" },
  },
} as const satisfies Record<Role, { all: IndexName; time: IndexName; amount: IndexName }>;

const { buyer, seller } = ORDER_INDEXES;

export const tables = [
  aggregateTable("orders", {
    indexes: [buyer.all, buyer.time, buyer.amount, seller.all, seller.time, seller.amount],
  }),
];
