// The contacts of users: the address and the language in their own token, and whether they have acted as a seller. Never taken from the body
// of a request.

import type { User } from "../../lib/auth/caller.ts";
import { hasScope } from "../../lib/auth/scopes.ts";
import { iso } from "../../lib/core/iso.ts";
import type { Locale } from "../../lib/core/locales.ts";
import { TtlCache } from "../../lib/core/ttl-cache.ts";
import type { Role } from "../events.ts";

export interface Contact {
  readonly email: string;
  /** True once they acted with a token of the scope `sell`. */
  readonly sells: boolean;
  /** The language in their token, if it named one that is supported. */
  readonly locale?: Locale;
}

/** Where contacts are kept; see contact-records.ts. */
export interface ContactRecords {
  read(userId: string): Promise<Contact | undefined>;
  /** Stores the address, and the seller's mark and the language where they are given; never removes those. Returns the contact as stored. */
  write(userId: string, contact: Contact, updatedAt: string): Promise<Contact>;
}

export interface Contacts {
  /** Stores what is new in a user's token; durable when it returns. Without anything new it writes nothing. */
  update(user: User): Promise<void>;
  /** A user's contact; undefined when there is none. */
  find(userId: string): Promise<Contact | undefined>;
}

const LIMIT = 5_000;
/** Milliseconds for which a contact is cached: another instance may have stored a newer address. */
const KEEP_MS = 10 * 60_000;
/** The same for a user without a contact; shorter, since one may be stored soon. */
const KEEP_NONE_MS = 60_000;

/** Contacts in `records`, cached in memory. `monotonic` is the clock of the cache, `now` the time that is stored. */
export function createContacts(
  records: ContactRecords,
  now: () => number,
  monotonic: () => number = () => performance.now(),
): Contacts {
  const cache = new TtlCache<Contact | null>({ limit: LIMIT, ttl: KEEP_MS, now: monotonic });
  async function find(userId: string): Promise<Contact | undefined> {
    const known = cache.get(userId);
    if (known !== undefined) return known ?? undefined;
    const contact = await records.read(userId);
    if (contact === undefined) cache.set(userId, null, KEEP_NONE_MS);
    else cache.set(userId, contact);
    return contact;
  }

  return {
    find,
    async update(user) {
      const { id, email, locale } = user;
      if (!isAddress(email)) return;
      const sells = hasScope(user, "sell");
      const known = await find(id);
      const nothingNew =
        known?.email === email &&
        (known.sells || !sells) &&
        (locale === undefined || known.locale === locale);
      if (nothingNew) return;
      const contact = { email, sells, ...(locale === undefined ? {} : { locale }) };
      cache.set(id, await records.write(id, contact, iso(now())));
    },
  };
}

/**
 * The address for mail to a party. A user who has never acted as a seller gets no mail as one: the buyer names the seller, so
 * any user could have mail sent to any other.
 */
export const addressFor = (contact: Contact | null | undefined, role: Role): string | undefined =>
  contact && (role === "buyer" || contact.sells) ? contact.email : undefined;

const ADDRESS = /^[^\s\p{Cc}\p{Cf}@<>(),:;"\\[\]]{1,64}@[^\s\p{Cc}\p{Cf}@<>(),:;"\\[\]]{1,189}$/u;

/** True for one plain address without characters that have a meaning in mail headers. Quoted local parts are not supported. */
export const isAddress = (email: string | null | undefined): email is string =>
  typeof email === "string" && ADDRESS.test(email);
