// Probes the health of a service by HTTP, like a caller.

import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Agent, request } from "../../lib/core/node-http.ts";
import { timeLimit } from "../../lib/core/time-limit.ts";
import { type Finding, judgeHealth } from "../../lib/discovery/peer/health-reply.ts";
import type { Watched } from "./messages.ts";

const TIMEOUT_MS = 1_000;
const MAX_REPLY_BYTES = 64 * 1024;
/** A pause of more than a moment ends at a multiple of this, in milliseconds, so that probes of several services share a wake-up. */
const TOGETHER_MS = 250;

/** Probes one service over a connection that is kept. */
export interface Prober {
  /** One probe of `/health/`; never throws. */
  find(timeoutMs?: number): Promise<Finding>;
  /**
   * Waits `ms` milliseconds, up to 250 ms less, until the next probe. Ends at once when the service closes the kept connection,
   * for then it may have closed its port; not twice in a row, since it may close every connection. Ends when `signal` aborts.
   */
  pause(ms: number, signal: AbortSignal): Promise<void>;
}

export function createProber(watched: Watched): Prober {
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
      const ask = () => once(watched, { agent, signal, onSocket: keep });
      // The service had closed the kept connection, which says nothing about its port: a new connection tells.
      const found = await ask();
      const judged = found === "stale" ? plain(await ask()) : found;
      clear();
      return judged;
    },
    async pause(ms, signal) {
      const now = performance.now();
      const end = ms < 2 * TOGETHER_MS ? now + ms : Math.floor((now + ms) / TOGETHER_MS) * TOGETHER_MS;
      const over = new AbortController();
      const closed = () => {
        hurried = true;
        over.abort();
      };
      onClosed = hurried ? undefined : closed;
      hurried = false;
      await sleep(end - now, undefined, { signal: AbortSignal.any([signal, over.signal]) }).catch(() => {});
      onClosed = undefined;
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
