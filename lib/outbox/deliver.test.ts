import { describe, expect, test } from "@jest/globals";
import { PeerRefusal } from "../contract/client.ts";
import { openScope } from "../core/scope.ts";
import { setMeter } from "../observability/meter.ts";
import { silentMeter } from "../observability/test-meter.ts";
import type { Step } from "../storage/deferred-steps.ts";
import { deliverOutbox } from "./deliver.ts";
import { DeliveryFailure } from "./failure.ts";
import { enqueue, failed, nextDelivery, type Outbox, type OutboxEvent, parkedEvents } from "./outbox.ts";

const NOW = Date.parse("2026-03-01T12:00:00.000Z");
const scope = openScope("TestService", "r");
const three = ["a", "b", "c"].reduce<Outbox<string>>((box, id) => enqueue(box, id, `to ${id}`, NOW), []);

interface Thing {
  readonly outbox: Outbox<string>;
  readonly answers: number;
}

const having = (outbox: Outbox<string>): Thing => ({ outbox, answers: 0 });
const ids = (thing: Thing | undefined) => thing?.outbox.map(({ id, attempts }) => [id, attempts]);

/** Delivers `outbox` through `send`, listing what was sent. */
async function deliver(
  outbox: Outbox<string>,
  now: number,
  send: (event: OutboxEvent<string>) => Promise<Step<Thing> | undefined>,
) {
  const sent: string[] = [];
  const performed = await deliverOutbox<string, Thing>(having(outbox), now, scope, (event) => {
    sent.push(event.id);
    return send(event);
  });
  return { record: performed?.record, repeatable: performed?.repeatable, sent };
}

const refuseB = async ({ id }: OutboxEvent<string>) => {
  if (id === "b") throw new Error("b is away");
  return undefined;
};

describe("delivering an outbox", () => {
  test("sends everything that is new, and one failure keeps nothing else back", async () => {
    const { record, sent } = await deliver(three, NOW, refuseB);
    expect(sent).toEqual(["a", "b", "c"]);
    expect(ids(record?.(having(three)))).toEqual([["b", 1]]);
  });

  test("sends a failed event no more until it is due again", async () => {
    const waiting = failed(three.slice(1, 2), "b", { kind: "away", text: "" }, NOW);
    expect((await deliver(waiting, NOW + 999, refuseB)).record).toBeUndefined();
    const { record } = await deliver(waiting, NOW + 1_000, refuseB);
    expect(ids(record?.(having(waiting)))).toEqual([["b", 2]]);
  });

  test("is recorded on what is stored by then, with what came in between", async () => {
    const { record } = await deliver(three, NOW, refuseB);
    const later = enqueue(three.slice(1), "d", "to d", NOW);
    expect(ids(record?.(having(later)))).toEqual([
      ["b", 1],
      ["d", 0],
    ]);
  });

  test("has nothing to record where another has recorded it", async () => {
    const { record } = await deliver(three, NOW, refuseB);
    const without = having([]);
    expect(record?.(without)).toBe(without);
  });

  test("applies what receivers' answers ask for", async () => {
    const { record } = await deliver(three, NOW, async ({ id }) =>
      id === "c" ? (thing) => ({ ...thing, answers: thing.answers + 1 }) : undefined,
    );
    expect(record?.(having(three))).toEqual({ outbox: [], answers: 1 });
  });

  test("parks what its receiver will never take, and sends it no more", async () => {
    const refuse = async ({ id }: OutboxEvent<string>) => {
      if (id === "b") throw new PeerRefusal("B", 422, "body_invalid", "`x` is wrong");
      return undefined;
    };
    const { record } = await deliver(three, NOW, refuse);
    const rest = record?.(having(three)).outbox ?? [];
    expect(parkedEvents(rest)).toMatchObject([
      { id: "b", last_error: "B answered 422 body_invalid: `x` is wrong" },
    ]);
    expect((await deliver(rest, NOW + 1e12, refuse)).sent).toEqual([]);
  });

  test("may be repeated when all is delivered, not when something failed or follows from it", async () => {
    const repeatable = async (send: (event: OutboxEvent<string>) => Promise<Step<Thing> | undefined>) =>
      (await deliver(three, NOW, send)).repeatable;
    expect(await repeatable(async () => undefined)).toBe(true);
    expect(await repeatable(refuseB)).toBe(false);
    expect(await repeatable(async ({ id }) => (id === "a" ? (thing) => thing : undefined))).toBe(false);
  });

  test("gives undefined for an empty outbox", async () => {
    expect((await deliver([], NOW, refuseB)).record).toBeUndefined();
  });

  test("a receiver that never answers keeps the others' results, when send itself gives up", async () => {
    const slow = new Promise<undefined>((_, reject) => setTimeout(() => reject(new Error("too late")), 30));
    const { record } = await deliver(three, NOW, ({ id }) =>
      id === "a" ? slow : Promise.resolve(undefined),
    );
    expect(ids(record?.(having(three)))).toEqual([["a", 1]]);
  });
});

