// At least once out, exactly once recorded: whatever gets lost, doubled or overtaken on the way, and whoever dies.

import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { memoryTable } from "../../tests/support/memory-table.ts";
import { PeerRefusal } from "../contract/client.ts";
import { openScope } from "../core/scope.ts";
import { PeerUnavailable } from "../discovery/peer/peer.ts";
import { AggregateStore } from "../storage/aggregate-store.ts";
import { PARKED_SHARDS } from "../storage/due-shards.ts";
import type { Table } from "../storage/table.ts";
import { deliverOutbox } from "./deliver.ts";
import { DELIVERY, enqueue, nextDelivery, type Outbox, parkedEvents, resend } from "./outbox.ts";
import { createRelay } from "./relay.ts";

interface Sender {
  readonly id: string;
  readonly outbox: Outbox<string>;
}

/** What may become of one delivery. `lost`: it arrives, its answer does not. `late`: it arrives again after all others. */
const fate = fc.constantFrom("taken", "lost", "unreachable", "refused", "broken", "late");
/** What may become of one write: `crash` before it, or after it with its answer lost. */
const write = fc.constantFrom("written", "written", "written", "crash before", "crash after");

const history = fc.record({
  events: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 5 }),
  fates: fc.array(fate, { maxLength: 40 }),
  writes: fc.array(write, { maxLength: 40 }),
  relays: fc.integer({ min: 1, max: 3 }),
});

const SWEEPS = 200;
const scope = openScope("TestService", "r");

test("every event is recorded exactly once, or is parked until it is sent again and then recorded once", async () => {
  await fc.assert(
    fc.asyncProperty(history, async ({ events, fates, writes, relays }) => {
      const recorded = new Map<string, number>();
      // As NotificationService records: an id derived from the event, and one conditional write.
      const inbox = memoryTable();
      const records = new AggregateStore<{ id: string }>(inbox, {
        schemaVersion: 1,
        id: ({ id }) => id,
        index: () => ({}),
        dueAt: () => undefined,
      });
      const overdue: string[] = [];
      const nextFate = from(fates, "taken");
      const nextWrite = from(writes, "written");
      let now = Date.parse("2026-03-01T12:00:00.000Z");

      const receive = async (id: string) => {
        if (await records.create({ id })) recorded.set(id, (recorded.get(id) ?? 0) + 1);
      };
      const send = async (key: string) => {
        const met = nextFate();
        if (met === "unreachable") throw new PeerUnavailable("B", "gone", { maybeSent: false });
        if (met === "refused") throw new PeerRefusal("B", 422, "body_invalid", "no");
        if (met === "broken") throw new PeerRefusal("B", 500, "internal_error", "oh");
        await receive(key);
        if (met === "late") overdue.push(key);
        if (met === "lost") throw new PeerUnavailable("B", "no answer", { maybeSent: true });
        return undefined;
      };

      const table = memoryTable();
      const crashing: Table = {
        ...table,
        async put(item, replaces) {
          const met = replaces === 0 ? "written" : nextWrite();
          if (met === "crash before") throw new Error("died before the write");
          const done = await table.put(item, replaces);
          if (met === "crash after") throw new Error("died after the write");
          return done;
        },
      };
      // Each process has a memory of its own.
      const processes = Array.from({ length: relays }, () => {
        const store = storeOf(crashing);
        const relay = createRelay<Sender>({
          name: `relay-${Math.random()}`,
          service: "TestService",
          store,
          now: () => now,
          perform: (sender) =>
            deliverOutbox(sender, now, scope, ({ id }) => send(`${sender.id}:${id}`), {
              ...DELIVERY,
              maxTries: 3,
            }),
        });
        return { store, relay };
      });

      const [first] = processes;
      if (!first) throw new Error("no process");
      const expected = events.flatMap((count, at) => {
        return Array.from({ length: count }, (_, event) => `sender-${at}:event-${event}`);
      });
      for (const [at, count] of events.entries()) {
        const ids = Array.from({ length: count }, (_, event) => `event-${event}`);
        const outbox = ids.reduce<Outbox<string>>((box, id) => enqueue(box, id, "", now), []);
        await first.store.create({ id: `sender-${at}`, outbox });
      }

      const operator = storeOf(table);
      const open = async () => (await idsIn(operator)).length > 0;
      let sweeps = 0;
      for (; sweeps < SWEEPS && (await open()); sweeps += 1) {
        now += 301_000;
        await Promise.all(processes.map(({ relay }) => relay.sweep()));
        for (const key of overdue.splice(0)) await receive(key);
        // A person has everything that is parked sent again.
        for (const id of (await Promise.all(PARKED_SHARDS.map((s) => operator.parked(s, 100)))).flatMap(
          ({ items }) => items,
        )) {
          await operator.change(id, (sender) => ({
            ...sender,
            outbox: parkedEvents(sender.outbox).reduce(
              (box, event) => resend(box, event.id, now),
              sender.outbox,
            ),
          }));
        }
      }
      expect(sweeps).toBeLessThan(SWEEPS);
      expect([...recorded.keys()].sort()).toEqual([...expected].sort());
      expect([...recorded.values()].every((times) => times === 1)).toBe(true);
    }),
    { numRuns: 150 },
  );
});

const storeOf = (table: Table) =>
  new AggregateStore<Sender>(table, {
    schemaVersion: 1,
    id: (sender) => sender.id,
    index: () => ({}),
    dueAt: (sender) => nextDelivery(sender.outbox),
    parked: (sender) => parkedEvents(sender.outbox).length > 0,
  });

async function idsIn(store: AggregateStore<Sender>): Promise<string[]> {
  const far = Date.parse("9000-01-01");
  const due = await Promise.all(store.sweptShards.map((shard) => store.due(shard, far, 100)));
  const parked = await Promise.all(PARKED_SHARDS.map((shard) => store.parked(shard, 100)));
  return [...due, ...parked].flatMap(({ items }) => items);
}

/** The given values one after the other, and `last` for ever after. */
function from<T>(values: readonly T[], last: T): () => T {
  const left = [...values];
  return () => left.shift() ?? last;
}
