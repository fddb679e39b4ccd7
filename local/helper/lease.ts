// A runtime's side of a lease: an open connection to the helper.

import { connect, type Socket } from "node:net";
import { eachLine } from "../../lib/core/lines.ts";
import { isAlive } from "../shared/is-alive.ts";
import {
  type Announcement,
  type Failure,
  type HelperSettings,
  line,
  type Reply,
  type Request,
  type Services,
} from "./protocol.ts";
import type { HelperState } from "./state-schema.ts";

const connectMs = 5_000;
/** Opening a large database after a crash takes a while. */
const answerMs = 60_000;

export interface Lease {
  readonly pid: number;
  readonly services: Services;
  /** Those of the helper. */
  readonly settings: HelperSettings;
  /** Whether the helper announces what is due; see {@link onDue}. */
  readonly announces: boolean;
  release(): void;
  /** Registers a callback, called once when the helper has ended; not after a release. */
  onExit(listener: () => void): void;
  /** Registers a callback, called with the names of tables of the embedded database in which something is due. */
  onDue(listener: (tables: readonly string[]) => void): void;
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
    // Not before what has happened is seen: a process that is starting may have had no turn for as long.
    const timer = setTimeout(() => setImmediate(() => socket.connecting && socket.destroy()), connectMs);
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
    let announced: ((announcement: Announcement) => void) | undefined;
    eachLine(socket, (text) => {
      if (announced !== undefined) {
        const announcement = parse<Announcement>(text);
        if (announcement !== undefined) announced(announcement);
        return;
      }
      socket.setTimeout(0);
      const reply = parse<Reply>(text);
      if (reply === undefined || "failure" in reply) {
        socket.destroy();
        resolve(reply?.failure);
        return;
      }
      const due: DueListener[] = [];
      announced = ({ due: tables }) => {
        for (const listener of due) listener(tables);
      };
      resolve(held(socket, reply, due));
    });
  });
}

type DueListener = (tables: readonly string[]) => void;

function held(
  socket: Socket,
  { pid, services, settings, announces = false }: Exclude<Reply, { failure: Failure }>,
  due: DueListener[],
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
    announces,
    release() {
      released = true;
      socket.destroy();
    },
    onExit(listener) {
      if (gone && !released) queueMicrotask(listener);
      else listeners.push(listener);
    },
    onDue(listener) {
      due.push(listener);
    },
  };
}

function parse<Message>(text: string): Message | undefined {
  try {
    const message: Message = JSON.parse(text);
    return message;
  } catch {
    return undefined;
  }
}
