// The contact book: the address of each user, as their own token told it. Never one from a request's body.

import type { User } from "../../lib/auth/caller.ts";
import type { ContactCache } from "./contact-cache.ts";

/** Where contacts are kept. */
export interface ContactRecords {
  read(userId: string): Promise<string | undefined>;
  write(userId: string, email: string, updatedAt: string): Promise<void>;
}

export interface ContactBook {
  /** Keeps the address in a user's token; durable when it returns, and free when nothing is new. */
  learn(user: User): Promise<void>;
  /** The user's address, or undefined when none is known. */
  addressOf(userId: string): Promise<string | undefined>;
}

/** A contact book over `records` that remembers in `cache`. */
export function createContactBook(
  records: ContactRecords,
  cache: ContactCache,
  now: () => number,
): ContactBook {
  return {
    async learn({ id, email }) {
      if (!isAddress(email) || cache.known(id) === email) return;
      await records.write(id, email, new Date(now()).toISOString());
      cache.note(id, email);
    },
    async addressOf(userId) {
      const known = cache.known(userId);
      if (known !== undefined) return known ?? undefined;
      const email = await records.read(userId);
      cache.note(userId, email ?? null);
      return email;
    },
  };
}

const ADDRESS = /^[^\s@<>(),:;"\\[\]]{1,64}@[^\s@<>(),:;"\\[\]]{1,189}$/;

/** One plain address and nothing that a mail header could take for more; quoted local parts are not worth the risk. */
export const isAddress = (email: string | null | undefined): email is string =>
  typeof email === "string" && ADDRESS.test(email);
