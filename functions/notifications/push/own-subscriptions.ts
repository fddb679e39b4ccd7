// A user's subscriptions: at most so many, and each browser once.

import { isDeepStrictEqual } from "node:util";
import { conflict } from "../../../lib/core/domain-error.ts";
import type { NotificationPorts } from "../ports.ts";
import { isCurrent, isSameBrowser, type Subscription } from "./subscription.ts";

const MOST_PER_USER = 20;

type Ports = Pick<NotificationPorts, "push" | "now">;

/** The subscriptions of the user that push services may still know. */
export async function ownSubscriptions(
  { push, now }: Ports,
  userId: string,
): Promise<readonly Subscription[]> {
  const read = await Promise.all((await push.records.idsOf(userId)).map((id) => push.records.read(id)));
  return read
    .filter((found) => found !== undefined)
    .filter((found) => found.user_id === userId && isCurrent(found, now()));
}

/** The public VAPID key for new subscriptions. */
export function currentVapidKey({ push }: Ports): string {
  const [current] = push.vapidKeys();
  if (current === undefined) throw new Error("There is no VAPID key");
  return current.publicKey;
}

/**
 * Stores the subscription; returns the one that is there if it is the same. One of a browser that another user has used moves to
 * this one, if its secrets are the same.
 * @throws {DomainError} conflict `subscription_taken`, `too_many_subscriptions`.
 */
export async function subscribe(ports: Ports, wanted: Subscription): Promise<Subscription> {
  const { records } = ports.push;
  const earlier = await records.read(wanted.id);
  if (earlier !== undefined && !isSameBrowser(earlier, wanted))
    throw conflict("subscription_taken", "This endpoint belongs to a browser with other keys.");
  if (earlier?.user_id === wanted.user_id) {
    const renewed = { ...wanted, created_at: earlier.created_at };
    if (isDeepStrictEqual(renewed, earlier)) return earlier;
    await records.write(renewed);
    return renewed;
  }
  await requirePlace(ports, wanted.user_id);
  await records.write(wanted);
  return wanted;
}

/** @throws {DomainError} conflict `too_many_subscriptions`. Forgets those for which no message can be signed any more. */
async function requirePlace(ports: Ports, userId: string): Promise<void> {
  const own = await ownSubscriptions(ports, userId);
  if (own.length < MOST_PER_USER) return;
  const known = new Set(ports.push.vapidKeys().map(({ publicKey }) => publicKey));
  const useless = own.filter(({ vapid_key }) => !known.has(vapid_key));
  await Promise.all(useless.map(({ id }) => ports.push.records.remove(id)));
  if (own.length - useless.length >= MOST_PER_USER) {
    const detail = `A user may have ${MOST_PER_USER} subscriptions; delete one first.`;
    throw conflict("too_many_subscriptions", detail);
  }
}
