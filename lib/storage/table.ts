// The storage port: one table of versioned items with sparse indexes. Its adapter is dynamo-table.ts.

/**
 * One item. `id` is the key, `version` counts its writes from 1, `doc` is the aggregate as JSON text, `index` holds the
 * attributes that place it in the table's indexes (an absent one keeps it out).
 */
export interface Item {
  readonly id: string;
  readonly version: number;
  readonly schemaVersion: number;
  readonly doc: string;
  readonly index: Readonly<Record<string, string>>;
  /** Epoch seconds after which the item may be deleted. */
  readonly expiresOn?: number;
}

export interface IndexQuery {
  readonly index: IndexName;
  /** Value of the index's hash key. */
  readonly hash: string;
  /** Bound on its range key, such as `{ "<": after }` for the page after `after` in descending order. */
  readonly bound?: Bound;
  readonly descending?: boolean;
  readonly limit: number;
  /** Once it is aborted, the query is not started, or no longer waited for, and rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

export type Bound =
  | { readonly "<": string }
  | { readonly ">": string }
  | { readonly "<=": string }
  | { readonly ">=": string }
  /** From the first to the second, both included. */
  | { readonly between: readonly [string, string] };

/**
 * One page of an index. Range keys are unique within a hash key, so the last one says where the page ended. A page may
 * be shorter than its limit and still have a `next`: DynamoDB ends one at 1 MB.
 */
export interface Page<T> {
  readonly items: readonly T[];
  /** Range key of the last item; undefined when nothing followed at that moment. */
  readonly next: string | undefined;
}

/** What an index holds of one item, without its document. */
export interface IndexEntry {
  readonly id: string;
  /** The requested attributes, as far as the item has them. */
  readonly index: Readonly<Record<string, string>>;
}

/** An index: its name in the table, and the attributes that are its keys. */
export interface IndexName {
  readonly name: string;
  readonly hash: string;
  readonly range: string;
}

export interface Table {
  /** Number of hash keys over which its index `by_due` is spread; undefined: as few as most systems need. */
  readonly dueShards?: number;
  /** The item as last written, read consistently. */
  get(id: string): Promise<Item | undefined>;
  /**
   * Writes the whole item. `replaces` is the version that it replaces, 0 for none.
   * Returns false, and writes nothing, when another version is stored.
   */
  put(item: Item, replaces: number): Promise<boolean>;
  /**
   * One page of whole items. May lag behind writes; where the index holds keys alone, items are as they are now, and those that have left
   * their place in it are left out.
   */
  query(query: IndexQuery): Promise<Page<Item>>;
  /**
   * As {@link query}, but of each item only the attributes `names`: documents are not sent. DynamoDB reads them
   * nevertheless, so a page ends where it would end with them, and costs as much.
   */
  queryEntries(query: IndexQuery, names: readonly string[]): Promise<Page<IndexEntry>>;
  /** As {@link query}, but ids alone, for an index of keys. */
  queryIds(query: IndexQuery): Promise<Page<string>>;
}

/** The index that every table has: what must be processed again, and when. */
export const BY_DUE: IndexName = { name: "by_due", hash: "due_shard", range: "due_at" };
