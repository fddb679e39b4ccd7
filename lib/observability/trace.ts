// W3C Trace Context (https://www.w3.org/TR/trace-context/): read `traceparent`, or begin a trace.

import { randomBytes } from "node:crypto";

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

export interface Trace {
  /** 32 hex digits, the same in every service a request passes through. */
  readonly traceId: string;
  /** `traceparent` to send to peers and back to the caller. */
  readonly traceparent: string;
}

/** Continues the trace of an incoming `traceparent`; starts a new one when it is missing or malformed. */
export function continueTrace(header: string | undefined): Trace {
  const match = header === undefined ? null : TRACEPARENT.exec(header);
  const valid = match?.[1] !== undefined && !/^0+$/.test(match[1]);
  const traceId = valid && match[1] !== undefined ? match[1] : randomBytes(16).toString("hex");
  return { traceId, traceparent: `00-${traceId}-${randomBytes(8).toString("hex")}-${match?.[3] ?? "01"}` };
}
