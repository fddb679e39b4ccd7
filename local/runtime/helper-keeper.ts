// Keeps the helper process (embedded database, registry and mail catcher) running as long as this runtime.

import { setTimeout as sleep } from "node:timers/promises";
import type { Config } from "../../lib/config/env.ts";
import { messageOf } from "../../lib/core/failure-text.ts";
import { ensureHelper, type Helper } from "../helper/client.ts";
import type { Log } from "../shared/log.ts";

/** Between attempts to start it again: twice as long each time, as each costs a process. */
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 5_000;

export interface HelperKeeper {
  /** The helper that was found or started; rejects with the reason when it can't be started. */
  readonly ready: Promise<Helper>;
  /** Releases this runtime's lease; the helper ends by itself when there is none left. */
  release(): void;
  /** Whether the helper, as it runs now, announces what is due in the embedded database. */
  announces(): boolean;
  /** The control room of the helper as it runs now; undefined while it starts again, or where there is none. */
  controlRoom(): Helper["controlRoom"];
  /** Registers a callback for these announcements, of this helper and of those that replace it. */
  onDue(listener: (tables: readonly string[]) => void): void;
}

/**
 * Finds or starts the helper. When it dies later, it is restarted at the same addresses, with a back-off until that succeeds.
 * @param instance the id with which this runtime's services are registered, if it has any.
 */
export function keepHelper(config: Config, log: Log, instance?: string): HelperKeeper {
  let released = false;
  let current: Helper | undefined;
  const listeners: ((tables: readonly string[]) => void)[] = [];

  async function hold(): Promise<Helper> {
    const helper = await ensureHelper({ config, log, instance });
    current = helper;
    if (released) helper.release();
    helper.onDue((tables) => {
      for (const listener of listeners) listener(tables);
    });
    helper.onExit(() => {
      current = undefined;
      if (!released) void replace();
    });
    return helper;
  }

  async function replace(): Promise<void> {
    log("warn", "the helper process ended; restarting it");
    let said: string | undefined;
    for (let pauseMs = FIRST_RETRY_MS; !released; pauseMs = Math.min(pauseMs * 2, LONGEST_RETRY_MS)) {
      try {
        await hold();
        return;
      } catch (error) {
        const reason = messageOf(error);
        // A lasting reason, such as a full disk, is logged once.
        if (reason !== said)
          log("error", "the helper process does not start; trying again", { error: reason });
        said = reason;
        await sleep(pauseMs);
      }
    }
  }

  const ready = hold();
  // The caller handles a failure when it awaits `ready`; until then it must not count as unhandled.
  ready.catch(() => {});
  return {
    ready,
    announces: () => current?.announces ?? false,
    controlRoom: () => current?.controlRoom,
    onDue(listener) {
      listeners.push(listener);
    },
    release() {
      released = true;
      current?.release();
    },
  };
}
