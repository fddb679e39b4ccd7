// Whether this process shows metrics, and on which port.

import type { Config } from "../../lib/config/env.ts";
import type { WantedPort } from "../shared/ports.ts";

/** The port for metrics; undefined where METRICS_PORT is off. */
export const wantedMetrics = ({
  METRICS_PORT: port,
}: Pick<Config, "METRICS_PORT">): WantedPort | undefined =>
  port === undefined ? undefined : { port, purpose: "metrics", setting: "METRICS_PORT in .env" };
