// The mail of a notification: when it is due, and what its outcome makes of it. Pure.

import { exhausted, pauseAfter, type Retry } from "../../lib/core/retry.ts";
import { DELIVERY } from "../../lib/outbox/outbox.ts";
import type { EmailDelivery, Notification } from "./notification.ts";

/** What came of one try. `refused`: for good. `no_address`: the user's address was looked up, and there is none. */
export type MailOutcome =
  | { readonly kind: "sent"; readonly to: string }
  | { readonly kind: "failed" | "refused"; readonly to: string | null }
  | { readonly kind: "no_address" };

/** Mail that could not be handed over for five days is given up (RFC 5321 §4.5.4.1 says 4 to 5). */
const MAIL: Retry = { ...DELIVERY, maxAge: 5 * 24 * 3_600_000 };

/** The same for every try, so that a receiver can tell a repeated mail. */
export const messageIdOf = (notification: Notification): string => `<${notification.id}@cfmp-order.example>`;

/** When the mail must be looked at again, in epoch milliseconds; undefined when there is none to send. */
export function mailDueAt({ channels: { email } }: Notification): number | undefined {
  return email?.status === "pending" ? Date.parse(email.next_at) : undefined;
}

/** The mail that is to be tried at `now`: a new one at once, one that failed when its time has come. */
export function dueMail(notification: Notification, now: number): EmailDelivery | undefined {
  const { email } = notification.channels;
  if (email?.status !== "pending") return undefined;
  return email.attempts === 0 || Date.parse(email.next_at) <= now ? email : undefined;
}

/** Records what came of a try. A mail that is no longer pending stays as it is. */
export function recordMail(notification: Notification, outcome: MailOutcome, now: number): Notification {
  const { email, ...others } = notification.channels;
  if (email?.status !== "pending") return notification;
  if (outcome.kind === "no_address") return { ...notification, channels: others };
  const next = nextDelivery(email, outcome, now - Date.parse(notification.arrived_at), now);
  return { ...notification, channels: { ...others, email: next } };
}

function nextDelivery(
  email: EmailDelivery,
  outcome: Exclude<MailOutcome, { kind: "no_address" }>,
  age: number,
  now: number,
): EmailDelivery {
  const { to } = outcome;
  if (outcome.kind === "sent") return { ...email, to, status: "sent" };
  const attempts = email.attempts + 1;
  if (outcome.kind === "refused" || exhausted(attempts, age, MAIL))
    return { ...email, to, status: "unreachable", attempts };
  return { ...email, to, attempts, next_at: new Date(now + pauseAfter(attempts, MAIL)).toISOString() };
}
