// From a token's verified claims to its caller. A valid signature does not mean that the claims have the right types.

import type { JWTPayload } from "jose";
import { unauthenticated } from "../core/domain-error.ts";
import { localeOf } from "../core/locale.ts";
import type { User } from "./caller.ts";
import { invalid } from "./refusal.ts";

const USER_ID = /^[\w.:@|-]{1,128}$/;

/** Accepted difference between the clocks of two machines, in seconds. */
export const CLOCK_TOLERANCE_S = 5;

/**
 * The user that verified claims describe. `sub` must be a user id as a string (RFC 7519, 4.1.2). `email` and `scope` are
 * ignored when they are not strings. The e-mail address is used only when it was verified (OpenID Connect Core 5.1), which
 * `email_verified` says. Without that claim the address counts as verified only for an `ownKey` token, signed with this
 * system's own key: an identity provider that omits the claim may let its users enter any address. A `locale` in a language that
 * is not supported here is ignored.
 * @throws {DomainError} unauthenticated `token_invalid`.
 */
export function userOf(payload: JWTPayload, ownKey: boolean): User {
  const { sub, email, scope } = payload;
  const locale = localeOf(payload["locale"]);
  if (typeof sub !== "string" || !USER_ID.test(sub)) throw invalid();
  const verified = typeof email === "string" && isVerified(payload["email_verified"], ownKey);
  return {
    kind: "user",
    id: sub,
    ...(verified ? { email } : {}),
    ...(locale === undefined ? {} : { locale }),
    scopes: new Set(typeof scope === "string" ? scope.split(" ") : []),
  };
}

/** Some providers write the claim as a string. Any other value means: not verified. */
function isVerified(claim: unknown, ownKey: boolean): boolean {
  return claim === undefined ? ownKey : claim === true || claim === "true";
}

/** The calling service of verified claims. @throws {DomainError} unauthenticated `token_invalid`. */
export function serviceOf({ sub }: JWTPayload): string {
  if (typeof sub !== "string" || sub === "") throw invalid();
  return sub;
}

/**
 * Refuses a token whose lifetime exceeds `limit` seconds: a leaked token must not stay valid for years. The lifetime begins
 * at `iat`, or at `now` (epoch milliseconds) without it.
 * @throws {DomainError} unauthenticated `token_lifetime_too_long`; `token_invalid` when `iat` lies in the future.
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
