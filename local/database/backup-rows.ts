// All rows of the store as they are at one moment, while it goes on to be written.

import { setImmediate as othersTurn } from "node:timers/promises";
import type { Row } from "./backup-format.ts";
import type { Level } from "./level.ts";
import { COUNT_KEY } from "./verified-level.ts";

/** Rows read at once: a few milliseconds of a thread, after which it is the turn of other requests. */
const ROWS_AT_ONCE = 200;

/** The rows, some at a time. The count of batches is not among them: each store has its own. */
export async function* backupRows(
  level: Pick<Level, "iterator" | "snapshot">,
): AsyncGenerator<readonly Row[]> {
  const snapshot = level.snapshot();
  try {
    const rows = level.iterator({ snapshot });
    try {
      for (
        let some = await rows.nextv(ROWS_AT_ONCE);
        some.length > 0;
        some = await rows.nextv(ROWS_AT_ONCE)
      ) {
        yield some.filter(([key]) => key !== COUNT_KEY);
        await othersTurn();
      }
    } finally {
      await rows.close();
    }
  } finally {
    await snapshot.close();
  }
}
