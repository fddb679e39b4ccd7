// From a token's verified claims to who calls. A signature says who wrote the claims, not that they have the right types.

import type { JWTPayload } from "jose";
import { unauthenticated } from "../core/domain-error.ts";
import type { User } from "./caller.ts";
import { invalid } from "./refusal.ts";

const USER_ID = /^[\w.:@|-]{1,128}$/;

/** Clocks of two machines may differ by so much, in seconds. */
export const CLOCK_TOLERANCE_S = 5;

/**
 * The person of verified claims. `sub` must be a user's id in text (RFC 7519, 4.1.2). `email` and `scope` of another type
 * give nothing. An address counts only if it was verified (OpenID Connect Core 5.1): when `email_verified` says so; and where
 * it says nothing, if `vouched`: whoever signs with this system's own key answers for what they write, while an identity
 * provider that leaves the claim out may have let its users choose the address.
 * @throws {DomainError} unauthenticated `token_invalid`.
 */
export function userOf(payload: JWTPayload, vouched: boolean): User {
  const { sub, email, scope } = payload;
  if (typeof sub !== "string" || !USER_ID.test(sub)) throw invalid();
  const verified = typeof email === "string" && isVerified(payload["email_verified"], vouched);
  return {
    kind: "user",
    id: sub,
    ...(verified ? { email } : {}),
    scopes: new Set(typeof scope === "string" ? scope.split(" ") : []),
  };
}

/** Some providers write the claim as text. Whatever is neither of these does not say that the address was verified. */
function isVerified(claim: unknown, vouched: boolean): boolean {
  return claim === undefined ? vouched : claim === true || claim === "true";
}

/** The calling service of verified claims. @throws {DomainError} unauthenticated `token_invalid`. */
export function serviceOf({ sub }: JWTPayload): string {
  if (typeof sub !== "string" || sub === "") throw invalid();
  return sub;
}

/**
 * Refuses a token that was made to live longer than `limit` seconds: one that leaks must not stay valid for years. Without
 * `iat` it counts from now, since there is nothing else to count from. `now` in epoch milliseconds.
 * @throws {DomainError} unauthenticated `token_lifetime_too_long`; `token_invalid` for one that was made in the future.
 */
export function checkLifetime({ iat, exp }: JWTPayload, limit: number, now: number): void {
  const at = now / 1_000;
  if (exp === undefined || (iat !== undefined && iat > at + CLOCK_TOLERANCE_S)) throw invalid();
  if (exp - (iat ?? at) > limit + CLOCK_TOLERANCE_S) {
    throw unauthenticated(
      "token_lifetime_too_long",
      `A token may be valid for ${limit} seconds at most here.`,
    );
  }
}
