// The control room's port. It is open from the start, in the helper's main thread, and passes each connection on to the room's thread:
// so that thread has not to be there before somebody connects, and may be another one after it has failed.

import { connect, type Socket } from "node:net";
import { tcpLimits } from "../shared/listener/limits.ts";
import { type TcpListener, tcpListener } from "../shared/listener/tcp-server.ts";

/** @param room where the thread listens, once it does; rejects where it can't. */
export function door(room: () => Promise<string>): TcpListener {
  const NEVER = Number.POSITIVE_INFINITY;
  // The room has the limits of an HTTP listener; here is only who says nothing at all.
  const limits = { ...tcpLimits(NEVER), silentMs: NEVER, totalMs: NEVER };
  const enter = (outer: Socket): void => {
    room().then(
      (path) => passOn(outer, path),
      () => outer.destroy(),
    );
  };
  return tcpListener(limits, enter, { allowHalfOpen: true });
}

function passOn(outer: Socket, path: string): void {
  if (outer.destroyed) return;
  const inner = connect({ path, allowHalfOpen: true });
  // Ignored: what has failed is closed.
  inner.on("error", () => {});
  // Whichever of them is closed, in whatever state, the other one is as well: a browser would go on using a connection that leads nowhere.
  inner.on("close", () => outer.destroySoon());
  outer.on("close", () => inner.destroy());
  outer.pipe(inner);
  inner.pipe(outer);
}
