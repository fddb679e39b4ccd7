// Which traces are recorded for a receiver, by the standard's OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG
// (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/#general-sdk-configuration).

/** Whether a trace is recorded. `caller`: what the caller says of it; undefined where it begins here. */
export type TraceSampler = (traceId: string, caller: boolean | undefined) => boolean;

const PARENT_BASED = "parentbased_";
/** Hex digits that a double holds exactly. */
const DIGITS = 13;
const ALL = 16 ** DIGITS;

/**
 * The sampler `name`, with the share `arg` for one by ratio. What is empty or not known (the start has refused it: lib/config/env.ts) is the default: as
 * the caller says, and all that begin here.
 */
export function samplerOf(name: string, arg: string): TraceSampler {
  const own = ofTraces(name.replace(PARENT_BASED, ""), arg);
  const asTheCallerSays = name === "" || name.startsWith(PARENT_BASED);
  return asTheCallerSays ? (traceId, caller) => caller ?? own(traceId) : own;
}

function ofTraces(name: string, arg: string): (traceId: string) => boolean {
  if (name === "always_off") return () => false;
  if (name !== "traceidratio" || arg === "") return () => true;
  const share = Number(arg) * ALL;
  // Of the last 16 digits, as the SDKs for Go and Python: a service that decides by the same share records the same traces.
  return (traceId) => Number.parseInt(traceId.slice(16, 16 + DIGITS), 16) < share;
}
