// The contacts of users: the address in their own token, and whether they acted as a seller. Nothing of it is ever from the
// body of a request.

import type { User } from "../../lib/auth/caller.ts";
import { hasScope } from "../../lib/auth/scopes.ts";
import { iso } from "../../lib/core/iso.ts";
import { TtlCache } from "../../lib/core/ttl-cache.ts";
import type { Role } from "../events.ts";

export interface Contact {
  readonly email: string;
  /** True once they acted with a token of the scope `sell`. */
  readonly sells: boolean;
}

/** Where contacts are kept; see contact-records.ts. */
export interface ContactRecords {
  read(userId: string): Promise<Contact | undefined>;
  /** Keeps the address, and the seller's mark where `sells`; it never takes that mark away. Returns what is kept then. */
  write(userId: string, contact: Contact, updatedAt: string): Promise<Contact>;
}

export interface Contacts {
  /** Keeps what is new in a user's token; durable when it returns, and free when there is nothing. */
  learn(user: User): Promise<void>;
  /** A user's contact; undefined when there is none. */
  find(userId: string): Promise<Contact | undefined>;
  /** The same from memory: null when there was none a moment ago; undefined when it must be looked up. */
  known(userId: string): Contact | null | undefined;
}

const LIMIT = 5_000;
/** Another instance may have learnt a newer address meanwhile. */
const KEEP_MS = 10 * 60_000;
/** That a user has no contact yet is soon out of date. */
const KEEP_NONE_MS = 60_000;

/** Contacts in `records`, some of which are remembered for a while: by `monotonic`, while what is stored has the time `now`. */
export function createContacts(
  records: ContactRecords,
  now: () => number,
  monotonic: () => number = () => performance.now(),
): Contacts {
  const cache = new TtlCache<Contact | null>({ limit: LIMIT, ttl: KEEP_MS, now: monotonic });
  return {
    known: (userId) => cache.get(userId),
    async learn(user) {
      const { id, email } = user;
      if (!isAddress(email)) return;
      const sells = hasScope(user, "sell");
      const known = cache.get(id);
      if (known?.email === email && (known.sells || !sells)) return;
      cache.set(id, await records.write(id, { email, sells }, iso(now())));
    },
    async find(userId) {
      const known = cache.get(userId);
      if (known !== undefined) return known ?? undefined;
      const contact = await records.read(userId);
      if (contact === undefined) cache.set(userId, null, KEEP_NONE_MS);
      else cache.set(userId, contact);
      return contact;
    },
  };
}

/**
 * Where mail to a party goes. Whoever places an order names its seller, so somebody who never acted as one gets no mail as
 * one: any user could have it sent.
 */
export const addressFor = (contact: Contact | null | undefined, role: Role): string | undefined =>
  contact && (role === "buyer" || contact.sells) ? contact.email : undefined;

const ADDRESS = /^[^\s@<>(),:;"\\[\]]{1,64}@[^\s@<>(),:;"\\[\]]{1,189}$/;

/** One plain address and nothing that a mail header could take for more; quoted local parts are not worth the risk. */
export const isAddress = (email: string | null | undefined): email is string =>
  typeof email === "string" && ADDRESS.test(email);
