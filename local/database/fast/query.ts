// Query of one page of an index. Whole items are sent as the bytes that are stored.

import { setImmediate as othersTurn } from "node:timers/promises";
import type { Body } from "../body.ts";
import { isCopy } from "../keyspace.ts";
import type { Level } from "../level.ts";
import { BYTES_AT_ONCE, ROWS_AT_ONCE } from "../row-stream.ts";
import { Page } from "./page.ts";
import { type PageQuery, pageQuery } from "./query-shape.ts";
import type { Pages, Shape } from "./shape.ts";

export const query: Shape = (request, { level, commits, pages, table }) => {
  const wanted = pageQuery(request, table);
  if (wanted === undefined) return undefined;
  return (done, pass) => {
    const earlier = commits.underWay((written) => written.startsWith(wanted.table.prefix));
    const read = () => readPage(level, pages, wanted);
    const page = earlier === undefined ? read() : earlier.then(read);
    page.then((reply) => (reply === undefined ? pass() : done(null, reply)), done);
  };
};

/** The reply; undefined when dynalite has to find where the page ends, or what is wrong with the index. */
async function readPage(level: Level, pages: Pages, wanted: PageQuery): Promise<Body | undefined> {
  const kept = pages.find(wanted);
  const page = kept && pageAtOnce(level, wanted, kept);
  return page === undefined ? readRows(level, pages, wanted) : page.reply();
}

/** The page of these entries, read within this turn of the event loop; undefined when it is too large for that. */
function pageAtOnce(level: Level, wanted: PageQuery, rows: readonly string[]): Page | undefined {
  const page = new Page(wanted);
  for (const row of rows) {
    if (page.ended) break;
    const item = isCopy(row) ? Buffer.from(row) : level.bytesSync(wanted.table.prefix + row);
    if (item === undefined || page.bytes >= BYTES_AT_ONCE) return undefined;
    page.add(item);
  }
  return page;
}

async function readRows(level: Level, pages: Pages, wanted: PageQuery): Promise<Body | undefined> {
  const { mark } = pages;
  const snapshot = level.snapshot();
  const entries = level.values({ ...wanted.range, snapshot });
  const page = new Page(wanted);
  const size = Math.min(wanted.limit, ROWS_AT_ONCE);
  try {
    let othersAt = BYTES_AT_ONCE;
    let read = 0;
    while (!page.ended) {
      const rows = await entries.nextv(size);
      if (read === 0 && (rows.length < size || size === wanted.limit)) pages.keep(wanted, rows, mark);
      read += rows.length;
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
