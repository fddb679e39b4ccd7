// Whether this process sends spans to a receiver: where OTEL_EXPORTER_OTLP_ENDPOINT is set, from the first request on.

import type { Attributes } from "./span.ts";
import { spanRecorder } from "./span.ts";

let starting: Promise<void> | undefined;
let decided = false;

/** Base URL of the receiver that the settings name; undefined where they name none. */
export const spanReceiver = (env: NodeJS.ProcessEnv = process.env): string | undefined =>
  env["OTEL_EXPORTER_OTLP_ENDPOINT"] || undefined;

/**
 * Starts sending spans, if the settings say so, at the first call. Returns what has to be awaited before the first span;
 * undefined when nothing has.
 */
export function tracingReady(env: NodeJS.ProcessEnv = process.env): Promise<void> | undefined {
  if (decided) return starting;
  decided = true;
  const endpoint = spanReceiver(env);
  if (endpoint === undefined) return undefined;
  starting = import("./otlp/start.ts").then(({ startOtlp }) => {
    startOtlp({
      endpoint,
      headers: env["OTEL_EXPORTER_OTLP_HEADERS"] ?? "",
      sampler: env["OTEL_TRACES_SAMPLER"] ?? "",
      samplerArg: env["OTEL_TRACES_SAMPLER_ARG"] ?? "",
      process: processAttributes(env),
    });
    starting = undefined;
  });
  return starting;
}

/** Resolves when the spans of this process are sent, within a few seconds; undefined where there are none. */
export const flushSpans = (): Promise<void> | undefined => spanRecorder()?.flush();

/** {@link flushSpans} before the process ends: what could not be sent is reported, and counted as lost. */
export async function closeSpans(): Promise<void> {
  const recorder = spanRecorder();
  await (recorder?.close === undefined ? recorder?.flush() : recorder.close());
}

/** https://opentelemetry.io/docs/specs/semconv/resource/ */
const processAttributes = (env: NodeJS.ProcessEnv): Attributes => ({
  "service.namespace": "cfmp-order",
  "service.instance.id": env["CFMP_INSTANCE"] ?? env["AWS_LAMBDA_LOG_STREAM_NAME"],
  "faas.name": env["AWS_LAMBDA_FUNCTION_NAME"],
  "process.pid": process.pid,
  "telemetry.sdk.name": "cfmp-order",
  "telemetry.sdk.language": "nodejs",
});
