// Finds out which API a Nacos server supports: over HTTP v1 (up to 3.1) and v3 (from 3.0 on), and gRPC (from 2.0 on).

import { RegistryApiUnknown, RegistryRefused, RegistryUnavailable } from "./errors.ts";
import type { GrpcClient } from "./grpc-client.ts";
import type { NacosTransport } from "./transport.ts";

export type ApiVersion = "v1" | "v3" | "grpc";

/** What `NACOS_API` may be. */
export type ApiSetting = ApiVersion | "auto";

/** Which API to use: a given one, or with `auto` the first in `order` that the server has. */
export interface ApiChoice {
  readonly choice: ApiSetting;
  readonly order: readonly ApiVersion[];
}

/**
 * The choice for a setting. `auto` takes v1 where it is, up to Nacos 3.1: it needs no second port, and the server pushes changes. Then
 * gRPC, since what is registered by v3 over HTTP is not pushed, and before 3.2.2 not passed on to the other servers of a cluster
 * (alibaba/nacos 14992). A process that is frozen between requests (AWS Lambda) keeps no connection: it takes v3, which needs no
 * package, or v1.
 */
export const apiChoice = (setting: ApiSetting, frozen: boolean): ApiChoice => {
  if (!frozen) return { choice: setting, order: ["v1", "grpc", "v3"] };
  return { choice: setting === "grpc" ? "auto" : setting, order: ["v3", "v1"] };
};

export interface NacosApiOptions extends ApiChoice {
  readonly transport: Pick<NacosTransport, "call" | "generation" | "server">;
  readonly grpc: Pick<GrpcClient, "connect">;
  /** Namespace of the detecting requests, so that an account limited to it may send them. */
  readonly namespace: string;
  readonly group: string;
  /** Monotonic milliseconds. */
  readonly clock?: () => number;
}

/** Milliseconds after which the API of a server that supported none is detected again. */
const DETECT_AGAIN_MS = 1_000;
/** The same of a server at whose gRPC port nobody answered: it may have been starting. */
const GRPC_AGAIN_MS = 30_000;

interface Known {
  readonly version: ApiVersion;
  readonly generation: number;
  /** When it is detected again in any case. */
  readonly until: number;
}

type HttpApi = Exclude<ApiVersion, "grpc">;

export class NacosApi {
  readonly #options: NacosApiOptions;
  readonly #clock: () => number;
  #known: Known | undefined;
  #last: ApiVersion | undefined;
  #unknown: { readonly error: RegistryApiUnknown; readonly until: number } | undefined;
  #detecting: Promise<ApiVersion> | undefined;

  constructor(options: NacosApiOptions) {
    this.#options = options;
    this.#clock = options.clock ?? (() => performance.now());
  }

  /** The API that was used last; undefined before the first request. */
  get last(): ApiVersion | undefined {
    return this.#last;
  }

  /**
   * The API to use now. It is detected the first time, and again when it answers after an outage, since another version
   * may have been started. Concurrent callers share one detection. Whether gRPC can be reached meanwhile is found out in the
   * background, since a port that a firewall hides takes seconds, and heartbeats must not wait so long.
   * @throws {RegistryUnavailable} the server does not answer, so its API is unknown.
   * @throws {RegistryApiUnknown} the server answers, but supports none.
   */
  async version(): Promise<ApiVersion> {
    this.#last = await this.#version();
    return this.#last;
  }

  async #version(): Promise<ApiVersion> {
    const { choice, transport } = this.#options;
    if (choice !== "auto") return choice;
    const known = this.#known?.generation === transport.generation ? this.#known : undefined;
    if (known !== undefined) {
      if (this.#clock() >= known.until) this.#detectOnce().catch(() => {});
      return known.version;
    }
    if (this.#unknown !== undefined && this.#clock() < this.#unknown.until) throw this.#unknown.error;
    return this.#detectOnce();
  }

  #detectOnce(): Promise<ApiVersion> {
    this.#detecting ??= this.#detect().finally(() => {
      this.#detecting = undefined;
    });
    return this.#detecting;
  }

  /**
   * Runs `work` with the API to use. When the server no longer supports it (it was replaced without an outage that was
   * noticed), or does not answer by gRPC any more, it is detected again, and `work` runs once more if the API has changed.
   * 404, 410 and 501 thrown by `work` mean "not supported": where one has another meaning, `work` has to catch it.
   */
  async run<T>(work: (version: ApiVersion) => Promise<T>): Promise<T> {
    const version = await this.version();
    try {
      return await work(version);
    } catch (cause) {
      const gone = isNotSupported(cause) || (version === "grpc" && cause instanceof RegistryUnavailable);
      if (this.#options.choice !== "auto" || !gone) throw cause;
      this.#known = undefined;
      const next = await this.version();
      if (next === version) throw cause;
      return await work(next);
    }
  }

  async #detect(): Promise<ApiVersion> {
    const { transport, order } = this.#options;
    let until = Number.POSITIVE_INFINITY;
    for (const version of order) {
      if (await this.#has(version)) {
        this.#known = { version, generation: transport.generation, until };
        return version;
      }
      if (version === "grpc") until = this.#clock() + GRPC_AGAIN_MS;
    }
    const error = new RegistryApiUnknown(transport.server);
    this.#unknown = { error, until: this.#clock() + DETECT_AGAIN_MS };
    throw error;
  }

  #has(version: ApiVersion): Promise<boolean> {
    return version === "grpc" ? this.#hasGrpc() : this.#hasHttp(version);
  }

  async #hasGrpc(): Promise<boolean> {
    try {
      await this.#options.grpc.connect();
      return true;
    } catch {
      // Nobody listens there, or a firewall is in between.
      return false;
    }
  }

  async #hasHttp(version: HttpApi): Promise<boolean> {
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
const DETECTING: Readonly<Record<HttpApi, DetectingRequest>> = {
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
