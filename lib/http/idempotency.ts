// Idempotency keys: what they create has an id derived from them, so key and effect are one write.

import { createHash } from "node:crypto";
import { v5, v7 } from "uuid";
import { conflict, gone, invalidValue } from "../core/domain-error.ts";

const NAMESPACE = "6f1f6a52-6a0e-5f0b-9a3e-0d6c1f7f5b11";

/** A UUID (v5) that `parts` always give again. */
export const derivedId = (...parts: readonly string[]): string => v5(JSON.stringify(parts), NAMESPACE);

/** What a creating request is known by. */
export interface Creation {
  /** Derived from user, route and key, or new (UUID v7) when no key was sent. */
  readonly id: string;
  /** Fingerprint of the parsed body, kept with what is created. */
  readonly fingerprint: string;
  readonly keyed: boolean;
}

/** Names the thing that a request with this key and body creates. */
export function creation(user: string, route: string, key: string | undefined, body: unknown): Creation {
  return {
    // `{}`: it depends on clock and random bytes alone, not on ids made before, so that a simulation can repeat it.
    id: key === undefined ? v7({}) : derivedId(user, route, key),
    fingerprint: createHash("sha256").update(JSON.stringify(body)).digest("base64url").slice(0, 22),
    keyed: key !== undefined,
  };
}

/**
 * Checks that an earlier creation found under the same key was asked for with the same body.
 * @throws {DomainError} invalid `idempotency_key_reused` for another body, 410 `gone` when it was deleted since.
 */
export function checkReplay(
  repeated: Creation,
  earlier: { readonly fingerprint: string; readonly deleted: boolean },
): void {
  if (!repeated.keyed) throw conflict("id_taken", "The id is taken; try again.");
  if (earlier.fingerprint !== repeated.fingerprint) {
    throw invalidValue("idempotency_key_reused", "This Idempotency-Key was used with another body.");
  }
  if (earlier.deleted) throw gone("gone", "What this Idempotency-Key created was deleted.");
}
