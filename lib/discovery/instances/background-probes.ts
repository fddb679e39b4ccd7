// Active probes, in the background: end the ejection of an instance that answers, and eject a suspect one that does not. No call
// serves as a trial.
// Source: "active health checking" beside passive ejection, as in Envoy
// (https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/health_checking).

import type { Endpoint } from "./endpoint.ts";
import type { Probe } from "./probe.ts";

export interface BackgroundProbesPorts {
  readonly probe: Pick<Probe, "find">;
  /** Called when another service or instance answers at an instance's address. */
  readonly onMisdirected: (service: string) => void;
  /** Monotonic milliseconds. */
  readonly monotonic: () => number;
}

export class BackgroundProbes {
  readonly #ports: BackgroundProbesPorts;
  readonly #suspects = new WeakSet<Endpoint>();

  constructor(ports: BackgroundProbesPorts) {
    this.#ports = ports;
  }

  /** Probes an ejected instance that is due for a trial; it recovers if it answers. */
  probeEjected(endpoint: Endpoint): void {
    endpoint.ejection.beginTrial(this.#ports.monotonic());
    void this.#probe(endpoint);
  }

  /** Probes an instance that did not reply to a request, one probe at a time; ejects it if the probe gets no reply either. */
  probeSuspect(endpoint: Endpoint): void {
    if (this.#suspects.has(endpoint)) return;
    this.#suspects.add(endpoint);
    void this.#probe(endpoint).finally(() => this.#suspects.delete(endpoint));
  }

  async #probe(endpoint: Endpoint): Promise<void> {
    const finding = await this.#ports.probe.find(endpoint.instance);
    const now = this.#ports.monotonic();
    if (finding === "healthy") {
      endpoint.misdirected = false;
      endpoint.ejection.probeSucceeded(now);
      return;
    }
    endpoint.ejection.failed(now, finding === "silent" ? "hung" : "gone");
    if (finding !== "misdirected") return;
    endpoint.misdirected = true;
    this.#ports.onMisdirected(endpoint.instance.service);
  }
}
