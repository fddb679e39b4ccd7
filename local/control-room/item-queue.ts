// What the embedded database has stored, on its way to the control room's thread: several at a time, and no more than has room.

import { FollowedOrders } from "./followed-orders.ts";
import type { ItemChange } from "./orders/stored-item.ts";

/** What was stored within a moment. */
export interface Stored {
  /** Of the orders that are followed, in their order. */
  readonly changes: readonly ItemChange[];
  /** Other orders that have changed, each once. */
  readonly others: readonly string[];
  /** Number of writes of orders that are not followed. */
  readonly unfollowed: number;
  /** There was more, for which there was no room, or which is not known for certain. */
  readonly lost: boolean;
  /** Characters of all texts. */
  readonly size: number;
}

export interface ItemQueue {
  /** `changes` were stored now; undefined: something that is not known for certain. Does not wait. */
  add(changes: readonly Omit<ItemChange, "at">[] | undefined): void;
  /** The thread has taken so much. */
  took(size: number): void;
  /** A thread is there, perhaps in the place of one that had what was sent. */
  begin(): void;
  /** The thread has ended: what is stored waits for the next one. */
  pause(): void;
  close(): void;
}

const EVERY_MS = 250;
/** Characters that are not taken yet; beyond it items are left out, and the thread is told. */
const ROOM = 8 * 1024 * 1024;

export function itemQueue(send: (stored: Stored) => void, clock: () => number = Date.now): ItemQueue {
  const followed = new FollowedOrders();
  let waiting: ItemChange[] = [];
  let others = new Set<string>();
  let unfollowed = 0;
  let waitingSize = 0;
  let sentSize = 0;
  let lost = false;
  let timer: NodeJS.Timeout | undefined;
  let state: "new" | "running" | "paused" = "new";

  function flush(): void {
    timer = undefined;
    const stored = { changes: waiting, others: [...others], unfollowed, lost, size: waitingSize };
    [waiting, others, unfollowed, waitingSize, lost] = [[], new Set(), 0, 0, false];
    sentSize += stored.size;
    send(stored);
  }

  function flushSoon(): void {
    if (state !== "running" || (waiting.length === 0 && others.size === 0 && !lost)) return;
    timer ??= setTimeout(flush, EVERY_MS).unref();
  }

  function keep(change: ItemChange): void {
    const size = change.text?.length ?? 0;
    if (waitingSize + sentSize + size > ROOM) lost = true;
    else {
      waiting.push(change);
      waitingSize += size;
    }
  }

  return {
    add(changes) {
      const at = clock();
      for (const { table, text } of changes ?? []) {
        const passedOn = followed.of(table, text);
        if (passedOn === "whole") keep({ at, table, text });
        else if (passedOn !== "nothing") {
          others.add(passedOn.order);
          unfollowed += 1;
        }
      }
      if (changes === undefined) lost = true;
      flushSoon();
    },
    took(size) {
      sentSize = Math.max(0, sentSize - size);
    },
    begin() {
      if (state !== "new") lost = true;
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
