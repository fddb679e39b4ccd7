// Finds out behind the calls whether an instance can be trusted again, or no longer: a probe costs nobody a request.
// Source: "active health checking" beside passive ejection, as in Envoy
// (https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/health_checking).

import type { Endpoint } from "./endpoint.ts";
import type { Probe } from "./probe.ts";

export interface RecoveryPorts {
  readonly probe: Pick<Probe, "find">;
  /** Another listener answers at an instance's address. */
  readonly onStranger: (service: string) => void;
  /** Milliseconds that never jump. */
  readonly monotonic: () => number;
}

export class Recovery {
  readonly #ports: RecoveryPorts;
  readonly #doubted = new WeakSet<Endpoint>();

  constructor(ports: RecoveryPorts) {
    this.#ports = ports;
  }

  /** Probes an ejected instance that is due for a trial; it comes back if it answers. */
  tryOut(endpoint: Endpoint): void {
    endpoint.ejection.tryOut(this.#ports.monotonic());
    void this.#probe(endpoint);
  }

  /** Probes an instance that left a request without a reply, once at a time; it goes out if it does not answer this either. */
  doubt(endpoint: Endpoint): void {
    if (this.#doubted.has(endpoint)) return;
    this.#doubted.add(endpoint);
    void this.#probe(endpoint).finally(() => this.#doubted.delete(endpoint));
  }

  async #probe(endpoint: Endpoint): Promise<void> {
    const finding = await this.#ports.probe.find(endpoint.instance);
    const now = this.#ports.monotonic();
    if (finding === "alive") {
      endpoint.misdirected = false;
      endpoint.ejection.probed(now);
      return;
    }
    endpoint.ejection.failed(now, true, finding !== "silent");
    if (finding !== "stranger") return;
    endpoint.misdirected = true;
    this.#ports.onStranger(endpoint.instance.service);
  }
}
