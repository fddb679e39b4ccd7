// Query of one page of an index. Whole items are sent as the bytes that are stored.

import { setImmediate as othersTurn } from "node:timers/promises";
import type { Body } from "../body.ts";
import { isCopy } from "../keyspace.ts";
import type { Level } from "../level.ts";
import { BYTES_AT_ONCE, ROWS_AT_ONCE } from "../row-stream.ts";
import { Page } from "./page.ts";
import { type PageQuery, pageQuery } from "./query-shape.ts";
import type { Shape } from "./shape.ts";

export const query: Shape = (request, { level, commits, table }) => {
  const wanted = pageQuery(request, table);
  if (wanted === undefined) return undefined;
  return (done, pass) => {
    const earlier = commits.underWay((written) => written.startsWith(wanted.table.prefix));
    const read = () => readPage(level, wanted);
    const page = earlier === undefined ? read() : earlier.then(read);
    page.then((reply) => (reply === undefined ? pass() : done(null, reply)), done);
  };
};

/** The reply; undefined when dynalite has to find where the page ends, or what is wrong with the index. */
async function readPage(level: Level, wanted: PageQuery): Promise<Body | undefined> {
  const snapshot = level.snapshot();
  const entries = level.values({ ...wanted.range, snapshot });
  const page = new Page(wanted);
  try {
    let othersAt = BYTES_AT_ONCE;
    while (!page.ended) {
      const rows = await entries.nextv(Math.min(wanted.limit, ROWS_AT_ONCE));
      if (rows.length === 0) break;
      for (const row of rows) {
        if (page.ended) break;
        const item = isCopy(row) ? Buffer.from(row) : level.bytesSync(wanted.table.prefix + row, snapshot);
        if (item === undefined) return undefined;
        page.add(item);
        if (page.bytes < othersAt) continue;
        othersAt = page.bytes + BYTES_AT_ONCE;
        await othersTurn();
      }
    }
    return page.reply();
  } finally {
    // The reply does not wait for this.
    entries
      .close()
      .then(() => snapshot.close())
      .catch(() => {});
  }
}
