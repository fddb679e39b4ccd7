// A user's feed: their notifications in the order in which they got their positions 1, 2, 3, … without a gap. A client that knows
// its last position can read what follows. See docs/decisions/026-live-push.md.

import { iso } from "../../../lib/core/iso.ts";
import { AggregateStore, type Codec } from "../../../lib/storage/aggregate-store.ts";
import type { Table } from "../../../lib/storage/table.ts";
import type { Notification } from "../notification.ts";

/** Positions that one item holds: the head until it is full, then a closed chunk that never changes. */
export const CHUNK = 50;
/** Most positions that can be read again; a client that is further behind reads the list instead. */
export const REPLAY_LIMIT = 1_000;
/** Accepted difference between the clocks of two recorders, in milliseconds. */
const SKEW_MS = 60_000;
/** Milliseconds for which a process believes that no feed exists in this deployment. */
const NOT_IN_USE_MS = 1_000;

/** The open part of a feed (`head`), or a closed one: entry `i` has the position `chunk * CHUNK + i + 1`. */
export interface FeedPart {
  readonly part: "head" | "chunk";
  readonly user_id: string;
  readonly chunk: number;
  /** When its first entry could be added. */
  readonly opened_at: string;
  /** When it was closed; not in chunks of earlier versions. */
  readonly closed_at?: string;
  /** Ids of notifications. */
  readonly entries: readonly string[];
}

/** Says that some user has a feed: until it exists, recording a notification costs nothing more. */
export interface InUse {
  readonly part: "in_use";
  readonly created_at: string;
}

type Stored = FeedPart | InUse;

export interface FeedPage {
  /** In order, without a gap, from the position after the requested one. */
  readonly entries: readonly { readonly position: number; readonly id: string }[];
  /** The last position that existed when it was read. */
  readonly last: number;
}

export interface Feed {
  /** The last position of the user's feed, which begins with this call if there was none: with the position 0. */
  open(userId: string): Promise<number>;
  /**
   * Gives a stored notification its position in its user's feed; the same one however often and by how many processes it is
   * called. Undefined when the user has no feed.
   */
  append(notification: Notification): Promise<number | undefined>;
  /**
   * Up to {@link CHUNK} entries after the position `after`; undefined when they can't be read: there is no feed, the position does not
   * exist, or more than {@link REPLAY_LIMIT} follow it.
   */
  page(userId: string, after: number): Promise<FeedPage | undefined>;
}

const PREFIX = "feed:";
const IN_USE_ID = `${PREFIX}in-use`;
// The user's id comes last, because it may have colons.
const headId = (userId: string): string => `${PREFIX}head:${userId}`;
const chunkId = (userId: string, chunk: number): string => `${PREFIX}${chunk}:${userId}`;

/** True for the id of a part of a feed; notifications are in the same table. */
export const isFeedPart = (id: string): boolean => id.startsWith(PREFIX);

/** True for the id of the record that says that feeds are in use; it is nobody's. */
export const isFeedMark = (id: string): boolean => id === IN_USE_ID;

function idOf(stored: Stored): string {
  if (stored.part === "in_use") return IN_USE_ID;
  return stored.part === "head" ? headId(stored.user_id) : chunkId(stored.user_id, stored.chunk);
}

// In no index: parts are only read by their ids, consistently.
const codec = (keepDays: number): Codec<Stored> => ({
  schemaVersion: 1,
  id: idOf,
  index: () => ({}),
  dueAt: () => undefined,
  // Its notifications, which are older, are gone then.
  expiresOn: (stored) =>
    keepDays === 0 || stored.part !== "chunk" || stored.closed_at === undefined
      ? undefined
      : Math.floor(Date.parse(stored.closed_at) / 1_000) + keepDays * 86_400,
});

/** Storage of feeds, of which closed parts are kept for `keepDays`; for good with 0. */
export const feedStore = (table: Table, keepDays = 0): AggregateStore<Stored> =>
  new AggregateStore(table, codec(keepDays));

const base = ({ chunk }: FeedPart): number => chunk * CHUNK;
const lastOf = (part: FeedPart): number => base(part) + part.entries.length;

function positionIn(part: FeedPart, id: string): number | undefined {
  const at = part.entries.indexOf(id);
  return at === -1 ? undefined : base(part) + at + 1;
}

export interface FeedClocks {
  /** Epoch milliseconds. */
  now(): number;
  /** Monotonic milliseconds. */
  monotonic(): number;
  pause(ms: number): Promise<unknown>;
}

/**
 * Feeds, stored in the table of the notifications. A position is given by one conditional write of the head, so whoever reads the
 * head sees all positions up to its last one, whichever process gave them.
 */
