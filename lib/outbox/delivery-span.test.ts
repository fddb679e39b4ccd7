import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { memoryTable } from "../../tests/support/memory-table.ts";
import type { Scope } from "../core/scope.ts";
import { activeSpan, asSpan, inSpan, type RecordedSpan, setSpanRecorder } from "../observability/span.ts";
import { forgetSpans, recordSpans, testSpan } from "../observability/test-spans.ts";
import { AggregateStore } from "../storage/aggregate-store.ts";
import { deliverOutbox } from "./deliver.ts";
import { enqueue, nextDelivery, type Outbox } from "./outbox.ts";
import { createRelay } from "./relay.ts";

interface Thing {
  readonly id: string;
  readonly outbox: Outbox<string>;
}

const PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const LONG_AGO = Date.now() - 60_000;
let spans: readonly RecordedSpan[];

beforeEach(() => {
  spans = recordSpans();
});
afterEach(forgetSpans);

/** Stores `thing`, and lets a relay deliver its events; `hinted` is the traceparent of a hint, none is a sweep. */
async function deliver(
  thing: Thing,
  hinted?: string,
  send: (scope: Scope) => Promise<void> = async () => {},
): Promise<void> {
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
    perform: (state, now, scope) =>
      deliverOutbox(state, now, scope, async (_event, own) => {
        await send(own);
        return undefined;
      }),
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

  test("of a request that was not recorded is part of no trace of others, whoever's run delivers it", async () => {
    const seen: unknown[] = [];
    await deliver({ id: "t1", outbox: enqueue<string>([], "e1", "made", LONG_AGO) }, PARENT, async (own) => {
      await asSpan(
        () => ({ name: "call", kind: "client" }),
        async () => {},
      );
      seen.push(own.traceId);
    });
    const others = ["send ThingService events", "call"].map((name) => named(name)?.traceId);
    expect(new Set(others).size).toBe(1);
    expect(others).toEqual([seen[0], seen[0]]);
    expect(others).not.toContain(named("process things-relay")?.traceId);
  });

  test("of a request that was not recorded stays unrecorded in a run that is, where the recorder says so", async () => {
    const only = PARENT.slice(3, 35);
    const recorded: RecordedSpan[] = [];
    setSpanRecorder({
      samples: (traceId) => traceId === only,
      record: (span) => void recorded.push(span),
      flush: async () => {},
    });
    let told = "";
    await deliver({ id: "t1", outbox: enqueue<string>([], "e1", "made", LONG_AGO) }, PARENT, async (own) => {
      expect(activeSpan()).toBeUndefined();
      told = own.traceparent;
    });
    expect(told).toMatch(/-00$/);
    expect(told).not.toContain(only);
    expect(recorded.map(({ name }) => name)).toEqual(["process things-relay"]);
  });

  test("of a recorded request is recorded in its trace, and tells it, in a run that is not recorded", async () => {
    const { thing, traceparent } = madeInSpan();
    let told = "";
    await deliver(thing, PARENT.replace(/01$/, "00"), async (own) => {
      told = own.traceparent;
    });
    expect(told).toMatch(new RegExp(`^${traceparent.slice(0, 35)}-.*-01$`));
    expect(named("process things-relay")).toBeUndefined();
    expect(named("send ThingService events")).toMatchObject({
      traceId: traceparent.slice(3, 35),
      spanId: told.slice(36, 52),
    });
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
