// What NotificationService offers to OrderService and PaymentService: their functions on AWS contain this instead of its whole contract.

import * as z from "zod";
import { type BodyInput, type Contract, defineRoute } from "../../lib/contract/route.ts";
import { id, text, timestamp, userId } from "../../lib/contract/schemas.ts";
import { EVENTS, ROLES } from "../events.ts";

export const forPeers = {
  service: "NotificationService",
  title: "Notifications",
  description: "Notifications of users, in the application, by e-mail, by push and by webhook.",
  basePath: "/api/notifications",
  routes: {
    recordEvent: defineRoute({
      id: "recordEvent",
      method: "POST",
      path: "/internal/notifications/",
      summary: "Record an event: one notification per party, however often it is delivered",
      access: "service",
      callers: ["OrderService", "PaymentService"],
      // Unknown fields are ignored: during a rolling deploy a peer may be one version ahead.
      body: () =>
        z.object({
          /** The same in every delivery of this event; a repeated delivery has no effect. */
          event_id: text(200),
          event: z.enum(EVENTS),
          occurred_at: timestamp(),
          related_id: id(),
          /** Values for the texts: `total_amount`, `currency`, and for some events `amount` and `reason`. */
          data: z.record(z.string(), z.string()),
          parties: z
            .array(
              z.object({
                user_id: userId(),
                role: z.enum(ROLES),
                email: z.string().nullable(),
                /** The language in which the order was placed; senders of earlier versions do not have it. */
                locale: z.string().optional(),
              }),
            )
            .min(1)
            .max(2),
        }),
      replies: { 200: { description: "Recorded", schema: () => z.object({ recorded: z.int() }) } },
    }),
  },
} satisfies Contract;

/** An event as the other services deliver it. */
export type PartyEvent = BodyInput<typeof forPeers.routes.recordEvent>;