export function createFeed(table: Table, clocks: FeedClocks, keepDays = 0): Feed {
  const store = feedStore(table, keepDays);
  let missingAt = Number.NEGATIVE_INFINITY;
  let looking: Promise<boolean> | undefined;
  /** When this process first found that feeds are in use, and since when they are. */
  let found: { readonly at: number; readonly since: number } | undefined;

  /** One look is enough for all who ask until it has ended: what it does not find did not exist at its begin. */
  async function inUse(): Promise<boolean> {
    if (found !== undefined) return true;
    if (clocks.monotonic() - missingAt < NOT_IN_USE_MS) return false;
    looking ??= lookForUse().finally(() => {
      looking = undefined;
    });
    return looking;
  }

  async function lookForUse(): Promise<boolean> {
    const begun = clocks.monotonic();
    const mark = await store.read(IN_USE_ID);
    if (mark?.part === "in_use") found ??= { at: clocks.monotonic(), since: Date.parse(mark.created_at) };
    else missingAt = begun;
    return found !== undefined;
  }

  async function part(id: string, recent = false): Promise<FeedPart | undefined> {
    const found = await (recent ? store.readRecent(id) : store.read(id));
    return found === undefined || found.part === "in_use" ? undefined : found;
  }

  /** The position of `notification` in a closed chunk: one that was open since the notification was stored. */
  async function closedPosition(
    head: FeedPart,
    { id, arrived_at }: Notification,
  ): Promise<number | undefined> {
    const stored = Date.parse(arrived_at) - SKEW_MS;
    let opened = head.opened_at;
    for (let chunk = head.chunk - 1; chunk >= 0 && Date.parse(opened) > stored; chunk -= 1) {
      const closed = await part(chunkId(head.user_id, chunk), true);
      if (closed === undefined) return undefined;
      const position = positionIn(closed, id);
      if (position !== undefined) return position;
      opened = closed.opened_at;
    }
    return undefined;
  }

  /** Adds `id` if the feed is still in the chunk of `seen`. Undefined when it is not, or the chunk is full. */
  async function add(seen: FeedPart, id: string): Promise<number | undefined> {
    const done = await store.change(headId(seen.user_id), (head) => {
      if (head.part !== "head" || head.chunk !== seen.chunk) return head;
      if (head.entries.length >= CHUNK || head.entries.includes(id)) return head;
      return { ...head, entries: [...head.entries, id] };
    });
    const head = done?.state;
    return head === undefined || head.part === "in_use" ? undefined : positionIn(head, id);
  }

  /** Closes a full head. Its content is final, so it does not matter who writes the chunk. */
  async function close(full: FeedPart): Promise<void> {
    const closed_at = iso(clocks.now());
    await store.create({ ...full, part: "chunk", closed_at });
    const next = { chunk: full.chunk + 1, opened_at: closed_at, entries: [] };
    await store.change(headId(full.user_id), (head) =>
      head.part === "head" && head.chunk === full.chunk ? { ...head, ...next } : head,
    );
  }

  /** At the first use of a deployment: another process may have looked just before, and believe that there is no feed. */
  async function untilAllKnow(): Promise<void> {
    if (found === undefined || clocks.now() - found.since > NOT_IN_USE_MS + SKEW_MS) return;
    const left = found.at + NOT_IN_USE_MS + 100 - clocks.monotonic();
    if (left > 0) await clocks.pause(left);
  }

  async function begin(userId: string): Promise<void> {
    if (!(await lookForUse())) {
      await store.create({ part: "in_use", created_at: iso(clocks.now()) });
      await lookForUse();
    }
    await untilAllKnow();
    await store.create({
      part: "head",
      user_id: userId,
      chunk: 0,
      opened_at: iso(clocks.now()),
      entries: [],
    });
  }

  return {
    async open(userId) {
      const known = await part(headId(userId));
      if (known !== undefined) return lastOf(known);
      await begin(userId);
      return lastOf((await part(headId(userId))) ?? EMPTY);
    },
    async append(notification) {
      if (!(await inUse())) return undefined;
      const { id, user_id } = notification;
      // The head is read after the notification was stored: whoever opened the feed later finds it in the list.
      for (let head = await part(headId(user_id)); head !== undefined; head = await part(headId(user_id))) {
        const known = positionIn(head, id) ?? (await closedPosition(head, notification));
        const position = known ?? (await add(head, id));
        if (position !== undefined) return position;
        if (head.entries.length >= CHUNK) await close(head);
      }
      return undefined;
    },
    async page(userId, after) {
      const head = await part(headId(userId));
      if (head === undefined) return undefined;
      const last = lastOf(head);
      if (after > last || last - after > REPLAY_LIMIT) return undefined;
      const chunk = Math.floor(after / CHUNK);
      const wanted = chunk >= head.chunk ? head : await part(chunkId(userId, chunk), true);
      if (wanted === undefined) return undefined;
      const first = after - base(wanted);
      const entries = wanted.entries.slice(first).map((id, index) => ({ id, position: after + index + 1 }));
      return { entries, last };
    },
  };
}

const EMPTY: FeedPart = { part: "head", user_id: "", chunk: 0, opened_at: "", entries: [] };
