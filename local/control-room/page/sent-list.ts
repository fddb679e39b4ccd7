// The list of what was sent: which rows a filter lets through, and how new ones join those that are there.

import type { SentView } from "../sent/contract.ts";

export interface SentFilter {
  readonly kind: string;
  readonly user: string;
  readonly order: string;
  readonly outcome: string;
}

/** Rows that are shown at most. */
const MOST_SHOWN = 1_000;

export const sentMatches = ({ kind, user, order_id, outcome }: SentView, filter: SentFilter): boolean =>
  (filter.kind === "" || filter.kind === kind) &&
  (filter.user === "" || filter.user === user) &&
  (filter.order === "" || filter.order === order_id) &&
  (filter.outcome === "" || filter.outcome === outcome);

/** `held` with `more`, newest first, each once. */
export function withSent(held: readonly SentView[], more: readonly SentView[]): readonly SentView[] {
  if (more.length === 0) return held;
  const known = new Set(held.map(({ id }) => id));
  const all = [...held, ...more.filter(({ id }) => !known.has(id))];
  return all.sort((one, other) => other.id - one.id).slice(0, MOST_SHOWN);
}
