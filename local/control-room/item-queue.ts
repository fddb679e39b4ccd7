// What the embedded database has stored, on its way to the control room's thread: several at a time, and no more than has room.

import { FollowedOrders, type PassedOn } from "./followed-orders.ts";
import type { ItemChange, WrittenItem } from "./orders/stored-item.ts";

/** What was stored within a moment. */
export interface Stored {
  /** Of the orders that are followed, in their order. */
  readonly changes: readonly ItemChange[];
  /** Other orders that have changed, each once. */
  readonly others: readonly string[];
  /** Those of them of which this holds the first write. */
  readonly begun: readonly string[];
  /** New notifications about other orders, two texts each: the id of the order or of its payment, and the notification's own. */
  readonly notices: readonly string[];
  /** Number of writes of orders that are not followed. */
  readonly unfollowed: number;
  /** There was more, for which there was no room, or which is not known for certain. */
  readonly lost: boolean;
  /** Characters of all texts, about. */
  readonly size: number;
}

export interface ItemQueue {
  /** `changes` were stored now; undefined: something that is not known for certain. Does not wait. */
  add(changes: readonly WrittenItem[] | undefined): void;
  /** The thread has taken so much. */
  took(size: number): void;
  /** A thread is there, perhaps in the place of one that had what was sent. */
  begin(): void;
  /** The thread has ended: what is stored waits for the next one. */
  pause(): void;
  close(): void;
}

export interface ItemQueueOptions {
  /** Whether a page is open. */
  readonly isWatched?: () => boolean;
  readonly clock?: () => number;
}

/** While nobody watches, what is stored may be known a little later. */
const EVERY_MS = { watched: 250, unwatched: 1_000 };
/** Characters that are not taken yet; beyond it items are left out, and the thread is told. */
const ROOM = 8 * 1024 * 1024;
/** Characters of an id. */
const ID_SIZE = 36;

export function itemQueue(
  send: (stored: Stored) => void,
  { isWatched = () => false, clock = Date.now }: ItemQueueOptions = {},
): ItemQueue {
  const followed = new FollowedOrders();
  let waiting = nothing();
  let sentSize = 0;
  let timer: NodeJS.Timeout | undefined;
  let state: "new" | "running" | "paused" = "new";

  function flush(): void {
    timer = undefined;
    const { others, ...stored } = waiting;
    waiting = nothing();
    sentSize += stored.size;
    send({ ...stored, others: [...others] });
  }

  function flushSoon(): void {
    const { changes, others, notices, lost } = waiting;
    const isEmpty = changes.length + others.size + notices.length === 0 && !lost;
    if (state !== "running" || isEmpty) return;
    timer ??= setTimeout(flush, EVERY_MS[isWatched() ? "watched" : "unwatched"]).unref();
  }

  /** Whether there is room for so much more, which is taken then. */
  function hasRoom(size: number): boolean {
    if (waiting.size + sentSize + size > ROOM) {
      waiting.lost = true;
      return false;
    }
    waiting.size += size;
    return true;
  }

  function keep(change: ItemChange): void {
    if (hasRoom(change.text?.length ?? 0)) waiting.changes.push(change);
  }

  function note(passedOn: Exclude<PassedOn, "whole" | "nothing">): void {
    if ("notification" in passedOn) {
      if (hasRoom(2 * ID_SIZE)) waiting.notices.push(passedOn.about, passedOn.notification);
      return;
    }
    waiting.unfollowed += 1;
    if (passedOn.begins && hasRoom(ID_SIZE)) waiting.begun.push(passedOn.order);
    if (!waiting.others.has(passedOn.order) && hasRoom(ID_SIZE)) waiting.others.add(passedOn.order);
  }

  return {
    add(changes) {
      const at = clock();
      for (const { table, item, text } of changes ?? []) {
        const passedOn = followed.of(table, item);
        if (passedOn === "whole") keep({ at, table, text });
        else if (passedOn !== "nothing") note(passedOn);
      }
      if (changes === undefined) waiting.lost = true;
      flushSoon();
    },
    took(size) {
      sentSize = Math.max(0, sentSize - size);
    },
    begin() {
      if (state !== "new") waiting.lost = true;
      sentSize = 0;
      state = "running";
      flushSoon();
    },
    pause() {
      state = "paused";
      clearTimeout(timer);
      timer = undefined;
    },
    close: () => clearTimeout(timer),
  };
}

interface Waiting extends Omit<Stored, "others"> {
  readonly changes: ItemChange[];
  readonly others: Set<string>;
  readonly begun: string[];
  readonly notices: string[];
  unfollowed: number;
  lost: boolean;
  size: number;
}

const nothing = (): Waiting => ({
  changes: [],
  others: new Set(),
  begun: [],
  notices: [],
  unfollowed: 0,
  lost: false,
  size: 0,
});
