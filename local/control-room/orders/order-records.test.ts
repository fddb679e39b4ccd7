import { expect, test } from "@jest/globals";
import type { OrderRow } from "../../../tools/promises/subject.ts";
import { History } from "../history.ts";
import { OrderRecords } from "./order-records.ts";

const row = (order_id: string): OrderRow => ({
  order_id,
  buyer: "ann",
  seller: null,
  status: "pending",
  total: 100,
  currency: "CNY",
  created_at: 7,
  updated_at: 7,
});

test("orders are listed each once, also where many were made at the same time", async () => {
  const history = await History.open(":memory:", { bytes: 16_000_000, ms: 86_400_000 });
  const records = new OrderRecords(history);
  for (let no = 0; no < 25; no += 1) records.takeOrder(row(`o-${no}`));
  const found = new Set<string>();
  let cursor: string | undefined;
  do {
    const page = records.find({ limit: "10", cursor });
    for (const { order_id } of page.items) found.add(order_id);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  history.close();
  expect(found.size).toBe(25);
});
