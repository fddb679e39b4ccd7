import { afterEach, describe, expect, jest, test } from "@jest/globals";
import { memoryTable } from "../../tests/support/memory-table.ts";
import { until } from "../../tests/support/poll.ts";
import { PeerRefusal } from "../contract/client.ts";
import { setLogSink } from "../observability/log.ts";
import { AggregateStore } from "../storage/aggregate-store.ts";
import { PARKED_SHARDS } from "../storage/due-shards.ts";
import { SCHEMA_UNKNOWN, StorageContention, StorageFault, StorageUnavailable } from "../storage/errors.ts";
import type { Table } from "../storage/table.ts";
import { deliverOutbox } from "./deliver.ts";
import { hintTo } from "./hint.ts";
import {
  enqueue,
  HINT_GRACE_MS,
  nextDelivery,
  type Outbox,
  type OutboxEvent,
  parkedEvents,
  resend,
} from "./outbox.ts";
import { createRelay, type Relay } from "./relay.ts";
import { type RelayEvent, relayHandler, runRelay } from "./relay-handler.ts";

interface Thing {
  readonly id: string;
  readonly notes: readonly string[];
  readonly outbox: Outbox<string>;
}

const LONG_AGO = Date.now() - 60_000;

function world(
  send: (event: OutboxEvent<string>, thing: Thing) => Promise<((thing: Thing) => Thing) | undefined>,
  table: Table = memoryTable(),
) {
  const store = new AggregateStore<Thing>(table, {
    schemaVersion: 1,
    id: (thing) => thing.id,
    index: () => ({}),
    dueAt: (thing) => nextDelivery(thing.outbox),
    parked: (thing) => parkedEvents(thing.outbox).length > 0,
  });
  const relay = createRelay<Thing>({
    name: "test-relay",
    service: "TestService",
    store,
    perform: (thing, now, scope) => deliverOutbox(thing, now, scope, (event) => send(event, thing)),
  });
  /** Stores a thing with `events` to deliver, without a hint. */
  const storeThing = (id: string, events: readonly string[] = ["e"]) =>
    store.create({
      id,
      notes: [],
      outbox: events.reduce<Outbox<string>>((box, event) => enqueue(box, event, event, LONG_AGO), []),
    });
  return { store, relay, storeThing };
}

/** A receiver that keeps count, and is away as often as `failures` says. */
function receiver(failures = 0) {
  const received: string[] = [];
  let left = failures;
  const send = async (event: OutboxEvent<string>, thing: Thing) => {
    if (left > 0) {
      left -= 1;
      throw new Error("away");
    }
    received.push(`${thing.id}:${event.id}`);
    return undefined;
  };
  return { received, send };
}

/** A promise and its key. */
function gate() {
  let open = () => {};
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open: () => open() };
}

/** Runs `work` in a process that takes itself for a function on AWS. */
async function onAws(work: () => Promise<void>): Promise<void> {
  process.env["AWS_LAMBDA_FUNCTION_NAME"] = "shop-orders-relay";
  try {
    await work();
  } finally {
    delete process.env["AWS_LAMBDA_FUNCTION_NAME"];
  }
}

