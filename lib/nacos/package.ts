// The `nacos` package, loaded when first needed and with the types it lacks.

/** The logger that the package expects; it passes arguments as for `util.format`. */
export interface NacosLogger {
  debug(message: unknown, ...values: unknown[]): void;
  info(message: unknown, ...values: unknown[]): void;
  warn(message: unknown, ...values: unknown[]): void;
  error(message: unknown, ...values: unknown[]): void;
}

/** The part of `urllib` through which the package sends everything. */
export interface NacosHttpClient {
  request(url: string, options: NacosHttpOptions): Promise<{ status: number; data: string }>;
}

export interface NacosHttpOptions {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface NacosHost {
  readonly ip: string;
  readonly port: number;
  readonly weight: number;
  readonly healthy: boolean;
  readonly enabled: boolean;
  readonly metadata?: Record<string, string> | null | undefined;
}

export interface NacosInstance {
  readonly ip: string;
  readonly port: number;
  /** As a string: the package treats the number 0 as "not given". */
  readonly weight?: string;
  readonly clusterName?: string;
  readonly healthy?: boolean;
  readonly metadata?: Readonly<Record<string, string>>;
}

type HostsListener = (hosts: readonly NacosHost[], info?: { readonly lastRefTime: number }) => void;

export interface NacosNamingClient {
  ready(): Promise<void>;
  registerInstance(service: string, instance: NacosInstance, group?: string): Promise<void>;
  deregisterInstance(service: string, instance: NacosInstance, group?: string): Promise<void>;
  getAllInstances(
    service: string,
    group?: string,
    clusters?: string,
    subscribe?: boolean,
  ): Promise<readonly NacosHost[]>;
  selectInstances(
    service: string,
    group?: string,
    clusters?: string,
    healthy?: boolean,
    subscribe?: boolean,
  ): Promise<readonly NacosHost[]>;
  subscribe(info: NacosSubscription, listener: HostsListener): void;
  unSubscribe(info: NacosSubscription, listener?: HostsListener): void;
  close(): Promise<void>;
}

export interface NacosSubscription {
  readonly serviceName: string;
  readonly groupName?: string;
  readonly clusters?: string;
}

export interface NacosConfigClient {
  publishSingle(
    dataId: string,
    group: string,
    content: string,
    options?: { type?: string },
  ): Promise<boolean>;
  getConfig(dataId: string, group: string): Promise<string | null>;
  remove(dataId: string, group: string): Promise<boolean>;
  subscribe(info: { dataId: string; group: string }, listener: (content: string | null) => void): void;
  on(event: "error", listener: (cause: Error) => void): void;
  close(): void;
}

export interface NacosModule {
  readonly NacosNamingClient: new (options: {
    readonly logger: NacosLogger;
    readonly serverList: string;
    readonly namespace?: string;
    readonly httpclient?: NacosHttpClient;
  }) => NacosNamingClient;
  readonly NacosConfigClient: new (options: {
    readonly serverAddr: string;
    readonly namespace?: string;
    /** Without it the package writes to the home directory. */
    readonly cacheDir: string;
  }) => NacosConfigClient;
}

/** Loads the package; later calls return the same module. Not loaded by an import, since that takes about 100 ms. */
export async function loadNacos(): Promise<NacosModule> {
  const loaded: unknown = await import("nacos");
  const candidates = [loaded, property(loaded, "default")];
  const found = candidates.find(isNacosModule);
  if (found === undefined)
    throw new TypeError("The package `nacos` lacks NacosNamingClient: is it version 2?");
  return found;
}

/**
 * Ends the package's heartbeat loop before its first heartbeat. That loop starts 10 s after construction and pauses for 5 s
 * after any failure, so an instance with a limit of 3 s would flap; and its timer survives `close()`.
 * Call it in the same tick as the constructor. Returns false when the package's internals differ and nothing was done.
 */
export function stopPackageHeartbeats(client: NacosNamingClient): boolean {
  const reactor = property(client, "_beatReactor");
  if (typeof reactor !== "object" || reactor === null || !("_clientBeatInterval" in reactor)) return false;
  // The loop reads both after its first (empty) round: it then sleeps 0 ms and ends.
  Object.assign(reactor, { _isClosed: true, _clientBeatInterval: 0 });
  return true;
}

/**
 * Stops the package's own push receiver, which listens on every address and accepts datagrams from anyone: see
 * push-receiver.ts. Call it in the same tick as the constructor. Returns false when the package's internals differ and
 * nothing was done.
 */
export function stopPackagePushes(client: NacosNamingClient): boolean {
  const reactor = property(client, "_hostReactor");
  const receiver = property(reactor, "_pushReceiver");
  const socket = property(receiver, "_server");
  const close = property(socket, "close");
  if (!isObject(reactor) || !isObject(receiver) || typeof close !== "function") return false;
  // The package opens another socket when this one closes, unless the receiver itself was closed.
  Object.assign(receiver, { _isClosed: true });
  close.call(socket);
  const nothing = { udpPort: 0, ready: async () => {}, close: async () => {} };
  Object.assign(reactor, { _pushReceiver: nothing });
  return true;
}

/** Passes errors of the package's internal parts to `listener`; otherwise the package prints them to the console. */
export function onPackageError(client: NacosNamingClient, listener: (cause: unknown) => void): void {
  for (const part of [client, property(client, "_hostReactor"), receiver(client)]) {
    const on = property(part, "on");
    if (typeof on === "function") on.call(part, "error", listener);
  }
}

const receiver = (client: NacosNamingClient): unknown =>
  property(property(client, "_hostReactor"), "_pushReceiver");

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

const property = (value: unknown, name: string): unknown =>
  isObject(value) ? Reflect.get(value, name) : undefined;

const isNacosModule = (value: unknown): value is NacosModule =>
  typeof property(value, "NacosNamingClient") === "function" &&
  typeof property(value, "NacosConfigClient") === "function";
