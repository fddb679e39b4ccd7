// The storage below dynalite's actions. In dynalite's own, an item and its index entries are written one by one, so a
// crash in between leaves an item that no index query finds; here they are one batch.

import { Commits, type OnWritten } from "./commits.ts";
import { type Callback, type Data, itemKey, type TableDescription, tooLarge } from "./dynalite.ts";
import { createExpiry } from "./expiry.ts";
import { KeptPages } from "./fast/kept-pages.ts";
import type { Item } from "./item.ts";
import { keyLock } from "./key-lock.ts";
import { entryKey, indexesPrefix, indexPrefix, isCopy, itemPrefix, tagPrefix } from "./keyspace.ts";
import { type Level, type Range, type Rows, type Snapshot, type Write, within } from "./level.ts";
import { newIndexes } from "./new-indexes.ts";
import { type PageEnd, pageEnd } from "./page-end.ts";
import { type Decoded, RowStream, type Source } from "./row-stream.ts";
import { Tables, tableNotFound } from "./tables.ts";

/** What dynalite's actions expect of a store, `forPage`, and what the fast path reads and writes. */
export type Store = Awaited<ReturnType<typeof createStore>>;

/** An index entry that waits for the write of its item; without a value the entry is removed. */
interface Staged {
  readonly key: string;
  readonly value?: Item;
}

/**
 * Opens the store in `level`; the caller closes `level` when all requests have ended.
 * @param onWritten see there.
 */
export async function createStore(level: Level, onWritten?: OnWritten) {
  const pages = new KeptPages(level);
  const commits = new Commits(pages, onWritten);
  const clear = (prefix: string) => pages.clear(within(prefix));
  const tableDb = await Tables.load(level, commits, async (table) => {
    await clear(itemPrefix(table));
    await clear(tagPrefix(table));
    await clear(indexesPrefix("local", table));
    await clear(indexesPrefix("global", table));
  });

  // dynalite's actions write all index entries of an item and then the item itself. Everything here calls back within
  // the call, so no other request comes between the two: what is staged when an item is written belongs to that item.
  let staged: Staged[] = [];
  const stage = (entry: Staged, done: Callback) => {
    staged.push(entry);
    done(null);
  };

  const write = (table: string, key: string, item: Item | undefined, done: Callback) => {
    const own = itemPrefix(table) + key;
    const entries = staged.map((entry) => indexWrite(entry, key, item));
    const of = { table, item };
    staged = [];
    if (item === undefined) return commits.write([...entries, { type: "del", key: own, of }], done);
    const value = JSON.stringify(item);
    const refused = tooLarge(item, value);
    if (refused !== undefined) return done(refused);
    commits.write([...entries, { type: "put", key: own, value, of }], done);
  };

  /** Rows of an index, as they are when the writes to its table that came before are settled. */
  const indexRows = (table: string, range: Range, page?: PageEnd) => {
    const items = itemPrefix(table);
    const open = () => snapshotRows(level, range);
    const earlier = commits.underWay((key) => key.startsWith(items));
    const opening = earlier === undefined ? Promise.resolve(open()) : earlier.then(open);
    const decode = ({ text, snapshot }: IndexRow) =>
      decoded(isCopy(text) ? text : (level.getSync(items + text, { snapshot }) ?? "null"));
    const source = {
      nextv: async (size: number) => (await opening).nextv(size),
      decode,
      close: async () => (await opening).close(),
    };
    return new RowStream(source, range.limit ?? -1, page);
  };

  const openItems = (table: string) => {
    const prefix = itemPrefix(table);
    return {
      lock: keyLock(),
      get(key: string, done: Callback<Item>) {
        const full = prefix + key;
        const read = () => parsed(level.getSync(full));
        const earlier = commits.underWay((written) => written === full);
        // Within the call for whoever has the item's lock, since nobody else writes it then.
        if (earlier === undefined) done(null, read());
        else earlier.then(read).then((item) => done(null, item), done);
      },
      put: (key: string, item: Item, done: Callback) => write(table, key, item, done),
      del: (key: string, done: Callback) => write(table, key, undefined, done),
      createValueStream: (range: Range, page?: PageEnd) =>
        new RowStream(jsonRows(level, within(prefix, range)), range.limit ?? -1, page),
    };
  };
  const itemDbs = new Map<string, ReturnType<typeof openItems>>();

  const getIndexDb = (kind: string, table: string, index: string, after?: string, page?: PageEnd) => {
    const prefix = indexPrefix(kind, table, index);
    return {
      put: (key: string, value: Item, done: Callback) => stage({ key: prefix + key, value }, done),
      del: (key: string, done: Callback) => stage({ key: prefix + key }, done),
      createValueStream: (range: Range) => indexRows(table, within(prefix, startAfter(range, after)), page),
    };
  };

  const store = {
    options: {
      createTableMs: 0,
      deleteTableMs: 0,
      updateTableMs: 0,
      maxItemSizeKb: 400,
      maxItemSize: 400 * 1024,
    },
    tableDb,
    getItemDb(table: string) {
      let db = itemDbs.get(table);
      if (db === undefined) {
        db = openItems(table);
        itemDbs.set(table, db);
      }
      return db;
    },
    deleteItemDb(table: string, done: Callback) {
      itemDbs.delete(table);
      settle(clear(itemPrefix(table)), done);
    },
    getIndexDb,
    deleteIndexDb(kind: string, table: string, index: string, done: Callback) {
      settle(clear(indexPrefix(kind, table, index)), done);
    },
    getTagDb(table: string) {
      const prefix = tagPrefix(table);
      const read = () => level.iterator(within(prefix));
      return {
        batch: (writes: Write[], done: Callback) =>
          commits.write(
            writes.map((w) => tagWrite(prefix, w)),
            done,
          ),
        createKeyStream: () => tagRows(read(), ([key]) => key.slice(prefix.length)),
        createValueStream: () => tagRows(read(), ([, value]) => value),
      };
    },
    deleteTagDb(table: string, done: Callback) {
      settle(clear(tagPrefix(table)), done);
    },
    /** Called with `false` by actions that also want tables under way, and may change what they get. */
    getTable(
      name: string,
      check: false | Callback<TableDescription>,
      given?: Callback<TableDescription>,
    ): void {
      const done = typeof check === "function" ? check : given;
      const table = check === false ? tableDb.copy(name) : tableDb.active(name);
      if (table === undefined) done?.(tableNotFound(check === false ? `: Table: ${name} not found` : ""));
      else done?.(null, table);
    },
  };
  const lockOf = (table: string) => store.getItemDb(table).lock;
  return {
    ...store,
    level,
    commits,
    pages,
    indexes: newIndexes({ level, commits, tables: tableDb, lockOf }),
    expiry: createExpiry({ level, commits, tables: tableDb, lockOf }),
    /**
     * The store for the page that `data`, a checked `Query` or `Scan`, asks for: in an index, the page begins after the item
     * of its `ExclusiveStartKey`.
     */
    forPage(data: Data): typeof store {
      const { TableName: name, IndexName: index, ExclusiveStartKey: start } = data;
      const table = typeof name === "string" && index && start ? tableDb.active(name) : undefined;
      const page = pageEnd(data);
      return {
        ...store,
        // The key is checked by the action before it opens the index.
        getIndexDb: (...of) => getIndexDb(of[0], of[1], of[2], table && itemKey(start, table), page),
        getItemDb(of) {
          const db = store.getItemDb(of);
          return { ...db, createValueStream: (range) => db.createValueStream(range, page) };
        },
      };
    },
  };
}

