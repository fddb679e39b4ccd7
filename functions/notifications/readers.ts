// What is kept of a reader: the time up to which they have read everything, and their preferences. One small record for each
// user, so that "read all" costs the same for 3 and for 30,000.

import type { Locale } from "../../lib/core/locales.ts";
import { AggregateStore, type Codec } from "../../lib/storage/aggregate-store.ts";
import type { Table } from "../../lib/storage/table.ts";
import { NO_PREFERENCES, type Preferences } from "./preferences.ts";

export interface Reader {
  /** RFC 3339 time up to which all notifications count as read; undefined when the user has never used "read all". */
  readonly read_until: string | undefined;
  readonly preferences: Preferences;
}

export interface Readers {
  /** The user as a reader; without a watermark and preferences when nothing was stored. */
  of(userId: string): Promise<Reader>;
  /** Raises the watermark to `time`, never lowers it. Returns its value after that. */
  raise(userId: string, time: string): Promise<string>;
  /** Replaces the preferences by what `decide` makes of them; writes nothing if that is the same. Returns them. */
  prefer(userId: string, decide: (preferences: Preferences) => Preferences): Promise<Preferences>;
}

/** As it is stored: earlier versions keep what they do not know when they raise `read_until`. */
export interface StoredReader {
  readonly user_id: string;
  /** Empty: never; it is before every time. */
  readonly read_until: string;
  readonly locale?: Locale;
  readonly events?: Preferences["events"];
}

const PREFIX = "watermark:";

const idOf = (userId: string): string => `${PREFIX}${userId}`;

/** True for the id of a reader; notifications are in the same table. */
export const isReader = (id: string): boolean => id.startsWith(PREFIX);

// In no index: it is only read by its id.
const codec: Codec<StoredReader> = {
  schemaVersion: 1,
  id: ({ user_id }) => idOf(user_id),
  index: () => ({}),
  dueAt: () => undefined,
};

/** Storage of readers. */
export const readerStore = (table: Table): AggregateStore<StoredReader> => new AggregateStore(table, codec);

/** Readers, stored in the table of the notifications. */
export function createReaders(table: Table): Readers {
  const store = readerStore(table);

  /** Changes the record of the user, or creates it. */
  async function change(
    userId: string,
    decide: (stored: StoredReader) => StoredReader,
  ): Promise<StoredReader> {
    const changed = await store.change(idOf(userId), decide);
    if (changed !== undefined) return changed.state;
    const blank = { user_id: userId, read_until: "" };
    const first = decide(blank);
    // Nothing to keep: a link in an old mail must not leave a trace of somebody who was erased.
    if (first === blank) return blank;
    if (await store.create(first)) return first;
    // Another request has created it meanwhile.
    return (await store.change(idOf(userId), decide))?.state ?? first;
  }

  return {
    async of(userId) {
      const stored = await store.read(idOf(userId));
      if (stored === undefined) return { read_until: undefined, preferences: NO_PREFERENCES };
      return { read_until: stored.read_until || undefined, preferences: preferencesIn(stored) };
    },
    async raise(userId, time) {
      const raised = await change(userId, (stored) =>
        time > stored.read_until ? { ...stored, read_until: time } : stored,
      );
      return raised.read_until;
    },
    async prefer(userId, decide) {
      const changed = await change(userId, (stored) => {
        const before = preferencesIn(stored);
        const next = decide(before);
        if (JSON.stringify(next) === JSON.stringify(before)) return stored;
        const { locale: _, ...rest } = stored;
        return { ...rest, ...next };
      });
      return preferencesIn(changed);
    },
  };
}

const preferencesIn = ({ locale, events = {} }: StoredReader): Preferences => ({
  ...(locale === undefined ? {} : { locale }),
  events,
});
