// The spans of a relay and of its deliveries; attributes by OpenTelemetry's conventions for messaging
// (https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/).

import type { Scope } from "../core/scope.ts";
import { type Begun, beginSpan, ending, inSpan } from "../observability/span.ts";
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
 * `work` as the delivery of `event`. It belongs to the trace in which the event came about, however late it is delivered: below
 * the relay's run if that is part of it, else below the span that made the event. Events without a trace are below the run.
 */
export function asDelivery<T>(
  { id, attempts, traceparent }: OutboxEvent<unknown>,
  { service, traceparent: run }: Pick<Scope, "service" | "traceparent">,
  work: () => Promise<T>,
): Promise<T> {
  const sameTrace = run.slice(3, 35) === traceparent?.slice(3, 35);
  const begun = beginSpan(sameTrace ? run : (traceparent ?? run), () => ({
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
  return begun?.span === undefined ? work() : inSpan(begun.span, () => ending(begun.span, work));
}
