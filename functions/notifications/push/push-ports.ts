// The ports of Web Push; tests and simulations provide their own.

import type { Subscription } from "./subscription.ts";
import type { SubscriptionRecords } from "./subscription-records.ts";
import type { VapidKey } from "./vapid-keys.ts";

/** What a push service is told about a message besides its encrypted text (RFC 8030, 5). */
export interface PushTerms {
  /** Seconds for which it is kept for a browser that can't be reached. */
  readonly ttl: number;
  readonly urgency: "low" | "normal" | "high";
  /** A message that waits there under the same topic is replaced, so a repeated one is shown once. */
  readonly topic: string;
}

/**
 * `gone`: the push service does not know the subscription any more. `unknown_key`: it was made with a VAPID key that is not in the
 * settings any more, so no push service would take the message.
 */
export type PushOutcome = "accepted" | "gone" | "unknown_key";

export interface PushSender {
  /** Hands the message over. @throws {DeliveryFailure} when the push service did not take it. */
  send(subscription: Subscription, message: string, terms: PushTerms): Promise<PushOutcome>;
}

export interface PushPorts {
  readonly records: SubscriptionRecords;
  /** The keys in use: the first for new subscriptions, the others for those that were made with them. */
  vapidKeys(): readonly VapidKey[];
  readonly sender: PushSender;
  /** Whether push services may be anywhere, as on a developer's machine. */
  readonly anywhere: boolean;
}
