// The time up to which a user has read everything: one small record, so that "read all" costs the same for 3 and for 30,000.

import { AggregateStore, type Codec } from "../../lib/storage/aggregate-store.ts";
import type { Table } from "../../lib/storage/table.ts";

interface Watermark {
  readonly user_id: string;
  readonly read_until: string;
}

export interface Watermarks {
  /** RFC 3339 time up to which all notifications count as read; undefined when the user has never used "read all". */
  of(userId: string): Promise<string | undefined>;
  /** Raises it to `time`, never lowers it. Returns its value after that. */
  raise(userId: string, time: string): Promise<string>;
}

const PREFIX = "watermark:";

const idOf = (userId: string): string => `${PREFIX}${userId}`;

/** True for the id of a watermark; notifications are in the same table. */
export const isWatermark = (id: string): boolean => id.startsWith(PREFIX);

// In no index: it is only read by its id.
const codec: Codec<Watermark> = {
  schemaVersion: 1,
  id: ({ user_id }) => idOf(user_id),
  index: () => ({}),
  dueAt: () => undefined,
};

/** Storage of watermarks. */
export const watermarkStore = (table: Table): AggregateStore<Watermark> => new AggregateStore(table, codec);

/** Watermarks, stored in the table of the notifications. */
export function watermarks(table: Table): Watermarks {
  const store = watermarkStore(table);

  async function raiseExisting(userId: string, time: string): Promise<string | undefined> {
    const done = await store.change(idOf(userId), (mark) =>
      time > mark.read_until ? { ...mark, read_until: time } : mark,
    );
    return done?.state.read_until;
  }

  return {
    of: async (userId) => (await store.read(idOf(userId)))?.read_until,
    async raise(userId, time) {
      const raised = await raiseExisting(userId, time);
      if (raised !== undefined) return raised;
      if (await store.create({ user_id: userId, read_until: time })) return time;
      // Another request has created it meanwhile.
      return (await raiseExisting(userId, time)) ?? time;
    },
  };
}
