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
  await takePlace(ports, wanted);
  await records.write(wanted);
  // Another request may have taken the place for one without a record, before that was written.
  if (!(await records.takePlace(wanted, MOST_PER_USER))) {
    await records.remove(wanted);
    throw tooMany();
  }
  if (earlier !== undefined) await records.freePlace(earlier);
  return wanted;
}

/** @throws {DomainError} conflict `too_many_subscriptions`. */
async function takePlace(ports: Ports, wanted: Subscription): Promise<void> {
  const { records } = ports.push;
  await countEarlier(ports, wanted.user_id);
  if (await records.takePlace(wanted, MOST_PER_USER)) return;
  await freePlaces(ports, wanted.user_id);
  if (!(await records.takePlace(wanted, MOST_PER_USER))) throw tooMany();
}

/** Subscriptions that an earlier version stored have no places yet. */
async function countEarlier({ push: { records } }: Ports, userId: string): Promise<void> {
  if ((await records.placesOf(userId)).length > 0) return;
  for (const id of await records.idsOf(userId))
    await records.takePlace({ id, user_id: userId }, MOST_PER_USER);
}

/**
 * Frees the places of what is none of the user's any more: no push service knows it, nothing can be signed for it, another user has the
 * browser, or a process was killed before its record was written.
 */
async function freePlaces({ push, now }: Ports, userId: string): Promise<void> {
  const { records } = push;
  const known = new Set(push.vapidKeys().map(({ publicKey }) => publicKey));
  // Not by the index, which may not have the latest ones yet.
  for (const id of await records.placesOf(userId)) {
    const found = await records.read(id);
    if (found?.user_id !== userId) await records.freePlace({ id, user_id: userId });
    else if (!isCurrent(found, now()) || !known.has(found.vapid_key)) await records.remove(found);
  }
}

const tooMany = () =>
  conflict("too_many_subscriptions", `A user may have ${MOST_PER_USER} subscriptions; delete one first.`);
