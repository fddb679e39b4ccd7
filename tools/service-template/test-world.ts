// What tests of SampleService share: the service over a table in memory, with a clock of its own.

import type { User } from "../../lib/auth/caller.ts";
import { openScope } from "../../lib/core/scope.ts";
import { memoryTable } from "../../tests/support/memory-table.ts";
import { handle as create } from "./handlers/create-sample-item.ts";
import { createSampleService } from "./service.ts";

export const scope = openScope("SampleService", "test");

export const user = (id: string): User => ({ kind: "user", id, scopes: new Set() });

/** A service with a table and a clock of its own. */
export function sampleWorld() {
  const clock = { time: Date.parse("2026-11-01T12:00:00.000Z") };
  const service = createSampleService({
    table: memoryTable(),
    cursorKeys: [new Uint8Array(32).fill(7)],
    now: () => clock.time,
  });
  /** Creates a sample item of this user. */
  const made = (who: string, note = "a note", idempotencyKey?: string) =>
    create(service, { body: { note }, user: user(who), idempotencyKey });
  return { service, clock, made };
}
