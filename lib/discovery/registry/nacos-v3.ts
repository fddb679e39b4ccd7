// Nacos' v3 client API over plain HTTP, for servers from 3.0 on. It has no push, so watches have to poll.
// Source: https://nacos.io/en/docs/v3.0/manual/user/open-api/ and what Nacos 3.1.0 answers.

import { fieldsOf } from "../../core/fields.ts";
import { RegistryRefused } from "../../nacos/errors.ts";
import type { BeatLine } from "./beat-line.ts";
import { announcedMetadata, type NacosNaming, type NacosNamingOptions } from "./nacos-naming.ts";
import type { Instance, Registration } from "./registry.ts";

const INSTANCE = "/nacos/v3/client/ns/instance";
const SUCCESS = 0;
const INSTANCE_NOT_FOUND = 21_003;

export class NacosV3 implements NacosNaming {
  readonly #options: NacosNamingOptions;
  readonly #hasLine: boolean;
  #line: BeatLine | undefined;
  #closed = false;

  /** @param hasLine whether the server takes heartbeats over a {@link BeatLine}, as the embedded registry does. */
  constructor(options: NacosNamingOptions, hasLine = false) {
    this.#options = options;
    this.#hasLine = hasLine && !options.transport.secure;
  }

  async register(registration: Registration): Promise<void> {
    const form = {
      ...this.#address(registration),
      weight: registration.weight,
      metadata: JSON.stringify(announcedMetadata(registration)),
    };
    // As a form: metadata may be long, and servers limit the length of URLs.
    const { transport } = this.#options;
    this.#successful((await transport.call("POST", INSTANCE, {}, { form })).data);
  }

  async deregister(registration: Registration): Promise<void> {
    const { data } = await this.#options.transport.call("DELETE", INSTANCE, this.#address(registration));
    this.#successful(data);
  }

  async beat(registration: Registration): Promise<void> {
    const known = (await this.#beatByLine(registration)) ?? (await this.#beatByHttp(registration));
    if (!known) await this.register(registration);
  }

  async list(service: string): Promise<readonly Instance[]> {
    const { data } = await this.#options.transport.call("GET", `${INSTANCE}/list`, this.#service(service));
    const { instancesOfV3 } = await import("./nacos-hosts.ts");
    return instancesOfV3(service, this.#successful(data));
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#line?.close();
  }

  /** Whether the registry knows the instance; undefined when it did not answer by the line. */
  async #beatByLine(registration: Registration): Promise<boolean | undefined> {
    if (this.#line?.isOpen !== true) return undefined;
    const accessToken = await this.#options.transport.accessToken();
    return this.#line.beat(this.#address(registration), accessToken);
  }

  /** The same; a registry that answers may take the next ones by the line. */
  async #beatByHttp(registration: Registration): Promise<boolean> {
    const form = { ...this.#address(registration), heartBeat: true };
    const { data } = await this.#options.transport.call("POST", INSTANCE, {}, { form });
    if (this.#hasLine) await this.#openLine();
    if (envelopeOf(data).code === INSTANCE_NOT_FOUND) return false;
    this.#successful(data);
    return true;
  }

  async #openLine(): Promise<void> {
    const { BeatLine } = await import("./beat-line.ts");
    if (this.#closed) return;
    this.#line ??= new BeatLine(`http://${this.#options.transport.server}`);
    this.#line.open();
  }

  /** The reply's data. Some refusals have status 200 and differ only in their `code`. */
  #successful(text: string): unknown {
    const { code, message, data } = envelopeOf(text);
    if (code === SUCCESS) return data;
    throw new RegistryRefused(this.#options.transport.server, 200, `code ${code}, ${message}: ${data}`);
  }

  #service(serviceName: string) {
    const { namespace, group, cluster } = this.#options;
    return { serviceName, groupName: group, namespaceId: namespace, clusterName: cluster };
  }

  #address({ service, host, port }: Registration) {
    return { ...this.#service(service), ip: host, port, ephemeral: true };
  }
}

/** What every reply has around its data. @throws {TypeError} {@link SyntaxError} when `text` is not such a reply. */
function envelopeOf(text: string): {
  readonly code: number;
  readonly message: unknown;
  readonly data: unknown;
} {
  const { code, message, data } = fieldsOf(JSON.parse(text));
  if (typeof code !== "number") throw new TypeError("The registry's reply has no code");
  return { code, message, data };
}
