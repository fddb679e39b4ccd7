// When what runtimes and the embedded database send is read: at once while somebody looks, else when somebody does, or when the runtimes have
// little to do. Always in the order in which it came.

import { setImmediate as soon } from "node:timers/promises";
import { waitAtMost } from "../../lib/core/wait-at-most.ts";
import { Backlog, type Unread } from "./backlog.ts";
import type { History } from "./history.ts";
import type { Report } from "./report.ts";

export interface IntakePorts {
  readonly history: History;
  /** Makes rows of it. */
  read(unread: Unread): void;
  /** Whether a page is open, or was a moment ago. */
  isWanted(): boolean;
  /** Cores that all runtimes together use. */
  cpu(): number;
  /** `work`, which writes to the history; a failure is counted. */
  keep(work: () => void): void;
}

/** How long after somebody has asked for something it is taken that more will be asked. */
const LOOKED_MS = 10_000;
/** How long a question waits until all is read: less than those who ask wait for an answer. */
const READ_WITHIN_MS = 1_000;
/** Where nobody looks, and runtimes use less than {@link REST_CPU} cores, so much of each second is used to read on. */
const READ_AT_REST_MS = 50;
const REST_CPU = 0.25;
const MOST_SENDERS = 100;

export class Intake {
  readonly #ports: IntakePorts;
  readonly #backlog: Backlog;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | undefined;
  /** Of each runtime the number of the batch that was taken last. */
  readonly #batches = new Map<string, number>();

  constructor(ports: IntakePorts) {
    this.#ports = ports;
    this.#backlog = new Backlog(ports.history);
  }

  /** Whether something is there that is not read yet. */
  get isBehind(): boolean {
    return !this.#backlog.isEmpty;
  }

  /** Number of deliveries that are not read yet. */
  unread(): number {
    return this.#backlog.size();
  }

  /** Whether what arrives now is read now. Otherwise it waits behind what has come before, or until somebody looks. */
  readsAtOnce(): boolean {
    return this.#isLookedAt() && !this.isBehind;
  }

  take(unread: Unread): void {
    if (this.readsAtOnce()) this.#ports.read(unread);
    else {
      this.#ports.keep(() => this.#backlog.add(unread));
      if (this.#isLookedAt()) void this.look();
    }
  }

  /** Whether the batch of a report was not taken before: it is sent again where the reply was lost. */
  isNew({ instance, batch }: Report): boolean {
    if (batch === undefined) return true;
    if (batch === this.#batches.get(instance)) return false;
    this.#batches.delete(instance);
    this.#batches.set(instance, batch);
    for (const [oldest] of this.#batches) if (this.#batches.size > MOST_SENDERS) this.#batches.delete(oldest);
    return true;
  }

  /** Somebody looks: resolves when all that has arrived is read, or a while later; from now on what arrives is read at once. */
  async look(): Promise<void> {
    this.#lookedAt = performance.now();
    if (!this.isBehind) return;
    this.#reading ??= this.#readAll().finally(() => {
      this.#reading = undefined;
    });
    await waitAtMost(READ_WITHIN_MS, this.#reading);
  }

  /** Called once a second while no page is open: reads on where that is in nobody's way, so that little is left for whoever looks next. */
  readAtRest(): void {
    if (!this.isBehind || this.#reading !== undefined || this.#ports.cpu() > REST_CPU) return;
    const until = performance.now() + READ_AT_REST_MS;
    while (performance.now() < until && this.#readNext());
  }

  #isLookedAt(): boolean {
    return this.#ports.isWanted() || performance.now() - this.#lookedAt < LOOKED_MS;
  }

  async #readAll(): Promise<void> {
    while (this.#readNext()) await soon();
  }

  #readNext(): boolean {
    let read = false;
    this.#ports.keep(() => {
      const unread = this.#backlog.take();
      if (unread === undefined) return;
      read = true;
      this.#ports.read(unread);
    });
    return read;
  }
}
