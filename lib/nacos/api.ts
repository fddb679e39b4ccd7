// Finds out which HTTP API a Nacos server supports: v1 (up to 3.1), v3 (from 3.0 on), or both.

import { RegistryApiUnknown, RegistryRefused } from "./errors.ts";
import type { NacosTransport } from "./transport.ts";

export type ApiVersion = "v1" | "v3";

export interface NacosApiOptions {
  readonly transport: Pick<NacosTransport, "call" | "generation" | "server">;
  /** `auto` detects what the server supports; any other value is used as it is. */
  readonly choice: ApiVersion | "auto";
  /**
   * The API that `auto` takes where both work. By default v1, since with it the server pushes changes by datagram, where v3
   * has to be polled every second. A process that is frozen between requests receives no push; it should prefer v3, which
   * needs no package.
   */
  readonly prefer?: ApiVersion | undefined;
  /** Namespace of the detecting requests, so that an account limited to it may send them. */
  readonly namespace: string;
  readonly group: string;
  /** Monotonic milliseconds. */
  readonly clock?: () => number;
}

/** Milliseconds after which the API of a server that supported neither is detected again. */
const DETECT_AGAIN_MS = 1_000;

export class NacosApi {
  readonly #options: NacosApiOptions;
  readonly #clock: () => number;
  #known: { readonly version: ApiVersion; readonly generation: number } | undefined;
  #unknown: { readonly error: RegistryApiUnknown; readonly until: number } | undefined;
  #detecting: Promise<ApiVersion> | undefined;

  constructor(options: NacosApiOptions) {
    this.#options = options;
    this.#clock = options.clock ?? (() => performance.now());
  }

  /**
   * The API to use now. It is detected the first time, and again when it answers after an outage, since another version
   * may have been started. Concurrent callers share one detection.
   * @throws {RegistryUnavailable} the server does not answer, so its API is unknown.
   * @throws {RegistryApiUnknown} the server answers, but supports neither API.
   */
  async version(): Promise<ApiVersion> {
    const { choice, transport } = this.#options;
    if (choice !== "auto") return choice;
    if (this.#known?.generation === transport.generation) return this.#known.version;
    if (this.#unknown !== undefined && this.#clock() < this.#unknown.until) throw this.#unknown.error;
    this.#detecting ??= this.#detect().finally(() => {
      this.#detecting = undefined;
    });
    return this.#detecting;
  }

  /**
   * Runs `work` with the API to use. When the server no longer supports it (it was replaced without an outage that was
   * noticed), it is detected again, and `work` runs once more if the API has changed.
   * 404, 410 and 501 thrown by `work` mean "not supported": where one has another meaning, `work` has to catch it.
   */
  async run<T>(work: (version: ApiVersion) => Promise<T>): Promise<T> {
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

  async #detect(): Promise<ApiVersion> {
    const { transport, prefer = "v1" } = this.#options;
    const other = prefer === "v1" ? "v3" : "v1";
    for (const version of [prefer, other] as const) {
      if (!(await this.#has(version))) continue;
      this.#known = { version, generation: transport.generation };
      return version;
    }
    const error = new RegistryApiUnknown(transport.server);
    this.#unknown = { error, until: this.#clock() + DETECT_AGAIN_MS };
    throw error;
  }

  async #has(version: ApiVersion): Promise<boolean> {
    const { transport, namespace: namespaceId, group } = this.#options;
    const { path, params } = DETECTING[version];
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

interface DetectingRequest {
  readonly path: string;
  readonly params: (group: string) => Readonly<Record<string, string>>;
}

/** They use the client paths themselves: a server may have v1's operator paths without these, or the reverse. */
const DETECTING: Readonly<Record<ApiVersion, DetectingRequest>> = {
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
