// The processes of the local runtime as the collector knows them: by their reports, by their leases on the helper process, and
// by what was done to them from here.

import { isAlive } from "../shared/is-alive.ts";
import type { InstanceState } from "./map-contract.ts";
import { isStopped } from "./process-state.ts";
import { REPORT_EVERY_MS, type Report } from "./report.ts";

/** A runtime that has been silent so long is stopped or busy: the operating system knows. */
const SILENT_MS = 3 * REPORT_EVERY_MS;
/** How long one that has ended is shown: after a kill, and after it was stopped in an orderly way. */
const SHOWN_KILLED_MS = 10 * 60_000;
const SHOWN_ENDED_MS = 10_000;
/** Within which a report that was under way arrives after its runtime's end. A later one shows that only the lease was lost. */
const LAST_REPORT_MS = 2_000;
const MOST_RUNTIMES = 100;

export interface KnownRuntime {
  readonly report: Report;
  readonly state: InstanceState;
  readonly slowed: boolean;
}

interface Entry {
  report: Report;
  reportedAt: number;
  endedAt: number | undefined;
  paused: boolean;
  slowed: boolean;
  /** It was started from here in the place of another, and has not reported yet. */
  startsAgain: boolean;
}

export interface RuntimesPorts {
  /** Milliseconds. */
  readonly monotonic: () => number;
  readonly isStopped: (pid: number) => boolean;
  readonly isAlive: (pid: number) => boolean;
}

export class Runtimes {
  readonly #entries = new Map<string, Entry>();
  /** Those that have a lease, and have not reported yet. */
  readonly #awaited = new Set<string>();
  readonly #ports: RuntimesPorts;

  constructor(ports: Partial<RuntimesPorts> = {}) {
    this.#ports = { monotonic: () => performance.now(), isStopped, isAlive, ...ports };
  }

  /** Whether a runtime starts of which nothing else is known yet. */
  get isStarting(): boolean {
    return this.#awaited.size > 0;
  }

  /** It has a lease on the helper, perhaps again, and is going to report. Returns whether that is new. */
  lives(instance: string): boolean {
    const entry = this.#entries.get(instance);
    if (entry !== undefined && entry.endedAt === undefined) return false;
    this.#awaited.add(instance);
    return true;
  }

  /** Returns whether something has changed that is not a number. */
  reported(report: Report): boolean {
    const before = this.#entries.get(report.instance);
    this.#awaited.delete(report.instance);
    if (before?.endedAt !== undefined && this.#ports.monotonic() - before.endedAt < LAST_REPORT_MS)
      return false;
    const state = before && this.#stateOf(before);
    const slowed = before?.slowed ?? false;
    const entry: Entry = {
      report,
      reportedAt: this.#ports.monotonic(),
      endedAt: undefined,
      paused: false,
      slowed,
      startsAgain: false,
    };
    for (const [instance, { startsAgain, report: of }] of this.#entries)
      if (startsAgain && of.pid === report.pid) this.#entries.delete(instance);
    this.#entries.set(report.instance, entry);
    if (this.#entries.size > MOST_RUNTIMES) this.#forgetOldest();
    return state !== this.#stateOf(entry) || before?.report.services.length !== report.services.length;
  }

  /** Its lease on the helper has ended, and it has with it. */
  ended(instance: string): void {
    this.#awaited.delete(instance);
    const entry = this.#entries.get(instance);
    if (entry === undefined || entry.endedAt !== undefined) return;
    entry.endedAt = this.#ports.monotonic();
  }

  paused(instance: string, paused: boolean): void {
    const entry = this.#entries.get(instance);
    if (entry === undefined) return;
    entry.paused = paused;
    if (!paused) entry.reportedAt = this.#ports.monotonic();
  }

  /** Returns whether that is new. */
  slowed(instance: string, slowed: boolean): boolean {
    const entry = this.#entries.get(instance);
    if (entry === undefined || entry.slowed === slowed) return false;
    entry.slowed = slowed;
    return true;
  }

  find(instance: string): KnownRuntime | undefined {
    const entry = this.#entries.get(instance);
    return entry && this.#known(entry);
  }

  all(): readonly KnownRuntime[] {
    const now = this.#ports.monotonic();
    for (const [id, { endedAt, report }] of this.#entries) {
      const shownMs = report.state === "draining" ? SHOWN_ENDED_MS : SHOWN_KILLED_MS;
      if (endedAt !== undefined && now - endedAt > shownMs) this.#entries.delete(id);
    }
    return [...this.#entries.values()].map((entry) => this.#known(entry));
  }

  /** Process `pid` was started in the place of one that has ended: until it reports, that is the one that starts. */
  replaced(instance: string, pid: number): void {
    const entry = this.#entries.get(instance);
    if (entry?.endedAt === undefined) return;
    entry.report = { ...entry.report, pid, state: "starting" };
    entry.startsAgain = true;
    entry.slowed = false;
  }

  #known(entry: Entry): KnownRuntime {
    return { report: entry.report, state: this.#stateOf(entry), slowed: entry.slowed };
  }

  #stateOf({ report, reportedAt, endedAt, paused, slowed, startsAgain }: Entry): InstanceState {
    if (startsAgain && this.#ports.isAlive(report.pid)) return "starting";
    if (endedAt !== undefined) return "down";
    if (paused) return "paused";
    if (this.#ports.monotonic() - reportedAt <= SILENT_MS) return report.state;
    // One that is slowed down is stopped again and again.
    return !slowed && this.#ports.isStopped(report.pid) ? "paused" : "slow";
  }

  #forgetOldest(): void {
    const oldest = [...this.#entries].sort(([, a], [, b]) => a.reportedAt - b.reportedAt)[0];
    if (oldest !== undefined) this.#entries.delete(oldest[0]);
  }
}
