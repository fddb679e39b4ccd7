// The registered services and their instances: state without I/O, with an injected clock.

import { AddressEntry } from "./address-entry.ts";
import {
  type Address,
  type Announcement,
  addressKey,
  type Override,
  type StoredInstance,
} from "./instance.ts";
import { BadParameter, RegistryFull } from "./request-error.ts";

/** A service's full name: the same name in another namespace or group is another service. */
export interface ServiceId {
  readonly namespace: string;
  readonly group: string;
  readonly name: string;
}

export interface Service {
  readonly id: ServiceId;
  readonly instances: ReadonlyMap<string, StoredInstance>;
  /** Clock milliseconds of the last visible change; grows with every one, so it also serves as a revision. */
  readonly changedAt: number;
}

interface MutableService extends Service {
  readonly instances: Map<string, StoredInstance>;
  /** By address: those in `instances`, and those of which only an operator's settings are left. */
  readonly entries: Map<string, AddressEntry>;
  changedAt: number;
}

export interface ServiceTableOptions {
  /** Epoch milliseconds. */
  readonly clock: () => number;
  /** Called after every visible change of a service; a heartbeat that only renews is not one. */
  readonly onChange?: (service: Service) => void;
  /** Whether the process of this instance has ended, so that it is not registered any more. */
  readonly hasEnded?: (announced: Announcement) => boolean;
  /** Most registrations, and most services. */
  readonly maxInstances?: number;
}

const EMPTY_SERVICE_KEPT_MS = 60_000;
/** Milliseconds for which an operator's settings are kept for a removed instance. Nacos' own value. */
const OVERRIDE_KEPT_MS = 60_000;

export class ServiceTable {
  readonly #clock: () => number;
  readonly #onChange: (service: Service) => void;
  readonly #hasEnded: (announced: Announcement) => boolean;
  readonly #maxInstances: number;
  readonly #services = new Map<string, MutableService>();
  #registrationCount = 0;

  constructor(options: ServiceTableOptions) {
    this.#clock = options.clock;
    this.#onChange = options.onChange ?? (() => {});
    this.#hasEnded = options.hasEnded ?? (() => false);
    this.#maxInstances = options.maxInstances ?? 10_000;
  }

  /**
   * Adds the owner's registration of the instance or replaces it; an operator's settings stay in effect.
   * @param owner the connection that keeps it registered; without one it needs heartbeats.
   * @throws like {@link replace}
   */
  register(id: ServiceId, announced: Announcement, owner?: string): void {
    this.replace(id, [], [announced], owner);
  }

  /** Removes what is registered for heartbeats; false when there is nothing. What a connection has registered stays, as in Nacos. */
  deregister(id: ServiceId, address: Address): boolean {
    const isKnown =
      this.#services.get(serviceKey(id))?.entries.get(addressKey(address))?.has(undefined) ?? false;
    if (isKnown) this.replace(id, [address], []);
    return isKnown;
  }