test("each delivery is measured, with the age of its event", async () => {
  const seen: unknown[][] = [];
  setMeter({
    ...silentMeter,
    delivery: (...noted) => seen.push(noted),
  });
  try {
    await deliver(three, NOW + 3_000, refuseB);
  } finally {
    setMeter(undefined);
  }
  expect(seen.toSorted()).toEqual([
    ["TestService", "delivered", 3],
    ["TestService", "delivered", 3],
    ["TestService", "postponed", 3],
  ]);
});

describe("events of one sequence", () => {
  const [away, refused] = ["away", "refused"] as const;
  const inOrder = () => "all";

  /** Delivers in one sequence; `failing` says of which events, and how. Returns what was sent, and the outbox after it. */
  async function inSequence(
    outbox: Outbox<string>,
    now: number,
    failing: Readonly<Record<string, "away" | "refused">> = {},
    sequenceOf: (payload: string) => string | undefined = inOrder,
  ) {
    const sent: string[] = [];
    const send = async ({ id }: OutboxEvent<string>) => {
      sent.push(id);
      await new Promise((resolve) => setImmediate(resolve));
      const kind = failing[id];
      if (kind !== undefined) throw new DeliveryFailure(kind, kind);
      return undefined;
    };
    const performed = await deliverOutbox<string, Thing>(
      having(outbox),
      now,
      scope,
      send,
      undefined,
      sequenceOf,
    );
    return { sent, outbox: performed?.record(having(outbox)).outbox ?? outbox };
  }

  test("are sent one after another", async () => {
    expect((await inSequence(three, NOW)).sent).toEqual(["a", "b", "c"]);
    const { outbox } = await inSequence(three, NOW);
    expect(outbox).toEqual([]);
  });

  test("wait for one whose receiver is away, and are due with it", async () => {
    const after = await inSequence(three, NOW, { b: away });
    expect(after.sent).toEqual(["a", "b"]);
    expect(
      after.outbox.map(({ id, attempts, next_at }) => [id, attempts, Date.parse(next_at) - NOW]),
    ).toEqual([
      ["b", 1, 1_000],
      ["c", 0, 1_000],
    ]);
    expect((await inSequence(after.outbox, NOW + 999)).sent).toEqual([]);
    expect((await inSequence(after.outbox, NOW + 1_000)).sent).toEqual(["b", "c"]);
  });

  test("that come later wait, too", async () => {
    const { outbox } = await inSequence(three.slice(0, 1), NOW, { a: away });
    const withLater = enqueue(outbox, "d", "to d", NOW);
    const after = await inSequence(withLater, NOW + 10);
    expect(after.sent).toEqual([]);
    expect(nextDelivery(after.outbox)).toBe(NOW + 1_000);
    // Not due for a sweep while it waits.
    expect(
      await deliverOutbox(having(after.outbox), NOW + 500, scope, async () => undefined, undefined, inOrder),
    ).toBeUndefined();
  });

  test("are not held up by one that is refused, nor by one that is parked", async () => {
    const after = await inSequence(three, NOW, { a: refused });
    expect(after.sent).toEqual(["a", "b", "c"]);
    expect(after.outbox.map(({ id }) => id)).toEqual(["a"]);
    const withLater = enqueue(after.outbox, "d", "to d", NOW);
    expect((await inSequence(withLater, NOW + 10)).sent).toEqual(["d"]);
    const parked = failed(three, "a", { kind: "final", text: "never" }, NOW);
    expect((await inSequence(parked, NOW)).sent).toEqual(["b", "c"]);
  });

  test("do not wait for those of another sequence, or of none", async () => {
    const outbox = ["a", "b", "c", "d"].reduce<Outbox<string>>((box, id) => enqueue(box, id, id, NOW), []);
    const sequenceOf = (payload: string) =>
      payload === "c" ? undefined : payload < "c" ? "first" : "second";
    const after = await inSequence(outbox, NOW, { a: away }, sequenceOf);
    expect([...after.sent].sort()).toEqual(["a", "c", "d"]);
    expect(after.outbox.map(({ id }) => id)).toEqual(["a", "b"]);
  });
});

describe("an event that is held", () => {
  const held = { kind: "held", text: "", retryAfter: 60_000 } as const;

  test("has not been tried: it is due after the pause, and its age alone gives it up", () => {
    const [event] = failed(three.slice(0, 1), "a", held, NOW);
    expect(event).toMatchObject({ attempts: 0, next_at: new Date(NOW + 60_000).toISOString() });
    expect(event).not.toHaveProperty("last_error");
    const plan = { first: 1_000, longest: 1_000, maxTries: 1, maxAge: 5_000 };
    expect(parkedEvents(failed(three.slice(0, 1), "a", held, NOW + 5_000, plan))).toEqual([]);
    expect(parkedEvents(failed(three.slice(0, 1), "a", held, NOW + 5_001, plan))).toHaveLength(1);
  });
});
