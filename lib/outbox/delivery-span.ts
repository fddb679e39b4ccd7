// The spans of a relay and of its deliveries; attributes by OpenTelemetry's conventions for messaging
// (https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/).

import { beginSpan, currentSpan, ending, inSpan, type Span } from "../observability/span.ts";
import type { OutboxEvent } from "./outbox.ts";

const SYSTEM = "cfmp_outbox";

/** The span of a relay's run for the aggregate `id`: part of the request that hinted to it, or in a sweep a trace of its own. */
export const beginRelayRun = (
  service: string,
  relay: string,
  id: string,
  traceparent: string | undefined,
): Span | undefined =>
  beginSpan({
    service,
    name: `process ${relay}`,
    kind: "consumer",
    parent: traceparent,
    attributes: {
      "messaging.system": SYSTEM,
      "messaging.operation.name": "process",
      "messaging.operation.type": "process",
      "messaging.destination.name": relay,
      "cfmp.aggregate.id": id,
    },
  });

/**
 * `work` as the delivery of `event`. It belongs to the trace in which the event came about, however late it is delivered: below
 * the relay's run if that is part of it, else below the span that made the event. Events without a trace are below the run.
 */
export function asDelivery<T>(
  { id, attempts, traceparent }: OutboxEvent<unknown>,
  service: string,
  work: () => Promise<T>,
): Promise<T> {
  const run = currentSpan()?.traceparent;
  const sameTrace = run?.slice(3, 35) === traceparent?.slice(3, 35);
  const span = beginSpan({
    service,
    name: `send ${service} events`,
    kind: "producer",
    parent: sameTrace ? run : (traceparent ?? run),
    attributes: {
      "messaging.system": SYSTEM,
      "messaging.operation.name": "send",
      "messaging.operation.type": "send",
      "messaging.destination.name": `${service} events`,
      "messaging.message.id": id,
      "cfmp.delivery.attempt": attempts + 1,
    },
  });
  return inSpan(span, () => ending(span, work));
}
