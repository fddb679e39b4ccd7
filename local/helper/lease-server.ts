// The helper's side of leases: counts the leases, and reports when there has been none for a while.

import { timingSafeEqual } from "node:crypto";
import type { Socket } from "node:net";
import { tcpLimits } from "../shared/listener/limits.ts";
import { tcpListener } from "../shared/listener/tcp-server.ts";
import { type Announcement, firstLine, line, type Reply, type Request } from "./protocol.ts";

const MAX_LEASES = 200;
/** A holder that has not read this much, because it is stopped, gets no further announcements. */
const UNREAD_BYTES = 64 * 1024;
/** Milliseconds within which the process that started the helper has to request a lease; longer while that process is busy starting. */
const firstLeaseMs = 5_000;

export interface LeaseServerOptions {
  readonly secret: string;
  /** Milliseconds for which the helper keeps running without a lease. */
  readonly graceMs: number;
  /**
   * Answers a request; the lease begins with a reply that is not a failure.
   * @param others whether another runtime holds a lease, waits for an answer, or has started this process and may still ask.
   */
  readonly answer: (request: Request, others: () => boolean) => Promise<Reply>;
  /** Whether the process that started the helper is alive, and may still request the first lease. */
  readonly awaited: () => boolean;
  /** Whether something else than a lease keeps the helper running; looked at every `graceMs`. By default nothing does. */
  readonly used?: () => boolean;
  /**
   * Called when a lease has ended: its holder has released it, or has ended; not while another lease has the same instance, as when a
   * runtime lost its connection and has a new one. By default nothing is done.
   */
  readonly onEnded?: (request: Request) => void;
  /** Called once, when there was no lease for `graceMs`, or the only request was refused. */
  readonly onUnused: () => void;
}

export interface LeaseServer {
  readonly port: number;
  /** Sends `announcement` to all that hold a lease, except those that do not read. */
  announce(announcement: Announcement): void;
  /** Ends all leases. */
  close(): void;
}

/** Listens on a free port of loopback. A connection that does not know the secret is closed. */
export async function serveLeases({
  secret,
  graceMs,
  answer,
  awaited,
  used = () => false,
  onEnded = () => {},
  onUnused,
}: LeaseServerOptions): Promise<LeaseServer> {
  /** Connections that hold a lease, or wait for an answer. */
  const holders = new Set<Socket>();
  /** Connections that have not asked yet. */
  const asking = new Set<Socket>();
  /** Those of them that hold a lease. */
  const granted = new Map<Socket, Request>();
  let unused: NodeJS.Timeout | undefined;
  let everHeld = false;

  const waitForHolders = () => {
    clearTimeout(unused);
    // Not before those are seen who have connected while this process, or all of the machine, had no turn.
    unused = setTimeout(() => setImmediate(lookForHolders), everHeld ? graceMs : firstLeaseMs);
  };

  function ended(request: Request): void {
    const { instance } = request;
    const isHeld = [...granted.values()].some(
      (other) => instance !== undefined && other.instance === instance,
    );
    if (!isHeld) onEnded(request);
  }

  function lookForHolders(): void {
    if (holders.size + asking.size > 0) return;
    if (everHeld ? used() : awaited()) waitForHolders();
    else onUnused();
  }

  const limits = tcpLimits(MAX_LEASES);
  // A lease is silent for as long as it is held, which may be for ever.
  const held = { ...limits, silentMs: Number.POSITIVE_INFINITY, totalMs: Number.POSITIVE_INFINITY };
  const listener = tcpListener(held, (socket) => {
    const timer = setTimeout(
      () => setImmediate(() => asking.has(socket) && socket.destroy()),
      limits.firstMs,
    );
    asking.add(socket);
    let refused = false;
    socket.on("close", () => {
      clearTimeout(timer);
      asking.delete(socket);
      holders.delete(socket);
      const request = granted.get(socket);
      granted.delete(socket);
      if (request !== undefined) ended(request);
      if (holders.size > 0) return;
      if (refused && !everHeld) onUnused();
      else waitForHolders();
    });
    firstLine(socket, async (text) => {
      clearTimeout(timer);
      asking.delete(socket);
      const request = parse(text);
      if (request === undefined || !same(request.secret, secret)) {
        socket.destroy();
        return;
      }
      holders.add(socket);
      const reply = await answer(request, () => holders.size > 1 || !everHeld);
      refused = "failure" in reply;
      if (refused) {
        socket.end(line(reply));
        return;
      }
      everHeld = true;
      socket.write(line(reply));
      // It may have ended while it waited.
      if (socket.destroyed) ended(request);
      else granted.set(socket, request);
    });
  });
  const port = await listener.open({ host: "127.0.0.1", port: 0 });
  waitForHolders();
  return {
    port,
    announce(announcement) {
      const text = line(announcement);
      for (const socket of granted.keys()) if (socket.writableLength < UNREAD_BYTES) socket.write(text);
    },
    close() {
      clearTimeout(unused);
      void listener.close();
    },
  };
}

function parse(text: string): Request | undefined {
  try {
    const request: Request = JSON.parse(text);
    return typeof request.secret === "string" ? request : undefined;
  } catch {
    return undefined;
  }
}

const same = (given: string, secret: string) =>
  given.length === secret.length && timingSafeEqual(Buffer.from(given), Buffer.from(secret));