interface IndexRow {
  readonly text: string;
  readonly snapshot: Snapshot;
}

/** Rows of `range` as of now, each with the snapshot that its item is read from. */
function snapshotRows(level: Level, range: Range) {
  const snapshot = level.snapshot();
  const entries = level.values({ ...range, snapshot });
  return {
    nextv: async (size: number) => (await entries.nextv(size)).map((text): IndexRow => ({ text, snapshot })),
    async close() {
      await entries.close();
      await snapshot.close();
    },
  };
}

/** An index entry as it is stored. */
function indexWrite({ key, value }: Staged, ofItem: string, item: Item | undefined): Write {
  const full = entryKey(key, ofItem);
  if (value === undefined) return { type: "del", key: full };
  return { type: "put", key: full, value: value === item ? ofItem : JSON.stringify(value) };
}

/** dynalite asks for what follows (or precedes) an index key; entries of that key go on with their item's key. */
function startAfter(range: Range, item: string | undefined): Range {
  if (item === undefined) return range;
  if (range.reverse) return { ...range, lt: `${range.lt}/${item}` };
  return { ...range, gt: `${range.gt}/${item}` };
}

const parsed = (text: string | undefined): Item | undefined =>
  text === undefined ? undefined : JSON.parse(text);

function jsonRows(level: Level, range: Range): Source<string, Item> {
  const rows = level.values(range);
  return { nextv: (size) => rows.nextv(size), decode: decoded, close: () => rows.close() };
}

const decoded = (text: string): Decoded<Item> => ({ item: JSON.parse(text), size: Buffer.byteLength(text) });

function tagRows(rows: Rows<[string, string]>, part: (row: [string, string]) => string) {
  const decode = (row: [string, string]) => ({ item: part(row), size: 0 });
  return new RowStream({ nextv: (size) => rows.nextv(size), decode, close: () => rows.close() }, -1);
}

const tagWrite = (prefix: string, write: Write): Write => ({ ...write, key: prefix + write.key });

function settle(work: Promise<void>, done: Callback): void {
  work.then(
    () => done(null),
    (error: Error) => done(error),
  );
}
