// POST /internal/notifications/

import { type HttpRequest, httpHandler } from "../../../lib/http/handler.ts";
import { isAddress } from "../contact-book.ts";
import { notifications } from "../contract.ts";
import { type EmailDelivery, notificationOf, pendingEmail } from "../notification.ts";
import { type NotificationService, notificationService } from "../service.ts";

const route = notifications.routes.recordEvent;
type Request = Pick<HttpRequest<typeof route>, "body" | "scope">;
type Party = Request["body"]["parties"][number];

/** Records the event for each party: one write each, and no read. What is recorded already stays as it is. */
export async function record(service: NotificationService, { body, scope }: Request) {
  const { store, ports } = service;
  const now = ports.now();
  await Promise.all(
    body.parties.map(async (party) => {
      const email = emailFor(service, party, now);
      const notification = notificationOf(body, party, email, now);
      const created = await store.create(notification);
      if (created && email) await ports.hint(notification.id, scope.traceparent);
    }),
  );
  return { status: 200 as const, body: { recorded: body.parties.length } };
}

/** A mail where the party has an address. One that this process does not know is left for the relay to look up. */
function emailFor({ ports }: NotificationService, party: Party, now: number): EmailDelivery | undefined {
  if (!ports.mailEnabled) return undefined;
  if (isAddress(party.email)) return pendingEmail(party.email, now);
  const known = ports.knownAddress(party.user_id);
  return known === null ? undefined : pendingEmail(known ?? null, now);
}

export const handler = httpHandler(notifications, route, (request) => record(notificationService(), request));
