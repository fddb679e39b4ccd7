// Aggregates as single items: every command is one conditional write of the whole aggregate.

import { iso } from "../core/iso.ts";
import { mapByTurns } from "../core/map-by-turns.ts";
import { TtlCache } from "../core/ttl-cache.ts";
import { after, DeferredSteps, type Step } from "./deferred-steps.ts";
import { dueShardOf, dueShards, NEVER, PARKED_SHARDS } from "./due-shards.ts";
import { SCHEMA_UNKNOWN, StorageContention, StorageFault } from "./errors.ts";
import { mergedPage } from "./merged-page.ts";
import { countParkedWrite } from "./parked-writes.ts";
import {
  type Bound,
  BY_DUE,
  type IndexEntry,
  type IndexQuery,
  type Item,
  type Page,
  type Table,
} from "./table.ts";

/** How an aggregate becomes an item and back. */
export interface Codec<S> {
  /** Version of the JSON shape that is written now. */
  readonly schemaVersion: number;
  id(state: S): string;
  /** Attributes for the table's indexes; leave one out to keep the item out of that index. */
  index(state: S): Readonly<Record<string, string>>;
  /** Epoch milliseconds at which the sweep must process it again; undefined: never. */
  dueAt(state: S): number | undefined;
  /** True while something in it is parked and waits for an operator; {@link AggregateStore.parked} lists it. */
  parked?(state: S): boolean;
  /** Epoch seconds after which it may be deleted. */
  expiresOn?(state: S): number | undefined;
  /** Converts from and to JSON of `schemaVersion`, where its names differ from those of the state. */
  readonly stored?: {
    /** `doc` is parsed JSON of this version. */
    // biome-ignore lint/suspicious/noExplicitAny: what was written as this version is of its shape.
    read(doc: any): S;
    write(state: S): unknown;
  };
  /** The state from JSON of an older `schemaVersion`; not needed while there is only one. */
  upcast?(doc: unknown, schemaVersion: number): S;
}

export interface Snapshot<S> {
  readonly state: S;
  /** Counts every write, including internal ones; users see a revision of the aggregate's own. */
  readonly version: number;
}

export interface Changed<S> {
  readonly state: S;
  /** The state that the decision started from; undefined for a new aggregate. */
  readonly before?: S;
  /** False when the decision changed nothing. */
  readonly changed: boolean;
}

const RECENT_LIMIT = 2_000;
const RECENT_MS = 5_000;
/** Read items whose parsed state is kept. */
const PARSED_LIMIT = 100;
const MAX_CONFLICTS = 40;

/**
 * Loads and changes aggregates of one table. A write whose condition held proves that its decision was based on the current
 * state. So a decision may start from a recently read state; it is repeated on a fresh read when the condition fails or a
 * rule refuses.
 */
export class AggregateStore<S> {
  readonly #table: Table;
  readonly #codec: Codec<S>;
  readonly #recent: TtlCache<Snapshot<S>>;
  /** What was read last, with its item: an item that is read again and again, as clients do that wait for a change, is parsed once. */
  readonly #parsed: TtlCache<{ readonly item: Item; readonly snapshot: Snapshot<S> }>;
  readonly #turns = new Map<string, Promise<unknown>>();
  readonly #deferred = new DeferredSteps<S>();

  constructor(table: Table, codec: Codec<S>, now: () => number = () => performance.now()) {
    this.#table = table;
    this.#codec = codec;
    this.#recent = new TtlCache({ limit: RECENT_LIMIT, ttl: RECENT_MS, now });
    this.#parsed = new TtlCache({ limit: PARSED_LIMIT, ttl: RECENT_MS, now });
  }

