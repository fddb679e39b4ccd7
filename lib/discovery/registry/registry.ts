// The registry port: what this system needs of a service registry. Adapters: nacos-registry.ts, static.ts.

/** One running instance of a service, as a registry knows it. */
export interface Instance {
  /** The name it is called by, such as `OrderService`. */
  readonly service: string;
  readonly host: string;
  readonly port: number;
  /** Relative share of traffic; 0 takes none. */
  readonly weight: number;
  /** False once heartbeats stopped. */
  readonly healthy: boolean;
  /** False when an operator switched the instance off. */
  readonly enabled: boolean;
  /** Base URL, when it is not simply `http://host:port`. */
  readonly url?: string;
  /** `instance` (its unique id), `version`, `stage`, `pid`, `started_at` … */
  readonly metadata: Readonly<Record<string, string>>;
}

/** What a sidecar announces. */
export type Registration = Pick<Instance, "service" | "host" | "port" | "weight" | "metadata">;

/** Ends a watch. */
export type Unwatch = () => void;

export interface Registry {
  /**
   * Announces the instance and keeps renewing it until `deregister` or `close`, also over a restart of the registry.
   * Idempotent. Throws when the registry does not answer; then nothing is renewed and the caller may try again.
   */
  register(registration: Registration): Promise<void>;
  /** Takes the instance out at once and ends its renewal, even when it throws because the registry does not answer. Idempotent. */
  deregister(registration: Registration): Promise<void>;
  /** All instances of `service`, healthy or not; an unknown service is an empty list. Throws when the registry does not answer. */
  list(service: string): Promise<readonly Instance[]>;
  /** Calls `onChange` with the whole list whenever it changes, the first time as soon as it is known. */
  watch(service: string, onChange: (instances: readonly Instance[]) => void): Unwatch;
  /** False when the registry did not answer last; asks it anew in the background when that was a while ago. Never waits. */
  reachable(): boolean;
  /** Deregisters what this process registered and frees timers and sockets. */
  close(): Promise<void>;
}
