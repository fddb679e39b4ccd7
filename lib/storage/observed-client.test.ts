import { afterEach, expect, test } from "@jest/globals";
import { setMeter } from "../observability/meter.ts";
import { inSpan } from "../observability/span.ts";
import { silentMeter } from "../observability/test-meter.ts";
import { forgetSpans, recordSpans, testSpan } from "../observability/test-spans.ts";
import type { DynamoReply } from "./dynamo-client.ts";
import { StorageFault, StorageUnavailable } from "./errors.ts";
import { observedClient } from "./observed-client.ts";

afterEach(() => setMeter(undefined));

const reply = (conditionFailed: boolean): DynamoReply => ({ body: {}, conditionFailed, ambiguous: false });
const fails = (error: Error) => () => Promise.reject<DynamoReply>(error);

/** A client whose database answers so. */
const answering = (send: () => Promise<DynamoReply>) =>
  observedClient({ writeFailure: "disk full", send, close: async () => {} });

test.each([
  ["ok", async () => reply(false)],
  ["condition_failed", async () => reply(true)],
  ["refused", fails(new StorageFault("PutItem", "ValidationException", "no"))],
  ["unavailable", fails(new StorageUnavailable("PutItem", undefined))],
  ["cancelled", fails(new Error("the caller gave up"))],
])("a request ends as %s, and its outcome passes unchanged", async (outcome, send) => {
  const seen: unknown[][] = [];
  const expected = await send().catch((error: unknown) => error);
  for (const measured of [false, true]) {
    if (measured) setMeter({ ...silentMeter, storage: (...noted) => seen.push(noted.slice(0, 2)) });
    const found = await answering(send)
      .send("PutItem", {})
      .catch((error: unknown) => error);
    expect(found).toEqual(expected);
  }
  expect(seen).toEqual([["PutItem", outcome]]);
});

test("what the database says of its disk is passed on", () => {
  expect(answering(async () => reply(false)).writeFailure).toBe("disk full");
});

test("within a span a request is one below it; outside, as in a sweep, it is none", async () => {
  const spans = recordSpans();
  try {
    const client = answering(async () => reply(true));
    await client.send("Query", { TableName: "shop-orders" });
    expect(spans).toEqual([]);
    const outer = testSpan({ service: "OrderService", name: "outer", kind: "server" });
    await inSpan(outer, () => client.send("PutItem", { TableName: "shop-orders", Item: { name: "张三" } }));
    expect(spans).toEqual([
      expect.objectContaining({
        service: "OrderService",
        name: "PutItem shop-orders",
        kind: "client",
        parentSpanId: outer?.traceparent.slice(36, 52),
        failed: false,
        attributes: {
          "db.system.name": "aws.dynamodb",
          "db.operation.name": "PutItem",
          "db.collection.name": "shop-orders",
          "cfmp.storage.condition_failed": true,
        },
      }),
    ]);
  } finally {
    forgetSpans();
  }
});