  /** The hash keys in `by_due` that a sweep reads. */
  get sweptShards(): readonly string[] {
    return [...dueShards(this.#table), ...PARKED_SHARDS];
  }

  /** The aggregate as last written, with the steps that this process has deferred; undefined when there is none. */
  async read(id: string): Promise<S | undefined> {
    return this.#advanced(id, (await this.#load(id))?.state);
  }

  /** As {@link read}, or the state that this process saw in the last seconds: only for work that is safe to repeat. */
  async readRecent(id: string): Promise<S | undefined> {
    return this.#advanced(id, (this.#recent.get(id) ?? (await this.#load(id)))?.state);
  }

  /** Writes a new aggregate. False when one with its id exists; nothing is written then. */
  async create(state: S): Promise<boolean> {
    return this.#write({ state, version: 1 }, 0);
  }

  /** Writes a new aggregate, or returns the existing one with its id. */
  async createOrRead(state: S): Promise<S | undefined> {
    if (await this.create(state)) return undefined;
    const id = this.#codec.id(state);
    const earlier = await this.read(id);
    if (earlier === undefined)
      throw new StorageFault("create", "ItemVanished", `${id} existed at the write, and is gone`);
    return earlier;
  }

  /**
   * Replaces the aggregate by the result of `decide`; if that is the same object, nothing changes. An error of `decide` is
   * rethrown after a consistent read has confirmed it. `decide` may run several times and must be pure. Changes of one
   * aggregate in this process run one after another, each from the state that the one before wrote.
   * Returns undefined when there is no such aggregate.
   * @throws {StorageContention} after {@link MAX_CONFLICTS} conflicts with writes of other processes.
   */
  change(id: string, decide: Step<S>): Promise<Changed<S> | undefined> {
    return this.#inTurn(id, () => this.#change(id, decide, false));
  }

  /**
   * Applies `step` to the aggregate with its next write by this process, or with {@link record}; until then all reads and
   * changes here start from the state after it. It is lost with this process, so it must only record what may safely be done
   * again. False when too many wait: then it has to be written at once.
   */
  defer(id: string, step: Step<S>): boolean {
    return this.#deferred.add(id, step);
  }

  /**
   * Writes the deferred steps of an aggregate, if there still are any. They are dropped when that fails.
   * @throws {StorageContention} and {StorageUnavailable} as {@link change} does.
   */
  async record(id: string): Promise<void> {
    if (!this.#deferred.has(id)) return;
    await this.#inTurn(id, async () => {
      const tried = this.#deferred.of(id);
      try {
        await this.#change(id, (state) => state, true);
      } catch (error) {
        this.#deferred.forget(id, tried);
        throw error;
      }
    });
  }

  async #inTurn<T>(id: string, work: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(id);
    const turn = before === undefined ? work() : before.then(work, work);
    this.#turns.set(id, turn);
    try {
      return await turn;
    } finally {
      if (this.#turns.get(id) === turn) this.#turns.delete(id);
    }
  }

  /** With `recording`, deferred steps alone are a reason to write. */
  async #change(id: string, decide: Step<S>, recording: boolean): Promise<Changed<S> | undefined> {
    let known = this.#recent.get(id);
    for (let conflicts = 0; conflicts < MAX_CONFLICTS; ) {
      const fresh = known === undefined;
      const current: Snapshot<S> | undefined = known ?? (await this.#load(id));
      known = undefined;
      const deferred = this.#deferred.of(id);
      if (!current) {
        this.#deferred.forget(id, deferred);
        return undefined;
      }
      const before = after(current.state, deferred);
      const same = recording ? current.state : before;
      const next = outcomeOf(() => decide(before));
      if (!fresh && ("error" in next || next.value === same)) continue;
      if ("error" in next) throw next.error;
      if (next.value === same) {
        if (recording) this.#deferred.forget(id, deferred);
        return { state: before, before, changed: false };
      }
      if (await this.#write({ state: next.value, version: current.version + 1 }, current.version)) {
        this.#deferred.forget(id, deferred);
        return { state: next.value, before, changed: true };
      }
      this.#recent.delete(id);
      conflicts += 1;
      if (conflicts > 2)
        await new Promise((resolve) => setTimeout(resolve, Math.random() * Math.min(conflicts * 4, 50)));
    }
    throw new StorageContention(id);
  }

  #advanced(id: string, state: S | undefined): S | undefined {
    return state === undefined ? undefined : after(state, this.#deferred.of(id));
  }

  /** One page of whole aggregates from an index; bounded in number and in bytes. */
  list(query: IndexQuery): Promise<Page<S>> {
    return this.listMerged([query]);
  }

  /** One page of several queries over the same range key, in their common order; see {@link mergedPage}. */
  async listMerged(queries: readonly IndexQuery[]): Promise<Page<S>> {
    const page = await mergedPage((query) => this.#table.query(query), queries);
    const items = await mapByTurns(
      page.items,
      ({ doc }) => doc.length,
      (item) => this.#decode(item).state,
    );
    return { items, next: page.next };
  }

  /** One page of index attributes, without the aggregates themselves; an aggregate that is older than an attribute lacks it. */
  listEntries(query: IndexQuery, names: readonly string[]): Promise<Page<IndexEntry>> {
    return this.#table.queryEntries(query, names);
  }

  /** One page of ids from an index of keys. */
  listIds(query: IndexQuery): Promise<Page<string>> {
    return this.#table.queryIds(query);
  }

  /**
   * Ids that are due in `shard` at `now` (epoch milliseconds), the longest overdue first; `after` is the `next` of the
   * page before, so that a sweep can continue after aggregates that stay due.
   */
  due(shard: string, now: number, limit: number, after?: string): Promise<Page<string>> {
    // Range keys are `<time>#<id>`; ";" sorts after "#", so all keys of this millisecond are included.
    const until = `${iso(now)};`;
    const bound: Bound = after === undefined ? { "<": until } : { between: [`${after}\u0000`, until] };
    return this.listIds({ index: BY_DUE, hash: shard, bound, limit });
  }

  /** One page of ids of aggregates with something parked; `shard` is one of `PARKED_SHARDS`. */
  parked(shard: string, limit: number, after?: string): Promise<Page<string>> {
    const bound = after === undefined ? {} : { bound: { ">": after } };
    return this.listIds({ index: BY_DUE, hash: shard, limit, ...bound });
  }

  async #load(id: string): Promise<Snapshot<S> | undefined> {
    const item = await this.#table.get(id);
    if (!item) return undefined;
    const snapshot = this.#parse(item);
    this.#recent.set(id, snapshot);
    return snapshot;
  }

  /** {@link #decode}, or the snapshot of the same text that was read before. */
  #parse(item: Item): Snapshot<S> {
    const known = this.#parsed.get(item.id);
    if (known !== undefined && holdsTheSame(known.item, item)) return known.snapshot;
    const snapshot = this.#decode(item);
    this.#parsed.set(item.id, { item, snapshot });
    return snapshot;
  }

