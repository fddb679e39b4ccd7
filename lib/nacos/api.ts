// Finds out which HTTP API a Nacos server supports: v1 (up to 3.1), v3 (from 3.0 on), or both.

import { RegistryApiUnknown, RegistryRefused } from "./errors.ts";
import type { NacosTransport } from "./transport.ts";

export type ApiVersion = "v1" | "v3";

export interface NacosApiOptions {
  readonly transport: Pick<NacosTransport, "call" | "generation" | "server">;
  /** `auto` probes the server; any other value is used without a probe. */
  readonly choice: ApiVersion | "auto";
  /**
   * The API that `auto` takes where both work. By default v1, since with it the server pushes changes by datagram, where v3
   * has to be polled every second. A process that is frozen between requests receives no push; it should prefer v3, which
   * needs no package.
   */
  readonly prefer?: ApiVersion | undefined;
  /** Namespace of the probe, so that an account limited to it may send the probe. */
  readonly namespace: string;
  readonly group: string;
  /** Monotonic milliseconds. */
  readonly clock?: () => number;
}

/** Milliseconds between probes of a server that supports neither API. */
const PROBE_AGAIN_MS = 1_000;

export class NacosApi {
  readonly #options: NacosApiOptions;
  readonly #clock: () => number;
  #known: { readonly version: ApiVersion; readonly generation: number } | undefined;
  #unknown: { readonly error: RegistryApiUnknown; readonly until: number } | undefined;
  #probing: Promise<ApiVersion> | undefined;

  constructor(options: NacosApiOptions) {
    this.#options = options;
    this.#clock = options.clock ?? (() => performance.now());
  }

  /**
   * The API to use now. Probes the server the first time, and again when it answers after an outage, since another version
   * may have been started. Concurrent callers share one probe.
   * @throws {RegistryUnavailable} the server does not answer, so its API is unknown.
   * @throws {RegistryApiUnknown} the server answers, but supports neither API.
   */
  async version(): Promise<ApiVersion> {
    const { choice, transport } = this.#options;
    if (choice !== "auto") return choice;
    if (this.#known?.generation === transport.generation) return this.#known.version;
    if (this.#unknown !== undefined && this.#clock() < this.#unknown.until) throw this.#unknown.error;
    this.#probing ??= this.#probe().finally(() => {
      this.#probing = undefined;
    });
    return this.#probing;
  }

  /**
   * Runs `work` with the API to use. When the server no longer supports it (it was replaced without an outage that was
   * noticed), the server is probed again, and `work` runs once more if the API has changed.
   * 404, 410 and 501 thrown by `work` mean "not supported": where one has another meaning, `work` has to catch it.
   */
  async speak<T>(work: (version: ApiVersion) => Promise<T>): Promise<T> {
    const version = await this.version();
    try {
      return await work(version);
    } catch (cause) {
      if (this.#options.choice !== "auto" || !isNotSupported(cause)) throw cause;
      this.#known = undefined;
      if ((await this.version()) === version) throw cause;
      return await work(await this.version());
    }
  }

  async #probe(): Promise<ApiVersion> {
    const { transport, prefer = "v1" } = this.#options;
    const other = prefer === "v1" ? "v3" : "v1";
    for (const version of [prefer, other] as const) {
      if (!(await this.#has(version))) continue;
      this.#known = { version, generation: transport.generation };
      return version;
    }
    const error = new RegistryApiUnknown(transport.server);
    this.#unknown = { error, until: this.#clock() + PROBE_AGAIN_MS };
    throw error;
  }

  async #has(version: ApiVersion): Promise<boolean> {
    const { transport, namespace: namespaceId, group } = this.#options;
    const { path, params } = PROBES[version];
    try {
      await transport.call("GET", path, { ...params(group), namespaceId });
      return true;
    } catch (cause) {
      if (isNotSupported(cause)) return false;
      // Another refusal, such as 403, comes from a supported API. The real call will report its cause.
      if (cause instanceof RegistryRefused) return true;
      throw cause;
    }
  }
}

interface Probe {
  readonly path: string;
  readonly params: (group: string) => Readonly<Record<string, string>>;
}

/** The probes use the client paths themselves: a server may have v1's operator paths without these, or the reverse. */
const PROBES: Readonly<Record<ApiVersion, Probe>> = {
  v1: {
    path: "/nacos/v1/ns/instance/list",
    params: (group) => ({ serviceName: `${group}@@api-probe` }),
  },
  v3: {
    path: "/nacos/v3/client/ns/instance/list",
    params: (groupName) => ({ serviceName: "api-probe", groupName }),
  },
};

/** Unknown path (404), switched off (410: Nacos 3's own answer for what it dropped) or not implemented (501). */
const isNotSupported = (cause: unknown): boolean =>
  cause instanceof RegistryRefused && [404, 410, 501].includes(cause.status);