  /**
   * Registers `announcements`, and removes what the owner has registered at those of `addresses` that are not among them.
   * @throws {RegistryFull} when there is no room for all of them. {@link BadParameter} when the process of one has ended. Nothing is
   * changed then.
   */
  replace(
    id: ServiceId,
    addresses: readonly Address[],
    announcements: readonly Announcement[],
    owner?: string,
  ): void {
    if (announcements.some(this.#hasEnded))
      throw new BadParameter("The process of this instance has ended.", "instance_illegal");
    const known = this.#services.get(serviceKey(id));
    const after = new Map(announcements.map((announced) => [addressKey(announced), announced]));
    const isOwn = (key: string) => known?.entries.get(key)?.has(owner) === true;
    const ended = new Set(addresses.map(addressKey).filter((key) => !after.has(key) && isOwn(key)));
    const added = [...after.keys()].filter((key) => !isOwn(key)).length;
    if (added > 0 && this.#registrationCount + added - ended.size > this.#maxInstances)
      throw new RegistryFull();
    if (known === undefined && after.size === 0) return;
    const service = known ?? this.#create(id);
    const now = this.#clock();
    for (const [key, announced] of after) this.#entryOf(service, key).register(announced, owner, now);
    for (const key of ended) service.entries.get(key)?.remove(owner, now);
    this.#registrationCount += added - ended.size;
    this.#relist(service, [...after.keys(), ...ended]);
  }

  /**
   * Renews what is registered for heartbeats, and marks it healthy again if missing heartbeats had made it unhealthy. The instance
   * as it is listed; undefined when nothing is registered for heartbeats.
   */
  beat(id: ServiceId, address: Address): StoredInstance | undefined {
    const service = this.#services.get(serviceKey(id));
    const key = addressKey(address);
    const heals = service?.entries.get(key)?.beat(this.#clock());
    if (service === undefined || heals === undefined) return undefined;
    if (heals) this.#relist(service, [key]);
    return service.instances.get(key);
  }

  /** An operator's settings for the instance, registered or not; undefined when there are none. */
  overrideOf(id: ServiceId, address: Address): Override | undefined {
    return this.#services.get(serviceKey(id))?.entries.get(addressKey(address))?.override;
  }

  /**
   * Replaces an operator's settings. False when the service is unknown; an instance that is not registered gets them if it
   * registers within a minute.
   * @throws {RegistryFull} when there is no room for the settings of another instance.
   */
  override(id: ServiceId, address: Address, override: Override): boolean {
    const service = this.#services.get(serviceKey(id));
    if (service === undefined) return false;
    const key = addressKey(address);
    const waiting = service.entries.size - service.instances.size;
    if (!service.entries.has(key) && waiting >= this.#maxInstances) throw new RegistryFull();
    this.#entryOf(service, key).override = override;
    this.#relist(service, [key]);
    return true;
  }

  find(id: ServiceId): Service | undefined {
    return this.#services.get(serviceKey(id));
  }

  /** The services that have instances, sorted by name: of a group, of all groups of a namespace, or all. */
  services(namespace?: string, group?: string): Service[] {
    return [...this.#services.values()]
      .filter(
        ({ id, instances }) =>
          instances.size > 0 &&
          (namespace === undefined || id.namespace === namespace) &&
          (group === undefined || id.group === group),
      )
      .sort((one, other) => (one.id.name < other.id.name ? -1 : 1));
  }

  /** Marks instances without heartbeats unhealthy, later removes them; drops services that have long been empty. Call it often. */
  sweep(): void {
    const now = this.#clock();
    for (const service of this.#services.values()) this.#sweepService(service, now);
    this.#dropEmpty(EMPTY_SERVICE_KEPT_MS);
  }

  /** Milliseconds until the next instance becomes unhealthy or is removed, if none sends a heartbeat; infinite without instances. */
  expiresIn(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const { entries } of this.#services.values()) {
      for (const entry of entries.values()) next = Math.min(next, entry.expiresAfter());
    }
    // A time limit is exceeded a millisecond after it is reached.
    return Math.max(0, next + 1 - this.#clock());
  }

  /** Extends every instance's time by `ms`: while the registry itself was paused, it received no heartbeats. */
  forgive(ms: number): void {
    const now = this.#clock();
    for (const { entries } of this.#services.values()) {
      for (const entry of entries.values()) entry.forgive(ms, now);
    }
  }

  #sweepService(service: MutableService, now: number): void {
    const expired: string[] = [];
    for (const [key, entry] of service.entries) {
      const before = entry.registrations.length;
      if (entry.expire(now)) expired.push(key);
      this.#registrationCount += entry.registrations.length - before;
      if (entry.isGone(OVERRIDE_KEPT_MS, now)) service.entries.delete(key);
    }
    if (expired.length > 0) this.#relist(service, expired);
  }

  #entryOf(service: MutableService, key: string): AddressEntry {
    const known = service.entries.get(key);
    if (known !== undefined) return known;
    const entry = new AddressEntry(this.#clock());
    service.entries.set(key, entry);
    return entry;
  }

  /** Lists these addresses as their entries now are; subscribers hear of it if that is visible. */
  #relist(service: MutableService, keys: readonly string[]): void {
    let isVisible = false;
    for (const key of keys) {
      const entry = service.entries.get(key);
      const before = service.instances.get(key);
      const after = entry?.listed();
      if (after === undefined) {
        service.instances.delete(key);
        if (entry?.override === undefined) service.entries.delete(key);
      } else service.instances.set(key, after);
      if (!looksTheSame(before, after)) isVisible = true;
    }
    if (!isVisible) return;
    service.changedAt = Math.max(this.#clock(), service.changedAt + 1);
    this.#onChange(service);
  }

  /** @throws {RegistryFull} */
  #create(id: ServiceId): MutableService {
    if (this.#services.size >= this.#maxInstances) this.#dropEmpty(0);
    if (this.#services.size >= this.#maxInstances) throw new RegistryFull();
    const service: MutableService = {
      id,
      instances: new Map(),
      entries: new Map(),
      changedAt: this.#clock(),
    };
    this.#services.set(serviceKey(id), service);
    return service;
  }

  /** Forgets services that have had neither instances nor settings for longer than `ms`. */
  #dropEmpty(ms: number): void {
    const now = this.#clock();
    for (const [key, { entries, changedAt }] of this.#services) {
      if (entries.size === 0 && now - changedAt > ms) this.#services.delete(key);
    }
  }
}

/** One text per service, usable as a map key. */
export const serviceKey = ({ namespace, group, name }: ServiceId): string =>
  `${namespace}\u0000${group}\u0000${name}`;

function looksTheSame(one: StoredInstance | undefined, other: StoredInstance | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return (
    one.cluster === other.cluster &&
    one.weight === other.weight &&
    one.enabled === other.enabled &&
    one.healthy === other.healthy &&
    one.ephemeral === other.ephemeral &&
    JSON.stringify(one.metadata) === JSON.stringify(other.metadata)
  );
}
