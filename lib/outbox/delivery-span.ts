// The spans of a relay and of its deliveries; attributes by OpenTelemetry's conventions for messaging
// (https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/).

import { type Scope, scopeOf } from "../core/scope.ts";
import { activeSpan, type Begun, beginSpan, ending, inSpan } from "../observability/span.ts";
import { isSampledTrace, traceOf } from "../observability/trace.ts";
import type { OutboxEvent } from "./outbox.ts";

const SYSTEM = "cfmp_outbox";

/** The run of a relay for the aggregate `id`: part of the request that hinted to it, or in a sweep a trace of its own. */
export const beginRelayRun = (
  service: string,
  relay: string,
  id: string,
  traceparent: string | undefined,
): Begun | undefined =>
  beginSpan(traceparent, () => ({
    service,
    name: `process ${relay}`,
    kind: "consumer",
    attributes: {
      "messaging.system": SYSTEM,
      "messaging.operation.name": "process",
      "messaging.operation.type": "process",
      "messaging.destination.name": relay,
      "cfmp.aggregate.id": id,
    },
  }));

/**
 * `work` as the delivery of `event`, in a scope of the event's trace. It belongs to the trace in which the event came about, however late it is
 * delivered: below the relay's run if that is part of it, else below the span that made the event. An event without a trace came about where none was
 * recorded: it is below the run of a sweep, which has a trace of its own, and begins one in a run that is part of another request.
 */
export function asDelivery<T>(
  { id, attempts, traceparent }: OutboxEvent<unknown>,
  scope: Scope,
  work: (scope: Scope) => Promise<T>,
): Promise<T> {
  const { service, traceparent: run } = scope;
  // Part of a run that is not recorded, it is not either.
  if (traceparent === undefined && !isSampledTrace(run)) return work(scope);
  const parent = traceparent ?? (activeSpan()?.hasParent === true ? undefined : run);
  const begun = beginSpan(parent !== undefined && inSameTrace(run, parent) ? run : parent, () => ({
    service,
    name: `send ${service} events`,
    kind: "producer",
    attributes: {
      "messaging.system": SYSTEM,
      "messaging.operation.name": "send",
      "messaging.operation.type": "send",
      "messaging.destination.name": `${service} events`,
      "messaging.message.id": id,
      "cfmp.delivery.attempt": attempts + 1,
    },
  }));
  if (begun === undefined) return work(scope);
  const own = inSameTrace(run, begun.traceparent) ? scope : inTrace(scope, begun.traceparent, id);
  const { span } = begun;
  return inSpan(span, () => ending(span, () => work(own)));
}

const inSameTrace = (one: string, other: string): boolean => one.slice(3, 35) === other.slice(3, 35);

/** As `scope`, in the trace of `traceparent`: what is called, and logged, for `event` belongs there. */
const inTrace = ({ service, requestId, deadline }: Scope, traceparent: string, event: string): Scope =>
  scopeOf(service, requestId, traceOf(traceparent), deadline, { event });
