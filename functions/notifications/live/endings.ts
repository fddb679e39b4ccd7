// Ends the connections of this process when their time is over, also where nothing is sent on them. On AWS API Gateway holds them; see
// docs/live.md.

import type { HeldSockets } from "../../../lib/live/sockets.ts";
import type { Ending, LiveEndings } from "./live-ports.ts";

/** Milliseconds after which it is tried again, where the connection is not open yet. */
const AGAIN_MS = 1_000;

/** Close codes: for applications (RFC 6455, 7.4.2), and "going away" (7.4.1). */
export const TOKEN_EXPIRED: Ending = { code: 4401, reason: "token expired" };
export const TOO_OLD: Ending = { code: 1001, reason: "connect again" };

export function liveEndings(held: Pick<HeldSockets, "get">): LiveEndings {
  const timers = new Map<string, NodeJS.Timeout>();
  const set = (id: string, inMs: number, ending: Ending): void => {
    clearTimeout(timers.get(id));
    timers.set(id, setTimeout(end, Math.max(inMs, 0), id, ending).unref());
  };
  const end = (id: string, ending: Ending): void => {
    const socket = held.get(id);
    if (socket === undefined) set(id, AGAIN_MS, ending);
    else {
      timers.delete(id);
      socket.close(ending.code, ending.reason);
    }
  };
  return {
    set,
    clear(id) {
      clearTimeout(timers.get(id));
      timers.delete(id);
    },
  };
}
