// The resolver: caches the instances of each service, so that calls rarely wait for the registry and never depend on it.

import type { Log } from "../../observability/log.ts";
import { Endpoint, endpointKey } from "../instances/endpoint.ts";
import type { Instance, Registry } from "../registry/registry.ts";
import { defaultPolicy, type PolicySource } from "../settings/policy.ts";
import { ServiceEntry } from "./service-entry.ts";
import type { Snapshots } from "./snapshots.ts";

export interface ResolverOptions {
  readonly registry: Pick<Registry, "list" | "watch">;
  /**
   * Whether this instance still answers with its own identity; undefined when it did not answer in time, which proves
   * nothing. Must settle soon. Called only when a new list looks wrong.
   */
  readonly isAlive: (instance: Instance) => Promise<boolean | undefined>;
  /** The instance that has taken over an instance's address; used while the registry does not answer. Must settle soon. */
  readonly successor?: (instance: Instance) => Promise<Instance | undefined>;
  /** Storage for lists that survives this process; by default none. */
  readonly snapshots?: Snapshots | undefined;
  /**
   * True where the process is frozen between requests (AWS Lambda): no watch, and a stale list is refreshed before it is
   * used. False: a watch updates the lists, and a stale one is refreshed in the background.
   */
  readonly frozen: boolean;
  readonly policy?: PolicySource;
  readonly log: Log;
  /** Monotonic milliseconds. */
  readonly clock: () => number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/** Milliseconds until a registry that failed is queried again. */
const AGAIN_MS = 1_000;
/** Milliseconds for which the last reply to a call proves that an instance is alive when it does not answer a probe in time. */
const SILENT_MS = 5_000;

export class Resolver {
  readonly #options: ResolverOptions;
  readonly #policy: PolicySource;
  readonly #services = new Map<string, ServiceEntry>();

  constructor(options: ResolverOptions) {
    this.#options = options;
    this.#policy = options.policy ?? defaultPolicy;
  }

  /**
   * The endpoints to choose from, without waiting; a stale list is refreshed in the background. Undefined when the caller has
   * to wait for {@link refresh} first: nothing is known yet, or the list is stale in a process that was frozen.
   */
  current(service: string): readonly Endpoint[] | undefined {
    const entry = this.#entry(service);
    const stale = this.#options.clock() >= entry.staleAt;
    if (!entry.known || (stale && this.#options.frozen)) return undefined;
    if (stale && entry.refreshing === undefined) void this.refresh(service);
    return entry.endpoints;
  }

  /**
   * Whether the watch alone keeps the list right. Not one that the registry has not confirmed, nor one with instances that it does not
   * list: both are looked at again by {@link current}.
   */
  isKept(service: string): boolean {
    const { known, outdated, endpoints } = this.#entry(service);
    return !this.#options.frozen && known && !outdated && !endpoints.some(({ kept }) => kept);
  }

  /**
   * Queries the registry; concurrent callers share one query. Never rejects: without a reply the last known endpoints stay.
   */
  refresh(service: string): Promise<void> {
    const entry = this.#entry(service);
    entry.refreshing ??= this.#refresh(service, entry).finally(() => {
      entry.refreshing = undefined;
    });
    return entry.refreshing;
  }

  /** What is known about the service, fresh or not; from the snapshot while the registry has not answered since the start. */
  peek(service: string): ServiceEntry {
    const entry = this.#entry(service);
    if (!entry.known && !entry.recalled) this.#recall(service, entry);
    return entry;
  }

