// Who is registered: services and their instances, as pure state with an injected clock.

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

/** A service's full name: equal names in other namespaces or groups are other services. */
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
  /** By address; each with when its instance went, if it is not here. */
  readonly overrides: Map<string, { override: Override; goneAt: number | undefined }>;
  changedAt: number;
}

export interface ServiceTableOptions {
  /** Epoch milliseconds. */
  readonly clock: () => number;
  /** Called after every visible change of a service; a beat that only renews is none. */
  readonly onChange?: (service: Service) => void;
  readonly maxInstances?: number;
}

const EMPTY_SERVICE_KEPT_MS = 60_000;
/** How long an operator's setting waits for an instance that went. Nacos' own value. */
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
   * Adds the instance or replaces what it announced before; what an operator set stays in force.
   * @throws {RegistryFull} when the table has no room for another instance.
   */
  register(id: ServiceId, announced: Announcement): void {
    const service = this.#services.get(serviceKey(id)) ?? this.#create(id);
    const key = addressKey(announced);
    const before = service.instances.get(key);
    if (before === undefined && this.#instanceCount >= this.#maxInstances) throw new RegistryFull();
    const kept = service.overrides.get(key);
    if (kept !== undefined) kept.goneAt = undefined;
    const after = listed(announced, kept?.override ?? {}, this.#clock());
    service.instances.set(key, after);
    if (before === undefined) this.#instanceCount += 1;
    if (before === undefined || !looksTheSame(before, after)) this.#changed(service);
  }

  /** Takes the instance out; false when it was not there. */
  deregister(id: ServiceId, address: Address): boolean {
    const service = this.#services.get(serviceKey(id));
    if (service === undefined || !this.#remove(service, addressKey(address))) return false;
    this.#changed(service);
    return true;
  }

  /** Renews the instance and heals it when silence had made it unhealthy; undefined when it is unknown. */
  beat(id: ServiceId, address: Address): StoredInstance | undefined {
    const service = this.#services.get(serviceKey(id));
    const before = service?.instances.get(addressKey(address));
    if (service === undefined || before === undefined) return undefined;
    const after = { ...before, healthy: true, lastBeat: this.#clock() };
    service.instances.set(addressKey(address), after);
    if (!before.healthy) this.#changed(service);
    return after;
  }

  /** What an operator set for the instance; it may be gone or not there yet. Undefined when nothing is set. */
  overrideOf(id: ServiceId, address: Address): Override | undefined {
    return this.#services.get(serviceKey(id))?.overrides.get(addressKey(address))?.override;
  }

  /**
   * Puts an operator's settings in place of earlier ones. False when the service is unknown; an instance that is not
   * there gets them if it comes within a minute.
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
    const after = { ...listed(before.announced, override, before.lastBeat), ...health };
    service.instances.set(key, after);
    if (!looksTheSame(before, after)) this.#changed(service);
    return true;
  }

  find(id: ServiceId): Service | undefined {
    return this.#services.get(serviceKey(id));
  }

  /** The services of a group that have instances, sorted by name. */
  services(namespace: string, group: string): Service[] {
    return [...this.#services.values()]
      .filter(({ id, instances }) => id.namespace === namespace && id.group === group && instances.size > 0)
      .sort((one, other) => (one.id.name < other.id.name ? -1 : 1));
  }

  /** Marks silent instances unhealthy, then removes them; forgets services long empty. Call it often. */
  sweep(): void {
    const now = this.#clock();
    for (const [key, service] of this.#services) {
      if (this.#sweepService(service, now)) this.#changed(service);
      const empty = service.instances.size === 0 && service.overrides.size === 0;
      if (empty && now - service.changedAt > EMPTY_SERVICE_KEPT_MS) this.#services.delete(key);
    }
  }

  /** Discounts `ms` of silence for everyone: while the registry itself stood still, nobody could be heard. */
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
      if (!instance.ephemeral) continue;
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
