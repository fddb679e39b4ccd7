// What spans of requests say was answered about orders: whoever got a 2xx may rely on it.

import type { RecordedSpan } from "../../../lib/observability/span.ts";
import type { PlainStep } from "../../../tools/promises/deal-record.ts";

export interface Answered {
  readonly orderId: string;
  /** What the answer acknowledges; undefined for a mere reading. */
  readonly step: PlainStep | undefined;
  /** Who was shown the order, or changed it; undefined where the answer shows something else. */
  readonly reader: string | undefined;
}

const STEPS: ReadonlyMap<string, PlainStep> = new Map([
  ["POST /api/orders/", "order created"],
  ["POST /api/orders/{id}/cancel/", "order cancelled"],
  ["POST /api/orders/{id}/complete/", "order completed"],
  ["DELETE /api/orders/{id}/", "order deleted"],
  ["POST /api/payments/", "payment begun"],
  ["POST /api/payments/{id}/cancel/", "payment cancelled"],
]);

/** Only the parties of an order get these; others of its payment may be given to those who support. */
const OF_ORDERS = "/api/orders/";

/** What a request of that name, a method and a route, acknowledges when it {@link isAnswered}. */
export const stepOf = (name: string): PlainStep | undefined => STEPS.get(name);

export const isAnswered = (status: number): boolean => (status >= 200 && status < 300) || status === 304;

/** What the request of `span` was answered about one order; undefined for all other spans. */
export function answeredIn({
  kind,
  attributes,
}: Pick<RecordedSpan, "kind" | "attributes">): Answered | undefined {
  const [orderId, route, status] = [
    attributes["cfmp.order.id"],
    attributes["http.route"],
    attributes["http.response.status_code"],
  ];
  if (kind !== "server" || typeof orderId !== "string" || typeof route !== "string") return undefined;
  if (typeof status !== "number" || !isAnswered(status)) return undefined;
  const user = attributes["user.id"];
  return {
    orderId,
    step: stepOf(`${String(attributes["http.request.method"])} ${route}`),
    reader: route.startsWith(OF_ORDERS) && typeof user === "string" ? user : undefined,
  };
}
