// Reads one configuration in Nacos, by the API that the server supports, and waits for its next change.

import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { once } from "../core/once.ts";
import { type ApiChoice, NacosApi } from "../nacos/api.ts";
import { RegistryRefused } from "../nacos/errors.ts";
import { GrpcClient } from "../nacos/grpc-client.ts";
import type { NacosTransport } from "../nacos/transport.ts";
import type { Log } from "../observability/log.ts";
import { GrpcConfig } from "./grpc-config.ts";
import { md5Of } from "./live-config.ts";

export interface NacosConfigOptions extends ApiChoice {
  readonly transport: NacosTransport;
  readonly log: Log;
  readonly namespace: string;
  readonly group: string;
  readonly dataId: string;
}

const [FIELD, RECORD] = ["\u0002", "\u0001"];
/** Milliseconds for which the server holds a long poll when nothing changes; also the longest time a change can be missed. */
const LONG_POLL_MS = 25_000;
const GRACE_MS = 5_000;
/** Milliseconds between polls with v3 over HTTP, which has no long poll. */
const POLL_MS = 500;
const SUCCESS = 0;
const NOT_FOUND = 20_004;

const v3Reply = once(() =>
  z.looseObject({
    code: z.number(),
    message: z.string().nullish(),
    data: z.looseObject({ content: z.string().nullish() }).nullish().catch(undefined),
  }),
);

export class NacosConfig {
  readonly #options: NacosConfigOptions;
  readonly #api: NacosApi;
  #grpc: { readonly client: GrpcClient; readonly config: GrpcConfig } | undefined;

  constructor(options: NacosConfigOptions) {
    this.#options = options;
    this.#api = new NacosApi({ ...options, grpc: { connect: () => this.#byGrpc().client.connect() } });
  }

  /** The published text; undefined when nothing is published. @throws {RegistryUnavailable} {@link RegistryRefused} */
  read(): Promise<string | undefined> {
    return this.#api.run((version) => {
      if (version === "grpc") return this.#byGrpc().config.read();
      return version === "v1" ? this.#readV1() : this.#readV3();
    });
  }

  /** Resolves when the text may differ from `known`, at the latest after 30 s. @throws like {@link read} */
  async change(known: string | undefined, signal: AbortSignal): Promise<void> {
    const pause = POLL_MS * (0.9 + 0.2 * Math.random());
    await this.#api.run((version) => {
      if (version === "grpc") return this.#byGrpc().config.change(known, signal);
      return version === "v1" ? this.#listenV1(known) : sleep(pause, undefined, { signal, ref: false });
    });
  }

  /** Ends its connection, if it has one. */
  close(): void {
    this.#grpc?.client.close();
  }

  /** Made when it is first used, which is never where a process is frozen. */
  #byGrpc() {
    const { transport, namespace, log, dataId, group } = this.#options;
    if (this.#grpc === undefined) {
      const client = new GrpcClient({ transport, namespace, module: "config", log });
      const config = new GrpcConfig(client, { dataId, group, tenant: this.#tenant() ?? "" });
      this.#grpc = { client, config };
    }
    return this.#grpc;
  }

  async #readV1(): Promise<string | undefined> {
    const { transport, dataId, group } = this.#options;
    try {
      const params = { dataId, group, tenant: this.#tenant() };
      return (await transport.call("GET", "/nacos/v1/cs/configs", params)).data;
    } catch (cause) {
      // Caught here: elsewhere a 404 means that the API does not exist.
      if (cause instanceof RegistryRefused && cause.status === 404 && /not exist/.test(cause.message))
        return undefined;
      throw cause;
    }
  }

  async #listenV1(known: string | undefined): Promise<void> {
    const { transport, dataId, group } = this.#options;
    const tenant = this.#tenant();
    const fields = [
      dataId,
      group,
      known === undefined ? "" : md5Of(known),
      ...(tenant === undefined ? [] : [tenant]),
    ];
    await transport.call(
      "POST",
      "/nacos/v1/cs/configs/listener",
      {},
      {
        form: { "Listening-Configs": fields.join(FIELD) + RECORD },
        headers: { "long-pulling-timeout": String(LONG_POLL_MS) },
        timeoutMs: LONG_POLL_MS + GRACE_MS,
      },
    );
  }

  async #readV3(): Promise<string | undefined> {
    const { transport, dataId, group, namespace } = this.#options;
    const params = { dataId, groupName: group, namespaceId: namespace };
    const { data } = await transport.call("GET", "/nacos/v3/client/cs/config", params);
    const reply = v3Reply().parse(JSON.parse(data));
    if (reply.code === NOT_FOUND) return undefined;
    if (reply.code === SUCCESS && typeof reply.data?.content === "string") return reply.data.content;
    throw new RegistryRefused(transport.server, 200, `code ${reply.code}, ${reply.message}`);
  }

  /** In v1 the public namespace has an empty name. */
  #tenant(): string | undefined {
    return this.#options.namespace === "public" ? undefined : this.#options.namespace;
  }
}
