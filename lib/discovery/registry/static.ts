// Services at known addresses: the registry port without a registry, as on AWS where the stack's own URLs are settings.

import type { Instance, Registration, Registry, Unwatch } from "./registry.ts";

/** URL by service name. */
export type ServiceUrls = Readonly<Record<string, string>>;

/**
 * Knows one instance, always healthy, for each service in `urls`. All else goes to `others`, or is unknown without it:
 * then there is nothing to announce to, and announcing does nothing.
 */
export class StaticRegistry implements Registry {
  readonly #known: ReadonlyMap<string, readonly Instance[]>;
  readonly #others: Registry | undefined;

  constructor(urls: ServiceUrls, others?: Registry) {
    this.#known = new Map(
      Object.entries(urls).map(([service, url]) => [service, [instanceAt(service, url)]]),
    );
    this.#others = others;
  }

  async register(registration: Registration): Promise<void> {
    await this.#others?.register(registration);
  }

  async deregister(registration: Registration): Promise<void> {
    await this.#others?.deregister(registration);
  }

  async list(service: string): Promise<readonly Instance[]> {
    return this.#known.get(service) ?? (await this.#others?.list(service)) ?? [];
  }

  watch(service: string, onChange: (instances: readonly Instance[]) => void): Unwatch {
    const known = this.#known.get(service);
    if (known === undefined && this.#others !== undefined) return this.#others.watch(service, onChange);
    onChange(known ?? []);
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
