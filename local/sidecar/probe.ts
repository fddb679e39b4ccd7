// Probes the health of a service by HTTP, like a caller.

import type { Socket } from "node:net";
import { callAt } from "../../lib/core/call-at.ts";
import { Agent, request } from "../../lib/core/node-http.ts";
import { timeLimit } from "../../lib/core/time-limit.ts";
import { type Finding, judgeHealth } from "../../lib/discovery/peer/health-reply.ts";
import { PROBE_MS } from "./health-machine.ts";
import type { Watched } from "./messages.ts";
import { type Alarm, endOfPause, type Turn } from "./pause.ts";

const TIMEOUT_MS = 1_000;
/** Milliseconds after which a reply is late: the process may hang, so the other services are probed as well. */
const LATE_MS = 100;
const MAX_REPLY_BYTES = 64 * 1024;

/** Probes one service over a connection that is kept. */
export interface Prober {
  /** One probe of `/health/`; never throws. Raises the alarm when it is late, or does not find the service healthy. */
  find(timeoutMs?: number): Promise<Finding>;
  /**
   * Waits `ms` milliseconds, or until the service's turn before that, until the next probe. Ends at once when the service closes
   * the kept connection, for then it may have closed its port; not twice in a row, since it may close every connection. Ends at an
   * alarm when it is longer than a second, and when `signal` aborts.
   */
  pause(ms: number, signal: AbortSignal): Promise<void>;
}

/** A prober of one of the services that share `alarm`. */
export function createProber(watched: Watched, alarm: Alarm, turn: Turn): Prober {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const known = new WeakSet<Socket>();
  let onClosed: (() => void) | undefined;
  let hurried = false;

  function keep(socket: Socket): void {
    if (known.has(socket)) return;
    known.add(socket);
    socket.once("close", () => onClosed?.());
  }

  return {
    async find(timeoutMs = TIMEOUT_MS) {
      const { signal, clear } = timeLimit(timeoutMs);
      const late = setTimeout(alarm.raise, LATE_MS).unref();
      const ask = () => once(watched, { agent, signal, onSocket: keep });
      // The service had closed the kept connection, which says nothing about its port: a new connection tells.
      const found = await ask();
      const judged = found === "stale" ? plain(await ask()) : found;
      clear();
      clearTimeout(late);
      if (judged !== "healthy") alarm.raise();
      return judged;
    },
    async pause(ms, signal) {
      const { promise: over, resolve: end } = Promise.withResolvers<void>();
      const takeBack = callAt(endOfPause(performance.now(), ms, turn), end);
      const closed = () => {
        hurried = true;
        end();
      };
      onClosed = hurried ? undefined : closed;
      hurried = false;
      const deaf = ms > PROBE_MS ? alarm.heard(end) : undefined;
      const abort = () => end();
      signal.addEventListener("abort", abort);
      if (signal.aborted) end();
      await over;
      takeBack();
      signal.removeEventListener("abort", abort);
      onClosed = undefined;
      deaf?.();
    },
  };
}

interface Asking {
  readonly agent: InstanceType<typeof Agent>;
  readonly signal: AbortSignal;
  readonly onSocket: (socket: Socket) => void;
}

function once(watched: Watched, { agent, signal, onSocket }: Asking): Promise<Finding | "stale"> {
  return new Promise((resolve) => {
    const call = request(
      {
        host: watched.probeHost,
        port: watched.port,
        path: "/health/",
        agent,
        signal,
        headers: {
          accept: "application/json",
          "cfmp-target-service": watched.service,
          "cfmp-target-instance": watched.instance,
        },
      },
      (reply) => {
        let text = "";
        reply.setEncoding("utf8");
        reply.on("data", (chunk: string) => {
          text += chunk;
          if (text.length > MAX_REPLY_BYTES) call.destroy();
        });
        reply.on("end", () => resolve(judgeHealth(watched, { status: reply.statusCode ?? 0, body: text })));
        reply.on("error", (error) => resolve(findingOf(error)));
      },
    );
    call.on("socket", onSocket);
    // Also after a reply that nobody asked for, such as 101, after which nothing else happens.
    call.on("close", () => resolve("unclear"));
    call.on("error", (error: NodeJS.ErrnoException) => {
      const stale = call.reusedSocket && (error.code === "ECONNRESET" || error.code === "EPIPE");
      resolve(stale ? "stale" : findingOf(error));
    });
    call.end();
  });
}

const plain = (found: Finding | "stale"): Finding => (found === "stale" ? "unclear" : found);

/** What it means that there was no whole reply. */
function findingOf(error: NodeJS.ErrnoException): Finding {
  if (error.code === "ECONNREFUSED") return "refused";
  return error.name === "TimeoutError" || error.name === "AbortError" ? "silent" : "unclear";
}