describe("a relay", () => {
  test("delivers the events of an aggregate, and records it", async () => {
    const { received, send } = receiver();
    const { relay, storeThing, store } = world(send);
    await storeThing("a", ["e1", "e2"]);
    await relay.relay("a");
    expect(received).toEqual(["a:e1", "a:e2"]);
    expect((await store.read("a"))?.outbox).toEqual([]);
  });

  test("on AWS delivers what another process wrote since it last looked", async () => {
    const { received, send } = receiver();
    const table = memoryTable();
    const [here, elsewhere] = [world(send, table), world(send, table)];
    await onAws(async () => {
      await here.storeThing("a", ["e1"]);
      await here.relay.relay("a");
      await elsewhere.store.change("a", (thing) => ({
        ...thing,
        outbox: enqueue(thing.outbox, "e2", "e2", LONG_AGO),
      }));
      await here.relay.relay("a");
    });
    expect(received).toEqual(["a:e1", "a:e2"]);
  });

  test("delivers again when the record was lost: at least once, never less", async () => {
    const { received, send } = receiver();
    const table = memoryTable();
    let lost = false;
    const losingOne: Table = {
      ...table,
      put(item, replaces) {
        if (replaces === 0 || lost) return table.put(item, replaces);
        lost = true;
        return Promise.reject(new Error("the process died here"));
      },
    };
    const { relay, storeThing, store } = world(send, losingOne);
    await storeThing("a");
    await relay.sweep();
    expect((await store.read("a"))?.outbox).toHaveLength(1);
    await relay.sweep();
    expect(received).toEqual(["a:e", "a:e"]);
    expect((await store.read("a"))?.outbox).toEqual([]);
  });

  test("puts off what failed, delivers nothing twice, and does not try at once again", async () => {
    const { received, send } = receiver(1);
    const { relay, storeThing, store } = world(send);
    await storeThing("a", ["e1", "e2"]);
    await relay.relay("a");
    expect(received).toEqual(["a:e2"]);
    expect((await store.read("a"))?.outbox).toMatchObject([{ id: "e1", attempts: 1 }]);
    await relay.relay("a");
    expect(received).toEqual(["a:e2"]);
  });

  test("records the step that the receiver's answer requires, and delivers the event of that step", async () => {
    const sent: string[] = [];
    const { relay, storeThing, store } = world(async (event) => {
      sent.push(event.id);
      if (event.id !== "question") return undefined;
      return (thing) => ({
        ...thing,
        notes: [...thing.notes, "answered"],
        outbox: enqueue(thing.outbox, "follow-up", "", Date.now()),
      });
    });
    await storeThing("a", ["question"]);
    await relay.relay("a");
    expect(sent).toEqual(["question", "follow-up"]);
    expect(await store.read("a")).toEqual({ id: "a", notes: ["answered"], outbox: [] });
  });

  test("joins hints for the same aggregate: 10 at once send each event once", async () => {
    const { received, send } = receiver();
    const { relay, storeThing } = world(send);
    await storeThing("a");
    await Promise.all(Array.from({ length: 10 }, () => relay.relay("a")));
    expect(received).toEqual(["a:e"]);
  });

  test("a hint that comes while it works is not lost", async () => {
    const { passed, open } = gate();
    const sent: string[] = [];
    const { relay, storeThing, store } = world(async (event) => {
      sent.push(event.id);
      if (event.id === "e") await passed;
      return undefined;
    });
    await storeThing("a");
    const working = relay.relay("a");
    await until("it is sent", () => sent.length === 1);
    await store.change("a", (thing) => ({ ...thing, outbox: enqueue(thing.outbox, "new", "", Date.now()) }));
    await relay.relay("a");
    open();
    await working;
    expect(sent).toEqual(["e", "new"]);
  });

  test("of what does not exist does nothing", async () => {
    await expect(world(receiver().send).relay.relay("none")).resolves.toBeUndefined();
  });
});

