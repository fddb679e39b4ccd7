// What tests of NotificationService share: the service over a table in memory that counts, and users.

import type { User } from "../../lib/auth/caller.ts";
import { openScope } from "../../lib/core/scope.ts";
import { countingTable } from "../../tests/support/counting-table.ts";
import { memoryTable } from "../../tests/support/memory-table.ts";
import { type ContactRecords, createContactBook } from "./contact-book.ts";
import { ContactCache } from "./contact-cache.ts";
import { createNotificationService } from "./service.ts";

/** A service with its own table, contacts and clock; `hints` are the ids that its relay was hinted at. */
export function testWorld(options: { readonly mailEnabled?: boolean } = {}) {
  const clock = { time: Date.parse("2026-11-01T12:00:00.000Z") };
  const now = () => clock.time;
  const hints: string[] = [];
  const operations: string[] = [];
  const records = fakeRecords();
  const cache = new ContactCache(now);
  const service = createNotificationService({
    table: countingTable(memoryTable(), operations),
    cursorKey: new Uint8Array(32).fill(7),
    mailEnabled: options.mailEnabled ?? true,
    knownAddress: (userId) => cache.known(userId),
    now,
    hint: async (id) => {
      hints.push(id);
    },
  });
  const contacts = createContactBook(records, cache, now);
  return { service, contacts, records, cache, clock, hints, operations };
}

/** Contacts in memory; `reads` and `writes` say what was asked of them. */
export function fakeRecords() {
  const kept = new Map<string, string>();
  const reads: string[] = [];
  const writes: { user: string; email: string; updatedAt: string }[] = [];
  return {
    kept,
    reads,
    writes,
    async read(userId) {
      reads.push(userId);
      return kept.get(userId);
    },
    async write(user, email, updatedAt) {
      writes.push({ user, email, updatedAt });
      kept.set(user, email);
    },
  } satisfies ContactRecords & Record<string, unknown>;
}

export const user = (id: string, more: { email?: string; scopes?: readonly string[] } = {}): User => ({
  kind: "user",
  id,
  ...(more.email === undefined ? {} : { email: more.email }),
  scopes: new Set(more.scopes ?? []),
});

export const scope = openScope("NotificationService", "test");
