// Renews registrations by a heartbeat every second, and sooner after a failed one.

import { callAt, nextSecond } from "../../core/call-at.ts";
import type { Registration } from "./registry.ts";

export interface RenewalPorts {
  /** Sends one heartbeat; rejects when the registry did not accept it. */
  readonly beat: (registration: Registration) => Promise<void>;
  /** Monotonic milliseconds. */
  readonly clock: () => number;
}

interface Entry {
  readonly registration: Registration;
  dueAt: number;
  /** The heartbeat in flight. One at a time; it must end before the entry does, since it could register the instance again. */
  beating: Promise<void> | undefined;
}

/** Milliseconds: between heartbeats, which come at full seconds; until an instance without any is unhealthy, and until it is removed. Nacos reads them in the metadata. */
export const HEARTBEAT = { interval: 1_000, timeout: 3_000, deleteAfter: 6_000 };

/** Heartbeats that are due within this many milliseconds are sent together: one wake-up for all services of a process. */
const TOGETHER_MS = 250;
/** By how much a timer may be early, in milliseconds. */
const EARLY_MS = 20;
/** Milliseconds between heartbeats while they fail. Cheap: during the transport's back-off nothing is sent. */
const AGAIN_MS = 200;

export class Renewal {
  readonly #ports: RenewalPorts;
  readonly #entries = new Map<string, Entry>();
  #armed: { readonly at: number; readonly takeBack: () => void } | undefined;

  constructor(ports: RenewalPorts) {
    this.#ports = ports;
  }

  /** Sends heartbeats from now on, the first at once, until {@link remove}. */
  add(registration: Registration): void {
    const before = this.#entries.get(registrationKey(registration));
    const dueAt = this.#ports.clock();
    this.#entries.set(registrationKey(registration), { registration, dueAt, beating: before?.beating });
    this.tick();
  }

  get(registration: Registration): Registration | undefined {
    return this.#entries.get(registrationKey(registration))?.registration;
  }

  all(): Registration[] {
    return [...this.#entries.values()].map(({ registration }) => registration);
  }

  /** Ends the renewal; resolves when no heartbeat is in flight any more. */
  async remove(registration: Registration): Promise<void> {
    const entry = this.#entries.get(registrationKey(registration));
    this.#entries.delete(registrationKey(registration));
    this.#arm();
    await entry?.beating;
  }

  /** Sends the heartbeats that are due, and with them those that soon will be. */
  tick(): void {
    const now = this.#ports.clock();
    if (this.#nextAt() <= now + EARLY_MS) {
      for (const entry of this.#entries.values()) {
        if (entry.beating === undefined && entry.dueAt <= now + TOGETHER_MS)
          entry.beating = this.#beat(entry, now);
      }
    }
    this.#arm();
  }

  /** When the next heartbeat is due; never while all are in flight. */
  #nextAt(): number {
    const waiting = [...this.#entries.values()].filter(({ beating }) => beating === undefined);
    return Math.min(...waiting.map(({ dueAt }) => dueAt));
  }

  #arm(): void {
    const at = this.#nextAt();
    if (this.#armed?.at === at) return;
    this.#armed?.takeBack();
    this.#armed = undefined;
    if (at === Number.POSITIVE_INFINITY) return;
    const wake = () => {
      this.#armed = undefined;
      this.tick();
    };
    this.#armed = { at, takeBack: callAt(performance.now() + at - this.#ports.clock(), wake) };
  }

  async #beat(entry: Entry, startedAt: number): Promise<void> {
    try {
      await this.#ports.beat(entry.registration);
      entry.dueAt = nextSecond(startedAt);
    } catch {
      entry.dueAt = this.#ports.clock() + AGAIN_MS;
    } finally {
      entry.beating = undefined;
      this.#arm();
    }
  }
}

const registrationKey = ({ service, host, port }: Registration): string => `${service} ${host} ${port}`;