describe("what was delivered", () => {
  const EVENT: Outbox<string> = enqueue([], "e", "e", LONG_AGO);

  /** An aggregate whose event a hint has had delivered; `writes` are the outboxes that were written since. */
  async function delivered(send: Parameters<typeof world>[0] = receiver().send) {
    const table = memoryTable();
    const writes: (readonly string[])[] = [];
    const watched: Table = {
      ...table,
      put(item, replaces) {
        const { outbox }: Thing = JSON.parse(item.doc);
        writes.push(outbox.map(({ id }) => id));
        return table.put(item, replaces);
      },
    };
    const here = world(send, watched);
    await here.storeThing("a");
    writes.length = 0;
    await here.relay.relay("a");
    return { ...here, table, writes };
  }

  afterEach(() => {
    jest.useRealTimers();
    delete process.env["AWS_LAMBDA_FUNCTION_NAME"];
  });

  test("is recorded by the next write of its aggregate, which is the only one", async () => {
    jest.useFakeTimers();
    const { store, writes } = await delivered();
    expect(writes).toEqual([]);
    await store.change("a", (thing) => ({ ...thing, notes: ["changed"] }));
    await jest.advanceTimersByTimeAsync(HINT_GRACE_MS);
    expect(writes).toEqual([[]]);
  });

  test("is recorded by itself before a sweep finds it due, when nothing else is written", async () => {
    jest.useFakeTimers();
    const { writes } = await delivered();
    await jest.advanceTimersByTimeAsync(HINT_GRACE_MS / 2);
    expect(writes).toEqual([[]]);
    await jest.advanceTimersByTimeAsync(10 * HINT_GRACE_MS);
    expect(writes).toEqual([[]]);
    expect(jest.getTimerCount()).toBe(0);
  });

  test("is recorded at once by a sweep that finds it unrecorded, and not delivered again", async () => {
    const { received, send } = receiver();
    const { relay, writes } = await delivered(send);
    expect(await relay.sweep()).toBe(1);
    expect(received).toEqual(["a:e"]);
    expect(writes).toEqual([[]]);
  });

  test("is delivered again by another process when this one died before it recorded it", async () => {
    const { received, send } = receiver();
    const { table } = await delivered(send);
    const other = world(send, table);
    await other.relay.sweep();
    expect(received).toEqual(["a:e", "a:e"]);
    expect((await other.store.read("a"))?.outbox).toEqual([]);
  });

  test("is recorded at once on AWS, where the process may be frozen afterwards", async () => {
    process.env["AWS_LAMBDA_FUNCTION_NAME"] = "shop-orders-relay";
    expect((await delivered()).writes).toEqual([[]]);
  });

  test("is recorded at once where a failure or an answer of the receiver has to be recorded, too", async () => {
    expect((await delivered(receiver(1).send)).writes).toEqual([["e"]]);
    const answered = async () => (thing: Thing) => ({ ...thing, notes: ["answered"] });
    expect((await delivered(answered)).writes).toEqual([[]]);
  });

  test("is not delivered again by a hint that comes before it is recorded", async () => {
    const { received, send } = receiver();
    const { relay, store } = await delivered(send);
    await store.change("a", (thing) => ({ ...thing, outbox: [...thing.outbox, ...EVENT.map(renamed)] }));
    await relay.relay("a");
    expect(received).toEqual(["a:e", "a:second"]);
  });

  const renamed = (event: OutboxEvent<string>) => ({ ...event, id: "second" });
});

describe("a sweep", () => {
  test("finds what no hint reached, over all shards and pages", async () => {
    const { received, send } = receiver();
    const { relay, storeThing } = world(send);
    for (let at = 0; at < 150; at += 1) await storeThing(`thing-${at}`);
    expect(await relay.sweep()).toBe(150);
    expect(new Set(received).size).toBe(150);
    expect(await relay.sweep()).toBe(0);
  });

  test("gets past aggregates that can't be worked off, however many come first", async () => {
    const { received, send } = receiver();
    const table = memoryTable();
    const poisoned: Table = {
      ...table,
      get: (id) => (id.startsWith("poison") ? Promise.reject(new Error("unreadable")) : table.get(id)),
    };
    const { relay, storeThing } = world(send, poisoned);
    for (let at = 0; at < 600; at += 1) await storeThing(`poison-${String(at).padStart(4, "0")}`);
    await storeThing("sound");
    await relay.sweep();
    expect(received).toEqual(["sound:e"]);
  });

  test("goes on where it stopped, so even a crowd of them hides nothing for good", async () => {
    const sink = globalThis.cfmpOrderLogSink;
    setLogSink(() => {});
    const { received, send } = receiver();
    const table = memoryTable();
    const unreadable: Table = {
      ...table,
      get: (id) => (id.startsWith("poison") ? Promise.reject(new Error("unreadable")) : table.get(id)),
    };
    const { relay, storeThing } = world(send, unreadable);
    for (let at = 0; at < 2_400; at += 1) await storeThing(`poison-${String(at).padStart(4, "0")}`);
    await storeThing("sound");
    await relay.sweep();
    expect(received).toEqual([]);
    await relay.sweep();
    expect(received).toEqual(["sound:e"]);
    globalThis.cfmpOrderLogSink = sink;
  });

  test("an unreachable receiver keeps nobody else waiting", async () => {
    const { passed, open } = gate();
    const received: string[] = [];
    const { relay, storeThing } = world(async (_event, thing) => {
      if (thing.id === "stuck") await passed;
      received.push(thing.id);
      return undefined;
    });
    await storeThing("stuck");
    for (const id of ["a", "b", "c"]) await storeThing(id);
    const sweeping = relay.sweep();
    await until("all are received", () => received.length === 3);
    expect(received.sort()).toEqual(["a", "b", "c"]);
    open();
    await sweeping;
  });
});

