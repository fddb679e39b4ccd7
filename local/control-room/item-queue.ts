// What the embedded database has stored, on its way to the control room's thread: several at a time, and no more than has room.

import { FollowedOrders, type PassedOn } from "./followed-orders.ts";
import type { ItemChange, StoredWrite } from "./orders/stored-item.ts";
import { OtherOrdersWriter } from "./other-orders.ts";

/** What was stored within a moment. */
export interface Stored {
  /** Of the orders that are followed, in their order. */
  readonly changes: readonly ItemChange[];
  /** What is told of others; see other-orders.ts. */
  readonly others: Uint8Array;
  /** Number of writes of orders that are not followed. */
  readonly unfollowed: number;
  /** There was more, for which there was no room, or which is not known for certain. */
  readonly lost: boolean;
  /** Characters of all texts, about. */
  readonly size: number;
}

export interface ItemQueue {
  /** `writes` were stored now; undefined: something that is not known for certain. Does not wait. */
  add(writes: readonly StoredWrite[] | undefined): void;
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
/** Characters of an id, with what is around it. */
const ID_SIZE = 38;

export function itemQueue(
  send: (stored: Stored) => void,
  { isWatched = () => false, clock = Date.now }: ItemQueueOptions = {},
): ItemQueue {
  const followed = new FollowedOrders();
  const others = new OtherOrdersWriter();
  let waiting = nothing();
  let sentSize = 0;
  let timer: NodeJS.Timeout | undefined;
  let state: "new" | "running" | "paused" = "new";

  function flush(): void {
    timer = undefined;
    const { size, ...stored } = waiting;
    waiting = nothing();
    const all = size + others.size;
    sentSize += all;
    send({ ...stored, others: others.take(), size: all });
  }

  function flushSoon(): void {
    if (timer !== undefined || state !== "running") return;
    if (waiting.changes.length + others.size === 0 && !waiting.lost) return;
    timer = setTimeout(flush, EVERY_MS[isWatched() ? "watched" : "unwatched"]).unref();
  }

  /** Whether there is room for so much more. */
  const hasRoom = (size: number): boolean => waiting.size + others.size + sentSize + size <= ROOM;

  function keep(change: ItemChange): void {
    const size = change.text?.length ?? 0;
    if (!hasRoom(size)) waiting.lost = true;
    else {
      waiting.size += size;
      waiting.changes.push(change);
    }
  }

  function tell(passedOn: Exclude<PassedOn, string>): void {
    let told: boolean;
    if ("notification" in passedOn)
      told = hasRoom(2 * ID_SIZE) && others.noticed(passedOn.about, passedOn.notification);
    else {
      waiting.unfollowed += 1;
      told = hasRoom(ID_SIZE) && others.changed(passedOn.order, passedOn.begins);
    }
    if (!told) waiting.lost = true;
  }

  function take(write: StoredWrite, at: number): void {
    if (write.of === undefined) return;
    const { table, item } = write.of;
    const passedOn = followed.of(table, item, others, at);
    if (passedOn === "nothing") return;
    if (passedOn === "whole") keep({ at, table, text: write.value });
    else if (passedOn === "told") waiting.unfollowed += 1;
    else tell(passedOn);
  }

  return {
    add(writes) {
      const at = clock();
      if (writes === undefined) waiting.lost = true;
      else for (const write of writes) take(write, at);
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

interface Waiting {
  readonly changes: ItemChange[];
  unfollowed: number;
  lost: boolean;
  /** Of the changes. */
  size: number;
}

const nothing = (): Waiting => ({ changes: [], unfollowed: 0, lost: false, size: 0 });
