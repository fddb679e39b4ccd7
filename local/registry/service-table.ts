// The registered services and their instances: state without I/O, with an injected clock.

import {
  type Address,
  type Announcement,
  addressKey,
  heartbeat,
  listed,
  type Override,
  type StoredInstance,
} from "./instance.ts";
import { RegistryFull } from "./request-error.ts";

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
  /** By address; each with the time at which its instance was removed, if it is not registered. */
  readonly overrides: Map<string, { override: Override; goneAt: number | undefined }>;
  changedAt: number;
}

export interface ServiceTableOptions {
  /** Epoch milliseconds. */
  readonly clock: () => number;
  /** Called after every visible change of a service; a heartbeat that only renews is not one. */
  readonly onChange?: (service: Service) => void;
  readonly maxInstances?: number;
}

const EMPTY_SERVICE_KEPT_MS = 60_000;
/** Milliseconds for which an operator's settings are kept for a removed instance. Nacos' own value. */
const OVERRIDE_KEPT_MS = 60_000;

export class ServiceTable {
  readonly #clock: () => number;
  readonly #onChange: (service: Service) => void;
  readonly #maxInstances: number;
  readonly #services = new Map<string, MutableService>();
  #instanceCount = 0;

  constructor(options: ServiceTableOptions) {
    this.#clock = options.clock;
    this.#onChange = options.onChange ?? (() => {});
    this.#maxInstances = options.maxInstances ?? 10_000;
  }

  /**
   * Adds the instance or replaces its earlier registration, also another owner's; an operator's settings stay in effect.
   * @param owner the connection that keeps it registered, for {@link release}; without one it needs heartbeats.
   * @throws {RegistryFull} when the table has no room for another instance.
   */
  register(id: ServiceId, announced: Announcement, owner?: string): void {
    const service = this.#services.get(serviceKey(id)) ?? this.#create(id);
    const key = addressKey(announced);
    const before = service.instances.get(key);
    if (before === undefined && this.#instanceCount >= this.#maxInstances) throw new RegistryFull();
    const kept = service.overrides.get(key);
    if (kept !== undefined) kept.goneAt = undefined;
    const after = listed(announced, kept?.override ?? {}, { lastBeat: this.#clock(), owner });
    service.instances.set(key, after);
    if (before === undefined) this.#instanceCount += 1;
    if (before === undefined || !looksTheSame(before, after)) this.#changed(service);
  }

  /** Removes the instance; false when it was not registered. */
  deregister(id: ServiceId, address: Address): boolean {
    const service = this.#services.get(serviceKey(id));
    if (service === undefined || !this.#remove(service, addressKey(address))) return false;
    this.#changed(service);
    return true;
  }

  /** Removes the instance if it is still `owner`'s; false when it is not. */
  release(id: ServiceId, address: Address, owner: string): boolean {
    const instance = this.find(id)?.instances.get(addressKey(address));
    return instance?.owner === owner && this.deregister(id, address);
  }

  /** Renews the instance, and marks it healthy again if missing heartbeats had made it unhealthy; undefined when it is unknown. */
  beat(id: ServiceId, address: Address): StoredInstance | undefined {
    const service = this.#services.get(serviceKey(id));
    const before = service?.instances.get(addressKey(address));
    if (service === undefined || before === undefined) return undefined;
    const after = { ...before, healthy: true, lastBeat: this.#clock() };
    service.instances.set(addressKey(address), after);
    if (!before.healthy) this.#changed(service);
    return after;
  }

  /** An operator's settings for the instance, registered or not; undefined when there are none. */
  overrideOf(id: ServiceId, address: Address): Override | undefined {
    return this.#services.get(serviceKey(id))?.overrides.get(addressKey(address))?.override;
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
    if (service.overrides.size >= this.#maxInstances && !service.overrides.has(key)) throw new RegistryFull();
    const before = service.instances.get(key);
    service.overrides.set(key, { override, goneAt: before === undefined ? this.#clock() : undefined });
    if (before === undefined) return true;
    const health = { healthy: before.healthy };
    const after = { ...listed(before.announced, override, before), ...health };
    service.instances.set(key, after);
    if (!looksTheSame(before, after)) this.#changed(service);
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
    for (const [key, service] of this.#services) {
      if (this.#sweepService(service, now)) this.#changed(service);
      const empty = service.instances.size === 0 && service.overrides.size === 0;
      if (empty && now - service.changedAt > EMPTY_SERVICE_KEPT_MS) this.#services.delete(key);
    }
  }

  /** Milliseconds until the next instance becomes unhealthy or is removed, if none sends a heartbeat; infinite without instances. */
  expiresIn(): number {
    const now = this.#clock();
    let next = Number.POSITIVE_INFINITY;
    for (const { instances } of this.#services.values()) {
      for (const instance of instances.values()) {
        if (!needsBeats(instance)) continue;
        const { timeout, deleteAfter } = heartbeat(instance.metadata);
        const limit = instance.healthy ? Math.min(timeout, deleteAfter) : deleteAfter;
        next = Math.min(next, instance.lastBeat + limit);
      }
    }
    // A time limit is exceeded a millisecond after it is reached.
    return Math.max(0, next + 1 - now);
  }

  /** Extends every instance's time by `ms`: while the registry itself was paused, it received no heartbeats. */
  forgive(ms: number): void {
    for (const { instances } of this.#services.values()) {
      for (const [key, instance] of instances) {
        instances.set(key, { ...instance, lastBeat: Math.min(instance.lastBeat + ms, this.#clock()) });
      }
    }
  }

  #sweepService(service: MutableService, now: number): boolean {
    let changed = false;
    for (const [key, { goneAt }] of service.overrides) {
      if (goneAt !== undefined && now - goneAt > OVERRIDE_KEPT_MS) service.overrides.delete(key);
    }
    for (const [key, instance] of service.instances) {
      if (!needsBeats(instance)) continue;
      const silence = now - instance.lastBeat;
      const limits = heartbeat(instance.metadata);
      if (silence > limits.deleteAfter) {
        changed = this.#remove(service, key);
      } else if (silence > limits.timeout && instance.healthy) {
        service.instances.set(key, { ...instance, healthy: false });
        changed = true;
      }
    }
    return changed;
  }

  #remove(service: MutableService, key: string): boolean {
    if (!service.instances.delete(key)) return false;
    this.#instanceCount -= 1;
    const kept = service.overrides.get(key);
    if (kept !== undefined) kept.goneAt = this.#clock();
    return true;
  }

  #create(id: ServiceId): MutableService {
    const service: MutableService = {
      id,
      instances: new Map(),
      overrides: new Map(),
      changedAt: this.#clock(),
    };
    this.#services.set(serviceKey(id), service);
    return service;
  }

  #changed(service: MutableService): void {
    service.changedAt = Math.max(this.#clock(), service.changedAt + 1);
    this.#onChange(service);
  }
}

/** One text per service, usable as a map key. */
export const serviceKey = ({ namespace, group, name }: ServiceId): string =>
  `${namespace}\u0000${group}\u0000${name}`;

/** Whether it expires without heartbeats: neither a persistent instance does, nor one that lasts as long as a connection. */
const needsBeats = ({ ephemeral, owner }: StoredInstance): boolean => ephemeral && owner === undefined;

function looksTheSame(one: StoredInstance, other: StoredInstance): boolean {
  return (
    one.cluster === other.cluster &&
    one.weight === other.weight &&
    one.enabled === other.enabled &&
    one.healthy === other.healthy &&
    one.ephemeral === other.ephemeral &&
    JSON.stringify(one.metadata) === JSON.stringify(other.metadata)
  );
}
