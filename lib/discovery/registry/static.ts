// The registry port for services at fixed addresses, without a registry server: as on AWS, where the stack's URLs are settings.

import { urlVariable } from "../../core/service-name.ts";
import type { UrlOf } from "../settings/settings.ts";
import type { Instance, Registration, Registry, Unwatch } from "./registry.ts";

/** A service has no fixed address, and there is no registry to look it up in. */
export class ServiceAddressUnknown extends Error {
  readonly code = "service_address_unknown";

  constructor(service: string) {
    super(
      `No address of ${service} is known: set ${urlVariable(service)}, or NACOS_SERVER if it is in a registry`,
    );
    this.name = "ServiceAddressUnknown";
  }
}

/**
 * Lists one instance, always healthy, for each service for which `urlOf` returns a URL. All others are looked up in
 * `others`; without it `list` throws {@link ServiceAddressUnknown}, and `register` does nothing.
 */
export class StaticRegistry implements Registry {
  readonly #urlOf: UrlOf;
  readonly #others: Registry | undefined;

  constructor(urlOf: UrlOf, others?: Registry) {
    this.#urlOf = urlOf;
    this.#others = others;
  }

  async register(registration: Registration): Promise<void> {
    await this.#others?.register(registration);
  }

  async deregister(registration: Registration): Promise<void> {
    await this.#others?.deregister(registration);
  }

  async list(service: string): Promise<readonly Instance[]> {
    const url = this.#urlOf(service);
    if (url !== undefined) return [instanceAt(service, url)];
    if (this.#others === undefined) throw new ServiceAddressUnknown(service);
    return this.#others.list(service);
  }

  watch(service: string, onChange: (instances: readonly Instance[]) => void): Unwatch {
    const url = this.#urlOf(service);
    if (url !== undefined) onChange([instanceAt(service, url)]);
    else if (this.#others !== undefined) return this.#others.watch(service, onChange);
    return () => {};
  }

  reachable(): boolean {
    return this.#others?.reachable() ?? true;
  }

  async close(): Promise<void> {
    await this.#others?.close();
  }
}

function instanceAt(service: string, url: string): Instance {
  const { protocol, hostname, port } = new URL(url);
  return {
    service,
    host: hostname,
    port: Number(port) || (protocol === "https:" ? 443 : 80),
    url: url.replace(/\/+$/, ""),
    weight: 1,
    healthy: true,
    enabled: true,
    metadata: {},
  };
}
