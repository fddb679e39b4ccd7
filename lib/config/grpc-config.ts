// Reads one configuration in Nacos by gRPC, and waits for the server to say that it has changed.

import { RegistryUnavailable } from "../nacos/errors.ts";
import { ERROR } from "../nacos/grpc/error-codes.ts";
import type { GrpcClient } from "../nacos/grpc-client.ts";
import type { Fields } from "../nacos/grpc-response.ts";
import { md5Of } from "./live-config.ts";

export interface GrpcConfigKey {
  readonly dataId: string;
  readonly group: string;
  /** The namespace; empty for the public one. */
  readonly tenant: string;
}

/** Milliseconds until it is read again in any case: the longest time a change can be missed. */
const AGAIN_MS = 30_000;

export class GrpcConfig {
  readonly #client: GrpcClient;
  readonly #key: GrpcConfigKey;
  #wake: (() => void) | undefined;

  constructor(client: GrpcClient, key: GrpcConfigKey) {
    this.#client = client;
    this.#key = key;
    client.receive("ConfigChangeNotifyRequest", (fields) => this.#notified(fields));
    // Nobody listens on a new connection, and the configuration may have changed meanwhile.
    client.onReady(async () => this.#wake?.());
  }

  /** The published text; undefined when nothing is published. @throws {RegistryUnavailable} {@link RegistryRefused} */
  async read(): Promise<string | undefined> {
    const { errorCode, content } = await this.#client.request("ConfigQueryRequest", this.#key, [
      ERROR.CONFIG_NOT_FOUND,
    ]);
    if (errorCode === ERROR.CONFIG_NOT_FOUND) return undefined;
    if (typeof content === "string") return content;
    throw new RegistryUnavailable(this.#client.server, "the configuration has no content");
  }

  /** Resolves when the text may differ from `known`, at the latest after 30 s, and when `signal` aborts. @throws like {@link read} */
  async change(known: string | undefined, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = () => resolve();
    // Otherwise the request would connect, which wakes at once.
    await this.#client.connected();
    const timer = setTimeout(wake, AGAIN_MS).unref();
    signal.addEventListener("abort", wake);
    // Before the request: a change may be announced before its response arrives.
    this.#wake = wake;
    try {
      if (await this.#listen(known)) await promise;
    } finally {
      this.#wake = undefined;
      clearTimeout(timer);
      signal.removeEventListener("abort", wake);
    }
  }

  /** Listens for changes; false when the server has another text already. */
  async #listen(known: string | undefined): Promise<boolean> {
    const md5 = known === undefined ? "" : md5Of(known);
    const configListenContexts = [{ ...this.#key, md5 }];
    const { changedConfigs } = await this.#client.request("ConfigBatchListenRequest", {
      listen: true,
      configListenContexts,
      module: "config",
    });
    return !Array.isArray(changedConfigs) || changedConfigs.length === 0;
  }

  #notified({ dataId, group }: Fields): void {
    if (dataId === this.#key.dataId && group === this.#key.group) this.#wake?.();
  }
}
