// What this process remembers of users' addresses, so that most notifications need no look-up.

interface Known {
  /** Null: there is none. */
  readonly email: string | null;
  readonly until: number;
}

const LIMIT = 5_000;
/** Another instance may have learnt a newer address meanwhile. */
const KEEP_MS = 10 * 60_000;
/** That a user has no address yet is soon out of date. */
const KEEP_NONE_MS = 60_000;

export class ContactCache {
  readonly #known = new Map<string, Known>();
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** The address; null when there was none a moment ago; undefined when it must be looked up. */
  known(userId: string): string | null | undefined {
    const hit = this.#known.get(userId);
    return hit && hit.until > this.#now() ? hit.email : undefined;
  }

  note(userId: string, email: string | null): void {
    this.#known.delete(userId);
    this.#known.set(userId, { email, until: this.#now() + (email === null ? KEEP_NONE_MS : KEEP_MS) });
    if (this.#known.size <= LIMIT) return;
    const oldest = this.#known.keys().next();
    if (!oldest.done) this.#known.delete(oldest.value);
  }
}

/** Shared by all functions that run in this process. */
export const processContacts = new ContactCache();