  close(): void {
    for (const { unwatch } of this.#services.values()) unwatch?.();
    this.#services.clear();
  }

  #entry(service: string): ServiceEntry {
    const known = this.#services.get(service);
    if (known !== undefined) return known;
    const entry = new ServiceEntry();
    this.#services.set(service, entry);
    if (!this.#options.frozen) {
      entry.unwatch = this.#options.registry.watch(service, (instances) => {
        void this.#take(service, entry, instances);
      });
    }
    return entry;
  }

  async #refresh(service: string, entry: ServiceEntry): Promise<void> {
    try {
      await this.#take(service, entry, await this.#options.registry.list(service));
    } catch (cause) {
      if (!entry.outdated) {
        const fields = { err: cause, service, known: entry.endpoints.length };
        this.#options.log.warn(
          fields,
          "the registry does not answer; continuing with the last known instances",
        );
      }
      entry.outdated = true;
      entry.failure = cause;
      entry.staleAt = this.#options.clock() + AGAIN_MS;
      await this.#findSuccessors(service, entry);
    }
  }

  #recall(service: string, entry: ServiceEntry): void {
    entry.recalled = true;
    const snapshot = this.#options.snapshots?.read(service);
    if (snapshot === undefined) return;
    const { instances, ageMs } = snapshot;
    const fields = { service, known: instances.length, age_s: Math.round(ageMs / 1_000) };
    this.#options.log.warn(
      fields,
      "the registry has not answered since the start; continuing with the instances of the snapshot",
    );
    const now = this.#options.clock();
    entry.endpoints = this.#merge([], instances);
    entry.known = true;
    entry.outdated = true;
    entry.confirmedAt = now - ageMs;
    entry.staleAt = now + AGAIN_MS;
  }

  /** While the registry does not answer: an instance that was restarted at the same address has a new id. */
  async #findSuccessors(service: string, entry: ServiceEntry): Promise<void> {
    const { successor } = this.#options;
    const lost = entry.endpoints.filter(({ misdirected }) => misdirected);
    if (successor === undefined || lost.length === 0) return;
    const { version } = entry;
    const found = await Promise.all(lost.map(({ instance }) => successor(instance).catch(() => undefined)));
    if (entry.version !== version) return;
    entry.endpoints = entry.endpoints.map((endpoint) => {
      const next = found[lost.indexOf(endpoint)];
      if (next === undefined) return endpoint;
      this.#options.log.info(
        { service, url: endpoint.url },
        "a new instance of the service answers at this address",
      );
      const successorEndpoint = this.#endpoint(next);
      successorEndpoint.kept = true;
      return successorEndpoint;
    });
  }

  async #take(service: string, entry: ServiceEntry, instances: readonly Instance[]): Promise<void> {
    entry.version += 1;
    const { version } = entry;
    entry.outdated = false;
    entry.failure = undefined;
    const before = entry.known ? entry.endpoints : this.#ofLastTime(service);
    const listed = this.#merge(before, instances);
    const missing = before.filter((endpoint) => !listed.includes(endpoint));
    // A registry that lost its data lists no services. Instances that still answer are not gone.
    const anyGood = this.#anyGood(listed);
    const suspicious = isSuspicious(before, listed) || !anyGood;
    const kept = suspicious ? await this.#alive(missing, !entry.known && !anyGood) : [];
    if (entry.version !== version) return;
    for (const { endpoint, answers } of kept) {
      if (!endpoint.kept) {
        this.#options.log.warn(
          { service, url: endpoint.url },
          "the instance is no longer in the registry but still answers; it stays in use",
        );
      }
      endpoint.kept = true;
      // Its own reply counts more than its last state in the registry.
      if (answers === true) endpoint.instance = { ...endpoint.instance, healthy: true };
    }
    const now = this.#options.clock();
    entry.endpoints = kept.length === 0 ? listed : [...listed, ...kept.map(({ endpoint }) => endpoint)];
    entry.known = true;
    entry.confirmedAt = now;
    const { listStaleMs, frozenListStaleMs } = this.#policy();
    const lifetime = this.#options.frozen ? frozenListStaleMs : listStaleMs;
    // While unlisted instances are kept, they are checked often.
    entry.staleAt = now + (kept.length > 0 ? AGAIN_MS : lifetime);
    this.#remember(service, entry.endpoints);
  }

  /** Saves the list as a snapshot; not an empty one, which is of no use, nor fixed URLs, which need none. */
  #remember(service: string, endpoints: readonly Endpoint[]): void {
    const instances = endpoints.map(({ instance }) => instance);
    if (instances.length === 0 || instances.some(({ url }) => url !== undefined)) return;
    this.#options.snapshots?.save(service, instances);
  }

  /** The endpoints for `instances`: known ones keep their measurements and ejection, new ones are created. */
  #merge(known: readonly Endpoint[], instances: readonly Instance[]): Endpoint[] {
    const byKey = new Map(known.map((endpoint) => [endpointKey(endpoint.instance), endpoint]));
    return instances.map((instance) => {
      const endpoint = byKey.get(endpointKey(instance)) ?? this.#endpoint(instance);
      endpoint.instance = instance;
      endpoint.kept = false;
      return endpoint;
    });
  }

  #ofLastTime(service: string): Endpoint[] {
    return this.#merge([], this.#options.snapshots?.read(service)?.instances ?? []);
  }

  #endpoint(instance: Instance): Endpoint {
    return new Endpoint(instance, this.#options.random, this.#policy);
  }

  /** Whether both the registry and the calls find it healthy. A list without such an endpoint must not replace others. */
  #anyGood(endpoints: readonly Endpoint[]): boolean {
    const now = this.#options.clock();
    return endpoints.some(({ instance, ejection }) => instance.healthy && ejection.state(now) === "in");
  }

  /**
   * The endpoints that are alive although the registry does not list them. A probe without an answer proves nothing on a busy
   * machine: an endpoint that answered a request in the last seconds is kept as well. Where this process has called none yet and knows
   * no other (`nothingElse`), every endpoint is kept that does not refuse the probe.
   */
  async #alive(
    endpoints: readonly Endpoint[],
    nothingElse: boolean,
  ): Promise<{ readonly endpoint: Endpoint; readonly answers: boolean | undefined }[]> {
    const alive = await Promise.all(
      endpoints.map(({ instance }) => this.#options.isAlive(instance).catch(() => false)),
    );
    const now = this.#options.clock();
    const probed = endpoints.map((endpoint, index) => ({ endpoint, answers: alive[index] }));
    const kept = probed.filter(({ endpoint, answers }) => answers ?? now - endpoint.answeredAt < SILENT_MS);
    return kept.length > 0 || !nothingElse ? kept : probed.filter(({ answers }) => answers === undefined);
  }
}

/** Whether a list is suspicious: empty, or less than half as long as before. */
const isSuspicious = (before: readonly Endpoint[], after: readonly Endpoint[]): boolean =>
  before.length > 0 && (after.length === 0 || after.length < before.length / 2);