describe("a poisoned event", () => {
  /** A receiver that takes everything but `poison`, as long as `spoilt`. */
  function picky() {
    const state = { spoilt: true, received: [] as string[], refusals: 0 };
    const send = async ({ id }: OutboxEvent<string>) => {
      if (state.spoilt && id === "poison") {
        state.refusals += 1;
        throw new PeerRefusal("TestService", 422, "body_invalid", "it is poison");
      }
      state.received.push(id);
      return undefined;
    };
    return { state, send };
  }
  const parkedIds = async (store: AggregateStore<Thing>) =>
    (await Promise.all(PARKED_SHARDS.map((shard) => store.parked(shard, 10)))).flatMap(({ items }) => items);

  test("is tried once, listed, and keeps neither its own aggregate's events nor others waiting", async () => {
    const { state, send } = picky();
    const { relay, storeThing, store } = world(send);
    await storeThing("a", ["poison", "sound"]);
    await storeThing("b", ["other"]);
    for (let sweep = 0; sweep < 3; sweep += 1) await relay.sweep();
    expect(state).toMatchObject({ received: ["sound", "other"], refusals: 1 });
    expect(await parkedIds(store)).toEqual(["a"]);
    expect((await store.read("a"))?.outbox).toMatchObject([{ id: "poison", attempts: 1 }]);
  });

  test("does not stop what comes later in its aggregate", async () => {
    const { state, send } = picky();
    const { relay, storeThing, store } = world(send);
    await storeThing("a", ["poison"]);
    await relay.sweep();
    await store.change("a", (thing) => ({ ...thing, outbox: enqueue(thing.outbox, "late", "", LONG_AGO) }));
    await relay.sweep();
    expect(state.received).toEqual(["late"]);
  });

  test("goes out with the next sweep once it is sent again, and is listed no more", async () => {
    const { state, send } = picky();
    const { relay, storeThing, store } = world(send);
    await storeThing("a", ["poison"]);
    await relay.sweep();
    state.spoilt = false;
    await store.change("a", (thing) => ({ ...thing, outbox: resend(thing.outbox, "poison", Date.now()) }));
    await relay.sweep();
    expect(state.received).toEqual(["poison"]);
    expect(await parkedIds(store)).toEqual([]);
    expect((await store.read("a"))?.outbox).toEqual([]);
  });
});

