// Until when a user has read everything: one small record, so that "read all" costs the same for 3 and for 30,000.

import { AggregateStore, type Codec } from "../../lib/storage/aggregate-store.ts";
import type { Table } from "../../lib/storage/table.ts";

interface Watermark {
  readonly user_id: string;
  readonly read_until: string;
}

export interface Watermarks {
  /** RFC 3339 time up to which all that had arrived counts as read; undefined when the user never said so. */
  of(userId: string): Promise<string | undefined>;
  /** Raises it to `time` and returns where it stands then: it never goes back. */
  raise(userId: string, time: string): Promise<string>;
}

const PREFIX = "watermark:";

const idOf = (userId: string): string => `${PREFIX}${userId}`;

/** Tells the watermarks from the notifications, whose table they share. */
export const isWatermark = (id: string): boolean => id.startsWith(PREFIX);

// In no index: it is only ever read by its id.
const codec: Codec<Watermark> = {
  schemaVersion: 1,
  id: ({ user_id }) => idOf(user_id),
  index: () => ({}),
  dueAt: () => undefined,
};

/** The records themselves. */
export const watermarkStore = (table: Table): AggregateStore<Watermark> => new AggregateStore(table, codec);

/** Watermarks in the table of the notifications. */
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
      // Another request created it in between.
      return (await raiseExisting(userId, time)) ?? time;
    },
  };
}
