// A runtime's side of a lease: an open connection to the helper.

import { connect, type Socket } from "node:net";
import { isAlive } from "./is-alive.ts";
import {
  type Failure,
  firstLine,
  type HelperSettings,
  line,
  type Reply,
  type Request,
  type Services,
} from "./protocol.ts";
import type { HelperState } from "./state-file.ts";

const connectMs = 5_000;
/** Opening a large database after a crash takes a while. */
const answerMs = 60_000;

export interface Lease {
  readonly pid: number;
  readonly services: Services;
  /** Those of the helper. */
  readonly settings: HelperSettings;
  release(): void;
  /** Registers a callback, called once when the helper has ended; not after a release. */
  onExit(listener: () => void): void;
}

/** Takes a lease on the helper in `state`; undefined if that helper no longer runs. */
export function takeLease(
  state: HelperState,
  request: Omit<Request, "secret">,
): Promise<Lease | Failure | undefined> {
  // Another process may have its port by now, and may not answer.
  if (!isAlive(state.pid)) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port: state.port, noDelay: true });
    const timer = setTimeout(() => socket.destroy(), connectMs);
    socket.on("error", () => {});
    socket.on("close", () => {
      clearTimeout(timer);
      resolve(undefined);
    });
    socket.once("connect", () => {
      clearTimeout(timer);
      socket.write(line({ secret: state.secret, ...request }));
      socket.setTimeout(answerMs, () => socket.destroy());
    });
    firstLine(socket, (text) => {
      socket.setTimeout(0);
      const reply = parse(text);
      if (reply === undefined || "failure" in reply) {
        socket.destroy();
        resolve(reply?.failure);
      } else {
        resolve(held(socket, reply));
      }
    });
  });
}

function held(
  socket: Socket,
  { pid, services, settings }: Pick<Lease, "pid" | "services" | "settings">,
): Lease {
  const listeners: (() => void)[] = [];
  let gone = false;
  let released = false;
  // The connection does not keep its process alive: when the process has nothing left to do, it ends, and the lease with it.
  socket.unref();
  socket.on("close", () => {
    gone = true;
    if (!released) for (const listener of listeners) listener();
  });
  return {
    pid,
    services,
    settings,
    release() {
      released = true;
      socket.destroy();
    },
    onExit(listener) {
      if (gone && !released) queueMicrotask(listener);
      else listeners.push(listener);
    },
  };
}

function parse(text: string): Reply | undefined {
  try {
    const reply: Reply = JSON.parse(text);
    return reply;
  } catch {
    return undefined;
  }
}
