// What callers see when instances, sidecars and the registry are killed or hang.

import { setTimeout as sleep } from "node:timers/promises";
import { until } from "../../../tests/support/poll.ts";
import { wallClock } from "../clock.ts";
import type { Seen } from "../messages.ts";
import type { Instance, Side } from "../side.ts";
import type { Watcher } from "../watcher.ts";

/** Milliseconds count from the fault. */
export interface Outcome {
  readonly calls: number;
  readonly failedCalls: number;
  readonly failedAttempts: number;
  /** When the last attempt failed that began after the fault; undefined when none did. */
  readonly lastFailedMs: number | undefined;
  /** When the registry no longer called it healthy; undefined when it always did. */
  readonly evictedMs: number | undefined;
  /** From its resumption to its next reply. */
  readonly backMs?: number;
  readonly slowestMs: number;
  /** The first of the failed attempts that began after the fault. */
  readonly failures: readonly Failure[];
}

interface Failure {
  readonly afterMs: number;
  readonly why: string;
  /** At the instance that was hurt, or at another one. */
  readonly atVictim: boolean;
}

const FAILURES_SHOWN = 10;

/** Nacos removes what is silent after 30 s; then everybody knows. */
const EVICTED_WITHIN_MS = 40_000;
/** For calls under way, and to see that nothing more fails. */
const SETTLE_MS = 2_500;
/** The registry forgets an instance of ours after 6 s of silence. */
const FORGOTTEN_MS = 7_000;

/** An instance is killed; `withSidecar`: and its sidecar at the same moment, so that nobody is left to withdraw it. */
export async function killed(side: Side, watcher: Watcher, withSidecar = false): Promise<Outcome> {
  const victim = await takeSettled(side);
  const sidecar = withSidecar ? await sidecarOf(victim) : undefined;
  const at = wallClock();
  if (sidecar !== undefined) process.kill(sidecar, "SIGKILL");
  victim.process.signal("SIGKILL");
  const outcome = await evicted(side, watcher, victim, at);
  await side.fill(3);
  await side.allServe();
  return outcome;
}

/** An instance is paused until all know, and goes on then. */
export async function paused(side: Side, watcher: Watcher): Promise<Outcome> {
  const victim = await takeSettled(side);
  const at = wallClock();
  victim.process.signal("SIGSTOP");
  const outcome = await evicted(side, watcher, victim, at);
  const continuedAt = wallClock();
  victim.process.signal("SIGCONT");
  side.instances.push(victim);
  const first = await until(
    "the resumed instance serves again",
    async () => (await side.report()).served[victim.port]?.first,
    30_000,
  );
  return { ...outcome, backMs: first - continuedAt };
}

/** A sidecar is killed; its instance goes on. */
export async function sidecarKilled(side: Side, watcher: Watcher): Promise<Outcome> {
  const victim = await takeSettled(side);
  side.instances.push(victim);
  const sidecar = await sidecarOf(victim);
  const at = wallClock();
  process.kill(sidecar, "SIGKILL");
  await sleep(FORGOTTEN_MS);
  const left = watcher.leftAt(side.service, victim.port);
  const missed = left !== undefined && left > at ? left - at : undefined;
  return { ...toOutcome(await side.report(), victim, at), evictedMs: missed };
}

export interface Outage extends Outcome {
  /** From the registry's return until all who live are registered again. */
  readonly registeredAgainMs: number;
}

/**
 * The registry is killed, and an instance a second later, which nobody can report to the callers; `restart` brings the
 * registry back without its memory and resolves with the time at which it listened.
 */
export async function registryAway(
  side: Side,
  watcher: Watcher,
  killedAt: number,
  restarted: Promise<number>,
): Promise<Outage> {
  const victim = await takeSettled(side);
  await until("a second has passed", () => wallClock() - killedAt > 1_000);
  const at = wallClock();
  victim.process.signal("SIGKILL");
  const back = await restarted;
  await until(
    `all of ${side.service} are registered again`,
    () => side.instances.every(({ port }) => watcher.listedSince(side.service, port, back)),
    60_000,
  );
  const registeredAgainMs = wallClock() - back;
  await sleep(SETTLE_MS);
  const seen = await side.report();
  // The list of the dead instance went with the registry's memory.
  const left = watcher.leftAt(side.service, victim.port);
  const evictedMs = left === undefined ? undefined : left - at;
  return { ...toOutcome(seen, victim, at), evictedMs, registeredAgainMs };
}

async function takeSettled(side: Side): Promise<Instance> {
  await side.report();
  return side.take();
}

async function sidecarOf(instance: Instance): Promise<number> {
  instance.process.send({ type: "sidecar" });
  return (await instance.process.receive("sidecar")).pid;
}

async function evicted(side: Side, watcher: Watcher, victim: Instance, at: number): Promise<Outcome> {
  const left = await until(
    `${side.service}:${victim.port} is no longer listed as healthy`,
    () => watcher.leftAt(side.service, victim.port),
    EVICTED_WITHIN_MS,
  );
  await sleep(SETTLE_MS);
  return { ...toOutcome(await side.report(), victim, at), evictedMs: left - at };
}

function toOutcome(seen: Seen, victim: Instance, at: number): Outcome {
  const after = seen.failedAttempts
    .map((attempt) => ({
      afterMs: attempt.at - at,
      why: attempt.why,
      atVictim: attempt.port === victim.port,
    }))
    .filter(({ afterMs }) => afterMs >= 0);
  return {
    calls: seen.calls,
    failedCalls: seen.failedCalls.length,
    failedAttempts: seen.failedAttempts.length,
    lastFailedMs: after.length === 0 ? undefined : Math.max(...after.map(({ afterMs }) => afterMs)),
    evictedMs: undefined,
    slowestMs: seen.slowestMs,
    failures: after.slice(0, FAILURES_SHOWN),
  };
}
