// Hands messages over to browsers' push services: encrypted for the browser (RFC 8291), signed with a VAPID key (RFC 8292).

import { retryAfter } from "../../../lib/core/retry-after.ts";
import { type Outgoing, OutgoingFailure, type OutgoingReply } from "../../../lib/http/outgoing.ts";
import { asSpan } from "../../../lib/observability/span.ts";
import { DeliveryFailure, failureKindOf } from "../../../lib/outbox/failure.ts";
import type { PushOutcome, PushSender } from "./push-ports.ts";
import type { VapidKey } from "./vapid-keys.ts";

/** Milliseconds that a push service may take; less than a relay has for all it does. */
const WITHIN_MS = 6_000;
/** Longest pause that a push service can ask for, in milliseconds. */
const LONGEST_PAUSE_MS = 3_600_000;

export interface PushServiceOptions {
  readonly outgoing: Outgoing;
  vapidKeys(): readonly VapidKey[];
  /** How push services reach whoever runs this system: a `mailto:` or `https:` URL. */
  readonly subject: string;
  readonly now: () => number;
}

/** A sender by HTTP. Loads the encryption with the first message. */
export function pushServiceSender({ outgoing, vapidKeys, subject, now }: PushServiceOptions): PushSender {
  return {
    async send(subscription, message, { ttl, urgency, topic }) {
      const key = vapidKeys().find(({ publicKey }) => publicKey === subscription.vapid_key);
      if (key === undefined) return "unknown_key";
      const { buildPushPayload } = await import("@block65/webcrypto-web-push");
      const { endpoint, p256dh, auth } = subscription;
      const url = new URL(endpoint);
      const { headers, body } = await buildPushPayload(
        { data: message, options: { ttl, urgency, topic } },
        { endpoint, expirationTime: null, keys: { p256dh, auth } },
        { subject, ...key },
      );
      const exchange = () =>
        outgoing({ url, method: "POST", headers: { ...headers }, body, timeoutMs: WITHIN_MS });
      return outcomeOf(await asPush(url, exchange), url, now());
    },
  };
}

/** A span with the push service's name; the rest of the endpoint is a secret. */
const asPush = (url: URL, exchange: () => Promise<OutgoingReply>): Promise<OutgoingReply> =>
  asSpan(
    () => ({
      name: "send web push",
      kind: "client",
      attributes: {
        "messaging.operation.name": "send",
        "messaging.operation.type": "send",
        "server.address": url.hostname,
      },
    }),
    async () => {
      try {
        return await exchange();
      } catch (error) {
        if (error instanceof OutgoingFailure)
          throw new DeliveryFailure(
            "away",
            `The push service ${url.hostname} gave no reply: ${error.reason}`,
          );
        throw error;
      }
    },
  );

/** What a push service's reply means (RFC 8030, 5 and 7.3). */
function outcomeOf({ status, headers }: OutgoingReply, { hostname }: URL, now: number): PushOutcome {
  if (status >= 200 && status < 300) return "accepted";
  if (status === 404 || status === 410) return "gone";
  throw new DeliveryFailure(
    // All 5xx of somebody else's service say that it does not work now.
    status >= 500 ? "away" : failureKindOf(status),
    `The push service ${hostname} answered ${status}`,
    retryAfter(headers["retry-after"], now, LONGEST_PAUSE_MS),
  );
}
