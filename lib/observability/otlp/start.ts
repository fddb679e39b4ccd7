// Starts sending spans. Loaded only where OTEL_EXPORTER_OTLP_ENDPOINT is set.

import { serviceLog } from "../log.ts";
import { type Attributes, setSpanRecorder } from "../span.ts";
import { SpanExporter } from "./exporter.ts";
import { headersIn } from "./header-list.ts";
import { samplerOf } from "./sampler.ts";
import { otlpSender } from "./send.ts";

export interface OtlpSettings {
  /** Base URL of a receiver: traces go to `<endpoint>/v1/traces`. */
  readonly endpoint: string;
  /** Headers of each request, as `name=value` with commas between, values percent-encoded (OTEL_EXPORTER_OTLP_HEADERS). */
  readonly headers: string;
  /** OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG. */
  readonly sampler: string;
  readonly samplerArg: string;
  /** Attributes of the process. */
  readonly process: Attributes;
}

/** Records spans from now on, and sends them by `settings`. */
export function startOtlp({ endpoint, headers, sampler, samplerArg, process }: OtlpSettings): void {
  const exporter = new SpanExporter({
    samples: samplerOf(sampler, samplerArg),
    send: otlpSender(
      `${endpoint.replace(/\/+$/, "")}/v1/traces`,
      Object.fromEntries(headersIn(headers).filter((header) => header !== undefined)),
      process,
    ),
    report: (dropped, reason) => serviceLog("telemetry").warn({ dropped, reason }, "spans were dropped"),
    monotonic: () => performance.now(),
  });
  setSpanRecorder(exporter);
}
