// A browser's push subscription (RFC 8030, 3): where its push service takes messages for it, and the keys that encrypt them.

import { ECDH } from "node:crypto";
import { invalidValue } from "../../../lib/core/domain-error.ts";
import { derivedId } from "../../../lib/core/ids.ts";
import { iso } from "../../../lib/core/iso.ts";
import type { Locale } from "../../../lib/core/locales.ts";
import { tried } from "../../../lib/core/tried.ts";
import { outgoingUrl } from "../../../lib/http/outgoing-url.ts";
import type { SubscriptionView } from "../contract.ts";

export interface Subscription {
  readonly id: string;
  readonly user_id: string;
  /** The URL of the push service. Whoever knows it can send there, so it is neither logged nor shown. */
  readonly endpoint: string;
  /** The browser's public key (P-256, uncompressed) and its shared secret, base64url (RFC 8291). */
  readonly p256dh: string;
  readonly auth: string;
  /** The public VAPID key that the page gave its browser; the push service takes messages by no other. */
  readonly vapid_key: string;
  /** The language of the token with which it was made, if it named one. */
  readonly locale?: Locale;
  readonly created_at: string;
  /** Epoch seconds from which on the push service does not know it any more, if the browser said so. */
  readonly expires_on?: number;
}

/** A subscription as a page sends it: `PushSubscription.toJSON()`, and the key with which it was made. */
export interface NewSubscription {
  readonly endpoint: string;
  readonly expirationTime?: number | null | undefined;
  readonly keys: { readonly p256dh: string; readonly auth: string };
  readonly vapid_public_key?: string | undefined;
}

/** What is known of whoever subscribes, and of this system. */
export interface SubscribingTerms {
  readonly user: { readonly id: string; readonly locale?: Locale };
  /** Public VAPID keys that are in use, the current one first. */
  readonly vapidKeys: readonly string[];
  /** Whether push services may be anywhere, as on a developer's machine. */
  readonly anywhere: boolean;
  readonly now: number;
}

/** The id follows from the endpoint: a browser that subscribes again, for whichever user, has one record. */
const subscriptionIdOf = (endpoint: string): string => derivedId("push-subscription", endpoint);

/** @throws {DomainError} invalid `endpoint_not_allowed`, `keys_invalid`, `vapid_key_unknown`. */
export function subscriptionOf(given: NewSubscription, terms: SubscribingTerms): Subscription {
  const { endpoint, keys, expirationTime } = given;
  const { user, vapidKeys, anywhere, now } = terms;
  const url = outgoingUrl(endpoint, anywhere);
  if (typeof url === "string") throw invalidValue("endpoint_not_allowed", `The endpoint ${url}.`);
  // Push resources are https (RFC 8030, 2), on a developer's machine as well.
  if (url.protocol !== "https:") throw invalidValue("endpoint_not_allowed", "The endpoint must be https.");
  if (!isPoint(keys.p256dh))
    throw invalidValue("keys_invalid", "`keys.p256dh` must be a point of P-256, uncompressed, as base64url.");
  const vapidKey = given.vapid_public_key ?? vapidKeys[0];
  if (vapidKey === undefined || !vapidKeys.includes(vapidKey)) {
    throw invalidValue(
      "vapid_key_unknown",
      "The browser was subscribed with a key that is not in use any more; subscribe it again with the current one.",
    );
  }
  return {
    id: subscriptionIdOf(endpoint),
    user_id: user.id,
    endpoint,
    p256dh: unpadded(keys.p256dh),
    auth: unpadded(keys.auth),
    vapid_key: vapidKey,
    ...(user.locale === undefined ? {} : { locale: user.locale }),
    created_at: iso(now),
    ...(expirationTime == null ? {} : { expires_on: Math.floor(expirationTime / 1_000) }),
  };
}

const isPoint = (p256dh: string): boolean => {
  const bytes = Buffer.from(p256dh, "base64url");
  return (
    bytes.length === 65 && bytes[0] === 4 && tried(() => ECDH.convertKey(bytes, "prime256v1")) !== undefined
  );
};

const unpadded = (text: string): string => text.replace(/=+$/, "");

/** Whether both are the same browser's: nobody else knows these secrets. */
export const isSameBrowser = (one: Subscription, other: Subscription): boolean =>
  one.endpoint === other.endpoint && one.p256dh === other.p256dh && one.auth === other.auth;

/** Whether push services still know it, as far as its browser said. */
export const isCurrent = ({ expires_on }: Subscription, now: number): boolean =>
  expires_on === undefined || expires_on * 1_000 > now;

/** The subscription as its user sees it, without endpoint and secrets. */
export const subscriptionToView = ({
  id,
  endpoint,
  vapid_key,
  created_at,
  expires_on,
}: Subscription): SubscriptionView => ({
  id,
  push_service: new URL(endpoint).origin,
  vapid_public_key: vapid_key,
  created_at,
  expires_at: expires_on === undefined ? null : iso(expires_on * 1_000),
});
