import { expect, jest, test } from "@jest/globals";
import { ListReplies } from "./list-reply.ts";
import { ServiceTable } from "./service-table.ts";
import { testInstance } from "./test-instance.ts";

const id = { namespace: "public", group: "DEFAULT_GROUP", name: "OrderService" };
const query = { clusters: "DEFAULT", healthyOnly: false };
const instance = (port: number) => testInstance(port, { metadata: { version: "1" } });

test("the same list is written once, however many ask, until the service changes", () => {
  const table = new ServiceTable({ clock: () => 0 });
  const replies = new ListReplies(() => 0);
  for (let port = 1; port <= 50; port += 1) table.register(id, instance(port));
  const stringify = jest.spyOn(JSON, "stringify");
  const texts = Array.from({ length: 200 }, () => replies.v1(id, table.find(id), query));
  expect(stringify).toHaveBeenCalledTimes(1);
  stringify.mockRestore();
  expect(new Set(texts).size).toBe(1);
  expect(JSON.parse(texts[0] ?? "").hosts).toHaveLength(50);

  table.deregister(id, instance(1));
  expect(JSON.parse(replies.v1(id, table.find(id), query)).hosts).toHaveLength(49);
  table.beat(id, instance(2));
  expect(replies.v1(id, table.find(id), { clusters: "OTHER", healthyOnly: false })).toContain('"hosts":[]');
});
