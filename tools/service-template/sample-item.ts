// The rules of a sample item: pure functions from a state and a command to the next state, or a refusal.

import { notFound } from "../../lib/core/domain-error.ts";
import { iso } from "../../lib/core/iso.ts";
import { requireTarget, targetOf } from "../../lib/core/rules.ts";
import { SAMPLE_ITEM_RULES } from "./sample-item-machine.ts";
import type { SampleItemStatus } from "./sample-item-status.ts";

export interface SampleItem {
  readonly id: string;
  readonly user_id: string;
  readonly status: SampleItemStatus;
  readonly note: string;
  readonly created_at: string;
  readonly closed_at: string | null;
  readonly expires_at: string;
  /** Fingerprint of the body that created it. */
  readonly fingerprint: string;
}

/** How long a sample item stays open, in milliseconds. */
export const LIFETIME_MS = 30 * 24 * 3_600_000;

/** A new, open sample item; `now` in epoch milliseconds. */
export function createSampleItem(
  given: Pick<SampleItem, "id" | "user_id" | "note" | "fingerprint">,
  now: number,
): SampleItem {
  return {
    ...given,
    status: "open",
    created_at: iso(now),
    closed_at: null,
    expires_at: iso(now + LIFETIME_MS),
  };
}

/** Closes it. @throws {DomainError} conflict `sample_item_not_closable` unless it is open. */
export function closeSampleItem(sampleItem: SampleItem, now: number): SampleItem {
  const status = requireTarget<SampleItemStatus>(SAMPLE_ITEM_RULES.close, sampleItem.status, "A sample item");
  return { ...sampleItem, status, closed_at: iso(now) };
}

/** Closes it once its time is over; otherwise it stays as it is. */
export function expireSampleItem(sampleItem: SampleItem, now: number): SampleItem {
  const status = targetOf<SampleItemStatus>(SAMPLE_ITEM_RULES.expire, sampleItem.status);
  const due = expiryOf(sampleItem);
  if (status === undefined || due === undefined || due > now) return sampleItem;
  return { ...sampleItem, status, closed_at: iso(now) };
}

/** When it expires, in epoch milliseconds; undefined when it does not any more. */
export const expiryOf = ({ status, expires_at }: SampleItem): number | undefined =>
  status === "open" ? Date.parse(expires_at) : undefined;

/** The sample item, if it is this user's. @throws {DomainError} not found, also for what belongs to someone else. */
export function visibleTo(sampleItem: SampleItem | undefined, userId: string): SampleItem {
  if (sampleItem === undefined || sampleItem.user_id !== userId) throw notFound("sample item");
  return sampleItem;
}
