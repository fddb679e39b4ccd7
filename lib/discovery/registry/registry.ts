// The registry port: what this system needs of a service registry. Adapters: nacos-registry.ts, static.ts.

/** One running instance of a service, as a registry knows it. */
export interface Instance {
  /** Name of the service, such as `OrderService`. */
  readonly service: string;
  readonly host: string;
  readonly port: number;
  /** Relative share of the traffic; 0: none. */
  readonly weight: number;
  /** False when its heartbeats have stopped. */
  readonly healthy: boolean;
  /** False when an operator disabled the instance. */
  readonly enabled: boolean;
  /** Base URL, when it is not simply `http://host:port`. */
  readonly url?: string;
  /** `instance` (its unique id), `version`, `stage`, `pid`, `started_at` … */
  readonly metadata: Readonly<Record<string, string>>;
}

/** What a sidecar registers. */
export type Registration = Pick<Instance, "service" | "host" | "port" | "weight" | "metadata">;

/** Ends a watch. */
export type Unwatch = () => void;

export interface Registry {
  /**
   * Registers the instance and renews it until `deregister` or `close`, also after a restart of the registry. Idempotent.
   * Throws when the registry does not answer; then nothing is renewed and the caller may try again.
   */
  register(registration: Registration): Promise<void>;
  /** Removes the instance and ends its renewal. Throws when the registry does not answer; the renewal has ended even then. Idempotent. */
  deregister(registration: Registration): Promise<void>;
  /** All instances of `service`, healthy or not; an empty list for an unknown service. Throws when the registry does not answer. */
  list(service: string): Promise<readonly Instance[]>;
  /** Calls `onChange` with the whole list as soon as it is known, and whenever it changes. */
  watch(service: string, onChange: (instances: readonly Instance[]) => void): Unwatch;
  /** False when the registry did not answer the last request. Checks again in the background when that is long ago; never waits. */
  reachable(): boolean;
  /** Deregisters what this process registered and frees timers and sockets. */
  close(): Promise<void>;
}
