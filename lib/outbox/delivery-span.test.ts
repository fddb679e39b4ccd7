import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { memoryTable } from "../../tests/support/memory-table.ts";
import { inSpan, type RecordedSpan } from "../observability/span.ts";
import { forgetSpans, recordSpans, testSpan } from "../observability/test-spans.ts";
import { AggregateStore } from "../storage/aggregate-store.ts";
import { deliverOutbox } from "./deliver.ts";
import { enqueue, nextDelivery, type Outbox } from "./outbox.ts";
import { createRelay } from "./relay.ts";

interface Thing {
  readonly id: string;
  readonly outbox: Outbox<string>;
}

const LONG_AGO = Date.now() - 60_000;
let spans: readonly RecordedSpan[];

beforeEach(() => {
  spans = recordSpans();
});
afterEach(forgetSpans);

/** Stores `thing`, and lets a relay deliver its events; `hinted` is the traceparent of a hint, none is a sweep. */
async function deliver(thing: Thing, hinted?: string): Promise<void> {
  const store = new AggregateStore<Thing>(memoryTable(), {
    schemaVersion: 1,
    id: ({ id }) => id,
    index: () => ({}),
    dueAt: ({ outbox }) => nextDelivery(outbox),
  });
  await store.create(thing);
  const relay = createRelay<Thing>({
    name: "things-relay",
    service: "ThingService",
    store,
    perform: (state, now, scope) => deliverOutbox(state, now, scope, async () => undefined),
  });
  if (hinted === undefined) await relay.sweep();
  else await relay.relay(thing.id, hinted);
}

/** A thing with one event, made within a span; the span's traceparent. */
function madeInSpan(): { thing: Thing; traceparent: string } {
  const span = testSpan({ service: "ThingService", name: "make", kind: "server" });
  const outbox = inSpan(span, () => enqueue<string>([], "e1", "made", LONG_AGO));
  span?.end();
  return { thing: { id: "t1", outbox }, traceparent: span?.traceparent ?? "" };
}

const named = (name: string) => spans.find((span) => span.name === name);

describe("an event", () => {
  test("keeps the span in which it came about, and nothing where there is none", () => {
    const { thing, traceparent } = madeInSpan();
    expect(thing.outbox[0]?.traceparent).toBe(traceparent);
    expect(enqueue([], "e1", "made", LONG_AGO)[0]).not.toHaveProperty("traceparent");
  });

  test("that is delivered after a hint is below the relay's run, which is below the span that hinted", async () => {
    const { thing, traceparent } = madeInSpan();
    await deliver(thing, traceparent);
    const [made, run, sent] = [
      named("make"),
      named("process things-relay"),
      named("send ThingService events"),
    ];
    expect(run).toMatchObject({
      kind: "consumer",
      parentSpanId: made?.spanId,
      attributes: { "messaging.destination.name": "things-relay", "cfmp.aggregate.id": "t1" },
    });
    expect(sent).toMatchObject({
      kind: "producer",
      traceId: made?.traceId,
      parentSpanId: run?.spanId,
      attributes: { "messaging.message.id": "e1", "cfmp.delivery.attempt": 1 },
    });
  });

  test("that is delivered by a sweep belongs to the trace in which it came about", async () => {
    const { thing } = madeInSpan();
    await deliver(thing);
    const [made, run, sent] = [
      named("make"),
      named("process things-relay"),
      named("send ThingService events"),
    ];
    expect(sent).toMatchObject({ traceId: made?.traceId, parentSpanId: made?.spanId });
    expect(run?.parentSpanId).toBeUndefined();
  });

  test("of a version without traces is delivered as part of the relay's run", async () => {
    const stored: Thing = JSON.parse(
      JSON.stringify({ id: "t1", outbox: enqueue([], "e1", "made", LONG_AGO) }),
    );
    await deliver(stored);
    const [run, sent] = [named("process things-relay"), named("send ThingService events")];
    expect(sent).toMatchObject({ traceId: run?.traceId, parentSpanId: run?.spanId, failed: false });
  });
});
