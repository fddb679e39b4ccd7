// Idempotency keys. What a request with a key creates has an id derived from the key, so that key and effect are one write.

import { hash } from "node:crypto";
import { v7 } from "uuid";
import { conflict, gone, invalidValue } from "./domain-error.ts";
import { derivedId } from "./ids.ts";

/** Identifies a creating request and its repetitions. */
export interface Creation {
  /** Derived from user, route and key, or new (UUID v7) when no key was sent. */
  readonly id: string;
  /** Fingerprint of the parsed body, kept with what is created; never empty. */
  readonly fingerprint: string;
  readonly keyed: boolean;
}

/** The {@link Creation} of a request by `user` to `route` with this key and body. */
export function creation(user: string, route: string, key: string | undefined, body: unknown): Creation {
  return {
    // `{}`: it depends on clock and random bytes alone, not on ids made before, so that a simulation can repeat it.
    id: key === undefined ? v7({}) : derivedId(user, route, key),
    fingerprint: hash("sha256", JSON.stringify(body), "base64url").slice(0, 22),
    keyed: key !== undefined,
  };
}

/**
 * Checks that the aggregate `earlier`, found under the id of this creation, was created by the same request. Its fingerprint is empty
 * when the person was erased who had sent that request (docs/privacy.md). Without a key that is
 * this very request: the reply to its write was lost, and what it wrote was changed since, so that the write was refused when it was
 * tried again.
 * @throws {DomainError} invalid `idempotency_key_reused` for another body, gone `gone` when it was deleted or erased since, conflict
 * `id_taken` when this request has no key and the body is another one.
 */
export function checkReplay(
  repeated: Creation,
  earlier: { readonly fingerprint: string; readonly deleted: boolean },
): void {
  if (earlier.fingerprint === "" && repeated.keyed)
    throw gone("gone", "What this Idempotency-Key created was erased with the person who had sent it.");
  if (earlier.fingerprint !== repeated.fingerprint) {
    if (!repeated.keyed) throw conflict("id_taken", "The id is taken; try again.");
    throw invalidValue("idempotency_key_reused", "This Idempotency-Key was already used with another body.");
  }
  if (earlier.deleted) throw gone("gone", "What this Idempotency-Key created was deleted.");
}