describe("work that could not be done", () => {
  const away = () => Promise.reject(new StorageUnavailable("GetItem", new Error("no database")));
  const brokenTable: Table = { get: away, put: away, query: away, queryEntries: away, queryIds: away };
  const handlerOf = (relay: Relay) =>
    relayHandler(
      "r",
      "TestService",
      (given) => runRelay(relay, given),
      () => [],
    );
  const EVENTS: readonly [RelayEvent][] = [
    [{ id: "a" }],
    [{ sweep: true }],
    [{ id: "a", traceparent: "nonsense" }],
  ];

  test.each(EVENTS)("fails the handler on AWS, given %j", async (event) => {
    await onAws(async () => {
      await expect(handlerOf(world(receiver().send, brokenTable).relay)(event)).rejects.toThrow(
        /did not answer|requests of a sweep failed/,
      );
    });
  });

  test.each(EVENTS)("is done by the next sweep on this machine, given %j", async (event) => {
    await expect(handlerOf(world(receiver().send, brokenTable).relay)(event)).resolves.toBeUndefined();
  });

  test("does not keep a sweep on AWS from measuring its outbox; a hint measures nothing, nor does this machine", async () => {
    const lines: string[] = [];
    const write = jest.spyOn(process.stdout, "write").mockImplementation((line) => {
      lines.push(String(line));
      return true;
    });
    process.env["FUNCTION_PREFIX"] = "shop-test-";
    try {
      const table = memoryTable();
      const { storeThing, relay } = world(receiver(1_000).send, table);
      await storeThing("late");
      const failing: Relay = { ...relay, sweep: () => Promise.reject(new Error("denied")) };
      const handler = relayHandler(
        "test-relay",
        "TestService",
        (given) => runRelay(failing, given),
        () => [table],
      );
      await handler({ sweep: true });
      expect(lines.join("")).not.toContain("OutboxAge");
      await onAws(async () => {
        await expect(handler({ sweep: true })).rejects.toThrow("denied");
        await handler({ id: "late" });
      });
    } finally {
      delete process.env["FUNCTION_PREFIX"];
      write.mockRestore();
    }
    const [measured = "", ...others] = lines
      .join("")
      .split("\n")
      .filter((line) => line.includes("OutboxAge"));
    expect(others).toEqual([]);
    expect(JSON.parse(measured)).toMatchObject({
      Relay: "test-relay",
      Parked: 0,
      OutboxAge: expect.any(Number),
    });
    expect(JSON.parse(measured).OutboxAge).toBeGreaterThan(30);
  });

  test("because the relay can't be made fails the handler on AWS", async () => {
    const handler = relayHandler(
      "r",
      "TestService",
      () => {
        throw new Error("SECRET_KEY is missing");
      },
      () => [],
    );
    await onAws(() => expect(handler({ id: "a" })).rejects.toThrow("SECRET_KEY is missing"));
    await expect(handler({ id: "a" })).resolves.toBeUndefined();
  });

  test("in one shard does not keep a sweep from the others, and fails it in the end", async () => {
    const { received, send } = receiver();
    const table = memoryTable();
    const { storeThing } = world(send, table);
    const ids = Array.from({ length: 40 }, (_, index) => `thing-${index}`);
    for (const id of ids) await storeThing(id);
    let denied = 0;
    const deniedOnce: Table = {
      ...table,
      queryIds(query) {
        denied += 1;
        return denied === 1
          ? Promise.reject(new StorageFault("Query", "AccessDenied", "no"))
          : table.queryIds(query);
      },
    };
    const { relay } = world(send, deniedOnce);
    await expect(relay.sweep()).rejects.toMatchObject({
      code: "sweep_failed",
      cause: { reason: "AccessDenied" },
    });
    expect(received.length).toBeGreaterThan(0);
    expect(received.length).toBeLessThan(ids.length);
    await relay.sweep();
    expect(received).toHaveLength(ids.length);
  });

  test("because writes are denied fails a sweep, after all was tried", async () => {
    const { received, send } = receiver();
    const table = memoryTable();
    await world(send, table).storeThing("a");
    await world(send, table).storeThing("b");
    const readOnly: Table = {
      ...table,
      put: () => Promise.reject(new StorageFault("PutItem", "AccessDenied", "no")),
    };
    await expect(world(send, readOnly).relay.sweep()).rejects.toThrow("2 requests of a sweep failed");
    expect(received.sort()).toEqual(["a:e", "b:e"]);
  });

  test.each<[string, Error]>([
    ["that breaks the rules", new Error("a bug that this aggregate meets")],
    ["of a later version", new StorageFault("read", SCHEMA_UNKNOWN, "version 9")],
    ["that is written too often", new StorageContention("a")],
  ])("for one aggregate %s is that aggregate's own: the sweep goes on and succeeds", async (_, error) => {
    const { received, send } = receiver();
    const { relay, store, storeThing } = world(send);
    await storeThing("a");
    await storeThing("b");
    const read = store.read.bind(store);
    jest.spyOn(store, "read").mockImplementation((id) => (id === "a" ? Promise.reject(error) : read(id)));
    expect(await relay.sweep()).toBe(2);
    expect(received).toEqual(["b:e"]);
  });
});

test("a hint whose relay fails harms nobody", async () => {
  const failing = { relay: () => Promise.reject(new Error("away")), sweep: () => Promise.resolve(0) };
  const unhandled: unknown[] = [];
  const note = (error: unknown) => unhandled.push(error);
  process.on("unhandledRejection", note);
  try {
    await hintTo("TestService", "test-relay", () => failing)("a", "");
    for (let turns = 0; turns < 5; turns += 1) await new Promise((done) => setImmediate(done));
    expect(unhandled).toEqual([]);
  } finally {
    process.off("unhandledRejection", note);
  }
});

test("a hint reaches the relay of this process, after the caller went on", async () => {
  const { received, send } = receiver();
  const { storeThing, relay } = world(send);
  await storeThing("a");
  await hintTo(
    "TestService",
    "test-relay",
    () => relay,
  )("a", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  expect(received).toEqual([]);
  await until("it is received", () => received.length === 1);
});
