// Deletes items whose time is over, as DynamoDB does by its TTL: from time to time all items are looked at, beside other requests.

import { setImmediate as othersTurn } from "node:timers/promises";
import type { Commits } from "./commits.ts";
import { entryWrites } from "./fast/entries.ts";
import { plainTable } from "./fast/plain-table.ts";
import type { Item } from "./item.ts";
import type { keyLock } from "./key-lock.ts";
import { type Level, within } from "./level.ts";
import type { Tables } from "./tables.ts";

/** After a start, and between two looks. An item may stay a while after its time; DynamoDB says as much. */
const FIRST_MS = 10 * 60_000;
const EVERY_MS = 6 * 3_600_000;
const ROWS_AT_ONCE = 200;

/** The attribute as it stands in the JSON of an item; in the text of a document its quotes are escaped. */
const EXPIRES = /"expires_on":\{"N":"(\d+)"\}/;

export interface ExpirySources {
  readonly level: Level;
  readonly commits: Pick<Commits, "write">;
  readonly tables: Pick<Tables, "names" | "active">;
  lockOf(table: string): ReturnType<typeof keyLock>;
  /** Epoch milliseconds; by default the system's clock. */
  readonly now?: () => number;
}

export interface Expiry {
  /** Deletes what is over now; resolves with the number of items. */
  look(): Promise<number>;
  /** Looks from time to time from now on. */
  begin(): void;
  /** Ends that, and what is under way. */
  stop(): Promise<void>;
}

/** Deletes from the tables that the product has items with an `expires_on` (epoch seconds) before now. */
export function createExpiry({ level, commits, tables, lockOf, now = Date.now }: ExpirySources): Expiry {
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<unknown> = Promise.resolve();
  let stopped = false;

  async function look(): Promise<number> {
    let deleted = 0;
    for (const name of tables.names()) {
      const description = tables.active(name);
      const table = description && plainTable(description);
      if (table === undefined) continue;
      const rows = level.iterator(within(table.prefix));
      try {
        for (
          let some = await rows.nextv(ROWS_AT_ONCE);
          some.length > 0;
          some = await rows.nextv(ROWS_AT_ONCE)
        ) {
          if (stopped) return deleted;
          const over = some.filter(([, text]) => isOver(text));
          const outcomes = await Promise.all(
            over.map(([key]) => remove(name, key.slice(table.prefix.length))),
          );
          deleted += outcomes.filter(Boolean).length;
          await othersTurn();
        }
      } finally {
        await rows.close();
      }
    }
    return deleted;
  }

  function isOver(text: string): boolean {
    const seconds = EXPIRES.exec(text)?.[1];
    return seconds !== undefined && Number(seconds) * 1_000 <= now();
  }

  /** False when the item was written again meanwhile. */
  function remove(name: string, key: string): Promise<boolean> {
    return new Promise((resolve, reject) => {
      lockOf(name)(key, (release) => {
        let over = false;
        const done = release((error) => (error === null ? resolve(over) : reject(error)));
        const description = tables.active(name);
        const table = description && plainTable(description);
        const text = table && level.getSync(table.prefix + key);
        over = table !== undefined && text !== undefined && isOver(text);
        if (table === undefined || text === undefined || !over) return done(null);
        const stored: Item = JSON.parse(text);
        const entries = entryWrites(table, key, stored, {});
        const of = { table: name, item: undefined };
        commits.write([...entries, { type: "del", key: table.prefix + key, of }], done);
      });
    });
  }

  function after(ms: number): void {
    timer = setTimeout(() => {
      // A disk that fails: the next look goes on.
      looking = look()
        .catch(() => {})
        .finally(() => stopped || after(EVERY_MS));
    }, ms).unref();
  }

  return {
    look,
    begin: () => after(FIRST_MS),
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await looking;
    },
  };
}
