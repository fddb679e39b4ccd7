// Keeps the helper process with the embedded database, registry and mail catcher alive while this runtime lives.

import { setTimeout as sleep } from "node:timers/promises";
import type { Config } from "../../lib/config/env.ts";
import { messageOf } from "../../lib/core/failure-text.ts";
import { ensureHelper, type Helper } from "../helper/client.ts";
import type { Log } from "../shared/log.ts";

/** Between attempts to start it again: twice as long each time, as each costs a process. */
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 5_000;

export interface HelperKeeper {
  /** The helper as it was found or started; rejects with what kept it from starting. */
  readonly ready: Promise<Helper>;
  /** Gives up this runtime's lease; the helper ends by itself when nobody holds one. */
  release(): void;
}

/**
 * Finds or starts the helper. When it dies later, it is started again at once, at the same addresses, and again until
 * that succeeds.
 */
export function keepHelper(config: Config, log: Log): HelperKeeper {
  let released = false;
  let current: Helper | undefined;

  async function hold(): Promise<Helper> {
    const helper = await ensureHelper({ config, log });
    current = helper;
    if (released) helper.release();
    helper.onExit(() => {
      if (!released) void replace();
    });
    return helper;
  }

  async function replace(): Promise<void> {
    log("warn", "The embedded database and registry ended; starting them again");
    let said: string | undefined;
    for (let pauseMs = FIRST_RETRY_MS; !released; pauseMs = Math.min(pauseMs * 2, LONGEST_RETRY_MS)) {
      try {
        await hold();
        return;
      } catch (error) {
        const reason = messageOf(error);
        // What keeps them from starting may last, as a full disk does: it is said once.
        if (reason !== said) log("error", "They do not start; this is tried again", { error: reason });
        said = reason;
        await sleep(pauseMs);
      }
    }
  }

  const ready = hold();
  // Whoever awaits `ready` hears of a failure; until then it must not count as unhandled.
  ready.catch(() => {});
  return {
    ready,
    release() {
      released = true;
      current?.release();
    },
  };
}
