// One command on one sample item: read, decide by the rules, write on condition.

import { notFound } from "../../lib/core/domain-error.ts";
import { type SampleItem, visibleTo } from "./sample-item.ts";
import type { SampleService } from "./service.ts";

/**
 * Applies `decide` to the sample item that the user sees. The decision is repeated when another write came between; only
 * the rules refuse, never the race.
 * @throws {DomainError} not found when the user has no such sample item.
 */
export async function commandSampleItem(
  { store, ports }: SampleService,
  id: string,
  userId: string,
  decide: (sampleItem: SampleItem, now: number) => SampleItem,
): Promise<SampleItem> {
  const done = await store.change(id, (sampleItem) => decide(visibleTo(sampleItem, userId), ports.now()));
  if (!done) throw notFound("sample item");
  return done.state;
}
