// W3C Trace Context (https://www.w3.org/TR/trace-context/): reads `traceparent`, or starts a trace.

import { randomFillSync } from "node:crypto";

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

export interface Trace {
  /** 32 hex digits; the same in every service that the request passes through. */
  readonly traceId: string;
  /** `traceparent` to send to peers and back to the caller. */
  readonly traceparent: string;
}

/** Continues the trace of an incoming `traceparent` with a new span; starts a new trace when it is missing or malformed. */
export function continueTrace(header: string | undefined): Trace {
  const match = header === undefined ? null : TRACEPARENT.exec(header);
  const valid = match?.[1] !== undefined && !/^0+$/.test(match[1]);
  const traceId = valid && match[1] !== undefined ? match[1] : randomHex(16);
  return { traceId, traceparent: `00-${traceId}-${randomHex(8)}-${match?.[3] ?? "01"}` };
}

/** The trace that a `traceparent` of {@link continueTrace} names, without a new span. */
export const traceOf = (traceparent: string): Trace => ({ traceId: traceparent.slice(3, 35), traceparent });

/** The span that a valid `traceparent` names. */
export const spanIdOf = (traceparent: string): string => traceparent.slice(36, 52);

/** False for the `traceparent` of a trace whose caller says that it is not recorded. */
export const isSampled = (header: string | undefined): boolean => {
  const flags = header === undefined ? undefined : TRACEPARENT.exec(header)?.[3];
  return flags === undefined || (Number.parseInt(flags, 16) & 1) === 1;
};

const pool = Buffer.alloc(1_024);
let used = pool.length;

/** `bytes` random bytes as hex. Drawn from the system in blocks: one draw costs more than all else in a trace. */
function randomHex(bytes: number): string {
  if (used + bytes > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += bytes;
  return pool.toString("hex", used - bytes, used);
}