  /**
   * Rewrites an item in its current form if it is outdated: its schema is older, or its index attributes differ from those
   * that it would get now. With `dry` nothing is written. Returns what it was before; `undefined` when there is no such item.
   * @throws {StorageFault} when its schema is unknown to this version.
   */
  async rewrite(id: string, dry = false): Promise<"current" | "outdated" | undefined> {
    for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts += 1) {
      const item = await this.#table.get(id);
      if (!item) return undefined;
      const { state, version } = this.#decode(item);
      const next = this.#encode({ state, version: version + 1 });
      if (item.schemaVersion === next.schemaVersion && placedAlike(item, next)) return "current";
      if (dry || (await this.#table.put(next, version))) return "outdated";
    }
    throw new StorageContention(id);
  }

  async #write(snapshot: Snapshot<S>, replaces: number): Promise<boolean> {
    const item = this.#encode(snapshot);
    const written = await this.#table.put(item, replaces);
    if (!written) return false;
    this.#recent.set(item.id, snapshot);
    if (this.#codec.parked?.(snapshot.state) === true) countParkedWrite();
    return true;
  }

  #encode({ state, version }: Snapshot<S>): Item {
    const id = this.#codec.id(state);
    const expiresOn = this.#codec.expiresOn?.(state);
    return {
      id,
      version,
      schemaVersion: this.#codec.schemaVersion,
      doc: JSON.stringify(this.#codec.stored?.write(state) ?? state),
      index: { ...this.#codec.index(state), ...this.#dueKeys(id, state) },
      ...(expiresOn === undefined ? {} : { expiresOn }),
    };
  }

  #dueKeys(id: string, state: S): Readonly<Record<string, string>> {
    const due = this.#codec.dueAt(state);
    const parked = this.#codec.parked?.(state) === true;
    if (due === undefined && !parked) return {};
    return {
      due_shard: dueShardOf(id, parked, this.#table),
      due_at: `${due === undefined ? NEVER : iso(due)}#${id}`,
    };
  }

  #decode(item: Item): Snapshot<S> {
    const { schemaVersion, stored, upcast } = this.#codec;
    const doc = JSON.parse(item.doc);
    if (item.schemaVersion === schemaVersion) {
      return { state: stored === undefined ? doc : stored.read(doc), version: item.version };
    }
    if (!upcast || !(item.schemaVersion < schemaVersion))
      throw new StorageFault("read", SCHEMA_UNKNOWN, `schema ${item.schemaVersion} of ${item.id}`);
    return { state: upcast(doc, item.schemaVersion), version: item.version };
  }
}

const holdsTheSame = (one: Item, other: Item): boolean =>
  one.doc === other.doc && one.version === other.version && one.schemaVersion === other.schemaVersion;

/** Whether two items have the same index attributes, and expire at the same time. */
function placedAlike(one: Item, other: Item): boolean {
  const names = new Set([...Object.keys(one.index), ...Object.keys(other.index)]);
  return (
    one.expiresOn === other.expiresOn && [...names].every((name) => one.index[name] === other.index[name])
  );
}

function outcomeOf<T>(work: () => T): { value: T } | { error: unknown } {
  try {
    return { value: work() };
  } catch (error) {
    return { error };
  }
}
