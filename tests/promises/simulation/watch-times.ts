// Whether times go forward from one write to the next, whatever the clocks of the instances that write.

import type { Commits } from "./commits.ts";

interface Entry {
  readonly at: string;
}

interface Timed {
  readonly updated_at: string;
  readonly history: readonly Entry[];
  readonly outbox: readonly { readonly id: string; readonly created_at: string }[];
}

/** Each new entry of the history of `what` is later than those before, and each event for the parties than those that wait before it. */
export function watchTimes(
  { notes }: Commits,
  what: string,
  { updated_at, history, outbox }: Timed,
  before: readonly Entry[],
): void {
  const known = before.at(-1)?.at ?? "";
  const fresh = history.slice(history.findLastIndex(({ at }) => at === known) + 1).map(({ at }) => at);
  for (const [at, time] of fresh.entries())
    if (time <= (fresh[at - 1] ?? known)) notes.broken("steps", `${what} goes back in time: ${time}`);
  const last = history.at(-1)?.at ?? "";
  if (updated_at < last) notes.broken("steps", `${what} was changed at ${updated_at}, and later at ${last}`);
  const events = outbox.filter(({ id }) => !id.startsWith("order:"));
  for (const [at, { id, created_at }] of events.entries())
    if (created_at <= (events[at - 1]?.created_at ?? ""))
      notes.broken("steps", `${what} says of ${id} that it happened before what it had said earlier`);
}
