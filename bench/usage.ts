// CPU time of a process by its threads, as the scheduler counts it: to the nanosecond. Linux only: it reads /proc.

import { readdirSync, readFileSync } from "node:fs";
import { cpuTime } from "../tests/support/processes.ts";
import type { Processes } from "./processes.ts";

/** `workers`: JavaScript beside the main thread. `V8`: compiler and garbage collector. `libuv`: files, names, cryptography. */
export const KINDS = ["main", "workers", "V8", "libuv", "others"] as const;
export type Kind = (typeof KINDS)[number];
export type ByKind = Readonly<Record<Kind, number>>;

/** A value of each kind. */
export const mapKinds = <T>(value: (kind: Kind) => T): Readonly<Record<Kind, T>> => ({
  main: value("main"),
  workers: value("workers"),
  V8: value("V8"),
  libuv: value("libuv"),
  others: value("others"),
});

/** What a process has used so far, in milliseconds. */
export interface Usage {
  /** All threads there ever were, in ticks of the kernel's clock. */
  readonly ticksMs: number;
  /** The threads that it has now, by their ids. */
  readonly threads: Readonly<Record<string, { readonly kind: Kind; readonly ms: number }>>;
}

/** What a process has used between two looks, in milliseconds. */
export interface Used {
  readonly ms: number;
  readonly byKind: ByKind;
}

/** Two ticks, as user and system time are rounded down apart, and what threads that run at a look have not been given yet. */
const ROUNDING_MS = 40;
/** Names of threads, from their begin, as Node.js and V8 give them. */
const NAMES: readonly (readonly [string, Kind])[] = [
  ["WorkerThread", "workers"],
  ["V8Worker", "V8"],
  ["DelayedTaskSche", "V8"],
  ["libuv-worker", "libuv"],
];

/** The kind of a thread. The main one is known by its id: a thread without a name has that of the one that began it. */
export const kindOf = (pid: number, thread: string, name: string): Kind =>
  thread === String(pid) ? "main" : (NAMES.find(([begin]) => name.startsWith(begin))?.[1] ?? "others");

/** What a process has used so far; nothing when it is gone. */
export function usageOf(pid: number): Usage {
  const ticksMs = cpuTime(pid);
  const threads = threadsOf(pid).flatMap((thread) => {
    const [name, ran] = [read(pid, thread, "comm"), read(pid, thread, "schedstat")];
    if (name === undefined || ran === undefined) return [];
    return [[thread, { kind: kindOf(pid, thread, name), ms: Number(ran.split(" ", 1)[0]) / 1e6 }] as const];
  });
  return { ticksMs, threads: Object.fromEntries(threads) };
}

/** By role. */
export type Usages = Readonly<Record<string, Usage>>;

export const usagesOf = (processes: Processes): Usages =>
  Object.fromEntries(Object.entries(processes).map(([role, pid]) => [role, usageOf(pid)]));

/**
 * What was used between two looks. Where ticks say clearly more than the threads that were there at both, a thread has ended meanwhile
 * (or the system does not count by threads): then ticks count, and what they say more is of `others`.
 */
export function usedBetween(before: Usage, after: Usage): Used {
  const byKind = { main: 0, workers: 0, V8: 0, libuv: 0, others: 0 };
  for (const [thread, { kind, ms }] of Object.entries(after.threads))
    byKind[kind] += ms - (before.threads[thread]?.ms ?? 0);
  const counted = KINDS.reduce((all, kind) => all + byKind[kind], 0);
  const ticks = after.ticksMs - before.ticksMs;
  if (ticks <= counted + ROUNDING_MS) return { ms: counted, byKind };
  return { ms: ticks, byKind: { ...byKind, others: byKind.others + ticks - counted } };
}

/** The same by role. */
export const usedByRole = (before: Usages, after: Usages): Readonly<Record<string, Used>> =>
  Object.fromEntries(
    Object.entries(after).map(([role, usage]) => [role, usedBetween(before[role] ?? NOTHING, usage)]),
  );

const NOTHING: Usage = { ticksMs: 0, threads: {} };

function threadsOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

/** Undefined when the thread is gone. */
function read(pid: number, thread: string, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/task/${thread}/${file}`, "utf8").trim();
  } catch {
    return undefined;
  }
}
