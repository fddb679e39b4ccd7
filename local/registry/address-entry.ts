// One address of a service: what clients have registered there, and what an operator has set for it. As in Nacos, a client that
// sends heartbeats and one that holds a connection do not replace each other: what one registered stays when the other ends.

import {
  type Announcement,
  type Heartbeat,
  heartbeat,
  type Override,
  type Registration,
  type StoredInstance,
} from "./instance.ts";

interface MutableRegistration extends Registration {
  lastBeat: number;
  healthy: boolean;
  /** Undefined for what does not expire: a persistent instance, or one that lasts as long as a connection. */
  limits: Heartbeat | undefined;
}

export class AddressEntry {
  /** The one that registered last comes last. */
  #registrations: readonly MutableRegistration[] = [];
  #override: Override | undefined;
  /** Clock milliseconds at which the last registration ended; undefined while there is one. */
  #goneAt: number | undefined;

  /** @param now clock milliseconds. */
  constructor(now: number) {
    this.#goneAt = now;
  }

  get registrations(): readonly Registration[] {
    return this.#registrations;
  }

  get override(): Override | undefined {
    return this.#override;
  }

  set override(override: Override | undefined) {
    this.#override = override;
    for (const registration of this.#registrations) registration.limits = this.#limitsOf(registration);
  }

  has(owner: string | undefined): boolean {
    return this.#of(owner) !== undefined;
  }

  /** Adds the owner's registration, or replaces it. */
  register(announced: Announcement, owner: string | undefined, now: number): void {
    const registration = { announced, owner, lastBeat: now, healthy: announced.healthy };
    this.remove(owner, now);
    const added = { ...registration, limits: this.#limitsOf(registration) };
    this.#registrations = [...this.#registrations, added];
    this.#goneAt = undefined;
  }

  /** Removes the owner's registration, if it has one. */
  remove(owner: string | undefined, now: number): void {
    this.#keep((registration) => registration.owner !== owner, now);
  }

  /** Renews what needs heartbeats, and marks it healthy. Whether that heals it; undefined when there is none. */
  beat(now: number): boolean | undefined {
    const registration = this.#of(undefined);
    if (registration === undefined) return undefined;
    const heals = !registration.healthy;
    registration.lastBeat = now;
    registration.healthy = true;
    return heals;
  }

  /** Marks what had no heartbeats unhealthy, later removes it; whether there was any. */
  expire(now: number): boolean {
    let expires = false;
    let isOver = false;
    for (const registration of this.#registrations) {
      const { limits, lastBeat, healthy } = registration;
      if (limits === undefined) continue;
      if (now - lastBeat > limits.deleteAfter) isOver = true;
      else if (healthy && now - lastBeat > limits.timeout) {
        registration.healthy = false;
        expires = true;
      }
    }
    if (isOver) this.#keep(({ limits, lastBeat }) => !limits || now - lastBeat <= limits.deleteAfter, now);
    return expires || isOver;
  }

  /** Clock milliseconds of the last moment at which it has not changed for want of heartbeats; infinite when it never does. */
  expiresAfter(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const { limits, lastBeat, healthy } of this.#registrations) {
      if (limits === undefined) continue;
      const { timeout, deleteAfter } = limits;
      next = Math.min(next, lastBeat + (healthy ? Math.min(timeout, deleteAfter) : deleteAfter));
    }
    return next;
  }

  /** Extends the time of what needs heartbeats by `ms`. */
  forgive(ms: number, now: number): void {
    for (const registration of this.#registrations)
      registration.lastBeat = Math.min(registration.lastBeat + ms, now);
  }

  /** Whether nothing was registered for longer than `ms`. */
  isGone(ms: number, now: number): boolean {
    return this.#goneAt !== undefined && now - this.#goneAt > ms;
  }

  /** What is listed: the latest registration that is healthy, or else the latest; undefined when there is none. */
  listed(): StoredInstance | undefined {
    const shown = this.#registrations.findLast(({ healthy }) => healthy) ?? this.#registrations.at(-1);
    if (shown === undefined) return undefined;
    const { announced, healthy } = shown;
    const metadata = this.#metadataOf(announced);
    return { ...announced, ...this.#override, metadata, healthy, registrations: this.#registrations };
  }

  #of(owner: string | undefined): MutableRegistration | undefined {
    return this.#registrations.find((registration) => registration.owner === owner);
  }

  #keep(isKept: (registration: MutableRegistration) => boolean, now: number): void {
    if (this.#registrations.length === 0) return;
    this.#registrations = this.#registrations.filter(isKept);
    if (this.#registrations.length === 0) this.#goneAt = now;
  }

  #limitsOf({ announced, owner }: Pick<Registration, "announced" | "owner">): Heartbeat | undefined {
    return announced.ephemeral && owner === undefined ? heartbeat(this.#metadataOf(announced)) : undefined;
  }

  #metadataOf({ metadata }: Announcement): Readonly<Record<string, string>> {
    return this.#override?.metadata ? { ...metadata, ...this.#override.metadata } : metadata;
  }
}
