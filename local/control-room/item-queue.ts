// What the embedded database has stored, on its way to the control room's thread: several at a time, and no more than has room.

import type { ItemChange } from "./orders/stored-item.ts";

export interface ItemQueue {
  /** `changes` were stored now; undefined: something that is not known for certain. Does not wait. */
  add(changes: readonly Omit<ItemChange, "at">[] | undefined): void;
  /** The thread has taken so much. */
  took(size: number): void;
  /** Another thread takes the place of the one that had what was sent. */
  restart(): void;
  close(): void;
}

const EVERY_MS = 250;
/** Characters that are not taken yet; beyond it items are left out, and the thread is told. */
const ROOM = 8 * 1024 * 1024;

export function itemQueue(
  send: (changes: readonly ItemChange[], size: number, lost: boolean) => void,
  clock: () => number = Date.now,
): ItemQueue {
  let waiting: ItemChange[] = [];
  let waitingSize = 0;
  let sentSize = 0;
  let lost = false;
  let timer: NodeJS.Timeout | undefined;

  function flush(): void {
    timer = undefined;
    const [changes, size, unseen] = [waiting, waitingSize, lost];
    waiting = [];
    waitingSize = 0;
    lost = false;
    sentSize += size;
    send(changes, size, unseen);
  }

  return {
    add(changes) {
      const at = clock();
      for (const { table, text } of changes ?? []) {
        const size = text?.length ?? 0;
        if (waitingSize + sentSize + size > ROOM) lost = true;
        else {
          waiting.push({ at, table, text });
          waitingSize += size;
        }
      }
      if (changes === undefined) lost = true;
      if (waiting.length > 0 || lost) timer ??= setTimeout(flush, EVERY_MS).unref();
    },
    took(size) {
      sentSize = Math.max(0, sentSize - size);
    },
    restart() {
      sentSize = 0;
      lost = true;
    },
    close: () => clearTimeout(timer),
  };
}
