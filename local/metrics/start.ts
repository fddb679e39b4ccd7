// Starts measuring, and the page that shows it. Loaded only where METRICS_PORT is set.

import type { Config } from "../../lib/config/env.ts";
import { isLoopback } from "../../lib/core/host.ts";
import { setMeter } from "../../lib/observability/meter.ts";
import { loopbackNames, servedNames } from "../shared/listener/hosts.ts";
import type { Log } from "../shared/log.ts";
import { addGauges, type GaugeSource } from "./gauges.ts";
import { createInstruments } from "./instruments.ts";
import { createMetricsPage } from "./page.ts";

export interface Metrics {
  readonly port: number;
  close(): Promise<void>;
}

const CLOSE_MS = 500;

/**
 * Measures from now on, and shows it at `METRICS_HOST` and `port`.
 * @throws Node's own error (`EADDRINUSE`) when the address can't be used.
 */
export async function openMetrics(
  port: number,
  config: Pick<Config, "METRICS_HOST" | "DEBUG" | "ALLOWED_HOSTS">,
  source: GaugeSource,
  log: Log,
): Promise<Metrics> {
  const { registry, meter } = createInstruments(source);
  const refresh = addGauges(registry, source);
  const host = config.METRICS_HOST;
  const here = isLoopback(host);
  const page = createMetricsPage({
    reach: here ? "loopback" : "configured",
    hosts: here ? loopbackNames : servedNames(config),
    contentType: registry.contentType,
    async text() {
      await refresh();
      return registry.metrics();
    },
    log,
  });
  const opened = await page.open({ host, port });
  setMeter(meter);
  return {
    port: opened,
    async close() {
      setMeter(undefined);
      await page.close(CLOSE_MS);
    },
  };
}
