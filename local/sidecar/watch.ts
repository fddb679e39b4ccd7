// Keeps one service's entry in the registry correct: probes the service, and registers or deregisters it.

import { messageOf } from "../../lib/core/failure-text.ts";
import type { Finding } from "../../lib/discovery/peer/health-reply.ts";
import type { Registration, Registry } from "../../lib/discovery/registry/registry.ts";
import { type Action, judge, probeEvery, settled, UNKNOWN } from "./health-machine.ts";
import type { FromSidecar, Watched } from "./messages.ts";

/** The ports of a watch, so that tests need no sockets and no time. */
export interface WatchPorts {
  readonly registry: Pick<Registry, "register" | "deregister">;
  readonly probe: (watched: Watched) => Promise<Finding>;
  readonly send: (message: FromSidecar) => void;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Number of services of the same process; they are probed by turns. */
  readonly sharing: number;
  /** Monotonic milliseconds. */
  readonly clock: () => number;
}

/** Milliseconds between probes while the registry does not answer. */
const RETRY_MS = 1_000;

export interface Watch {
  /** Deregisters the service and ends the watch. Throws when the registry does not answer. */
  stop(): Promise<void>;
}

/** Starts to watch. A registry that does not answer is called again after each probe, and reported once. */
export function watch(watched: Watched, ports: WatchPorts): Watch {
  const registration = registrationOf(watched);
  const ended = new AbortController();
  let health = UNKNOWN;
  let failing = false;
  let acting: Promise<void> = Promise.resolve();

  async function act(action: Exclude<Action, "none">, finding: Finding): Promise<void> {
    try {
      await ports.registry[action](registration);
    } catch (error) {
      health = settled(health, action, false);
      if (!failing) ports.send(complaint(action, watched.service, error));
      failing = true;
      return;
    }
    failing = false;
    health = settled(health, action, true);
    if (action === "register") ports.send({ type: "registered", service: watched.service });
    else ports.send({ type: "deregistered", service: watched.service, reason: finding });
  }

  async function run(): Promise<void> {
    while (!ended.signal.aborted) {
      const begun = ports.clock();
      const finding = await ports.probe(watched);
      if (ended.signal.aborted) return;
      const verdict = judge(health, finding);
      health = verdict.health;
      if (verdict.action !== "none") {
        acting = act(verdict.action, finding);
        await acting;
      }
      // Measured from the start of the probe, so that a slow one does not delay the next.
      const pause = (failing ? RETRY_MS : probeEvery(health, ports.sharing)) - (ports.clock() - begun);
      await ports.sleep(Math.max(0, pause), ended.signal);
    }
  }

  void run();
  return {
    async stop() {
      ended.abort();
      await acting;
      if (health.entry === "out") return;
      health = settled(health, "deregister", true);
      await ports.registry.deregister(registration);
    },
  };
}

const complaint = (
  action: Exclude<Action, "none">,
  service: string,
  error: unknown,
): Extract<FromSidecar, { type: "failed" }> => ({
  type: "failed",
  service,
  action,
  error: messageOf(error),
});

const registrationOf = ({ service, host, port, metadata, instance }: Watched): Registration => ({
  service,
  host,
  port,
  weight: 1,
  metadata: { ...metadata, instance },
});
