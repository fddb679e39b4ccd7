// Tokens (RFC 7519): verifying people's, minting and verifying those between services.

import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify, SignJWT } from "jose";
import { DomainError, unauthenticated, unavailable } from "../core/domain-error.ts";
import { TtlCache } from "../core/ttl-cache.ts";
import type { User } from "./caller.ts";
import { CLOCK_TOLERANCE_S, checkLifetime, serviceOf, userOf } from "./claims.ts";
import { deriveKey } from "./keys.ts";
import { invalid } from "./refusal.ts";

export interface TokenSettings {
  readonly SECRET_KEY: string;
  /** Where a provider publishes its keys; when set, HS256 tokens are refused. */
  readonly JWKS_URL?: string | undefined;
  readonly TOKEN_ISSUER?: string | undefined;
  readonly TOKEN_AUDIENCE: string;
  /** Longest time a person's token may be valid; a day when not given. */
  readonly TOKEN_MAX_MINUTES?: number;
}

/** The audience of calls to `callee`: a token for one service is worth nothing at another. */
const audienceOf = (callee: string): string => `cfmp-order/internal/${callee}`;
/** What callees of the version before look for. A callee of this version does not take it. */
const AUDIENCE_BEFORE = "cfmp-order/internal";
const SERVICE_TOKEN_SECONDS = 60;
const SERVICE_TOKEN_LIMIT_SECONDS = 300;
const CACHE_LIMIT = 1_000;
/** How long a verified token is believed without another look, so that a withdrawn key counts soon. */
const VERIFIED_MS = 60_000;

export interface Tokens {
  /** The person a bearer token stands for. @throws {DomainError} unauthenticated `token_invalid`, `token_expired`, `token_lifetime_too_long`; 503 `keys_unavailable`. */
  verifyUser(token: string): Promise<User>;
  /** The service that calls `callee` with this token. @throws {DomainError} unauthenticated as above, also for a token to another callee. */
  verifyService(token: string, callee: string): Promise<string>;
  /** A token that lets `caller` call `/internal/*` of `callee` for the next half minute at least. */
  mintService(caller: string, callee: string): Promise<string>;
  /** A person's token, for tools and tests; `expiresIn` seconds. */
  mintUser(user: { sub: string; email?: string; scope?: string }, expiresIn: number): Promise<string>;
}

/**
 * Signs and checks tokens with keys derived from `SECRET_KEY`, or checks people's against a JWKS. What is in a token goes by
 * `now`, the time of day; how long a token is remembered goes by `monotonic` as well, since the time of day may be set back.
 */
export function createTokens(
  settings: TokenSettings,
  now: () => number = Date.now,
  monotonic: () => number = () => performance.now(),
): Tokens {
  const longestSeconds = (settings.TOKEN_MAX_MINUTES ?? 24 * 60) * 60;
  const userKey = deriveKey(settings.SECRET_KEY, "user-token");
  const serviceKey = deriveKey(settings.SECRET_KEY, "service-token");
  const issuer = settings.TOKEN_ISSUER === undefined ? {} : { issuer: settings.TOKEN_ISSUER };
  const remoteKeys = settings.JWKS_URL === undefined ? undefined : publishedKeys(settings.JWKS_URL);
  const keepMs = (SERVICE_TOKEN_SECONDS / 2) * 1_000;
  const minted = new TtlCache<{ token: string; until: number }>({
    limit: CACHE_LIMIT,
    ttl: keepMs,
    now: monotonic,
  });
  const clocks = { now, monotonic };

  const users = verifiedOnce(clocks, async (token) => {
    const payload = await verify(token, remoteKeys ?? userKey, {
      ...issuer,
      audience: settings.TOKEN_AUDIENCE,
      algorithms: remoteKeys ? ["RS256", "ES256", "EdDSA"] : ["HS256"],
      currentDate: new Date(now()),
    });
    checkLifetime(payload, longestSeconds, now());
    return { value: userOf(payload, remoteKeys === undefined), until: untilOf(payload) };
  });
  const callersOf = (callee: string) =>
    verifiedOnce(clocks, async (token) => {
      const payload = await verify(token, serviceKey, {
        audience: audienceOf(callee),
        algorithms: ["HS256"],
        currentDate: new Date(now()),
      });
      checkLifetime(payload, SERVICE_TOKEN_LIMIT_SECONDS, now());
      return { value: serviceOf(payload), until: untilOf(payload) };
    });
  /** By callee: several services may run in one process. */
  const services = new Map<string, ReturnType<typeof callersOf>>();

  async function sign(
    payload: JWTPayload,
    key: Uint8Array,
    audience: string | string[],
    expiresIn: number,
  ): Promise<string> {
    const issued = Math.floor(now() / 1_000);
    return new SignJWT(payload)
      .setProtectedHeader({ alg: "HS256" })
      .setIssuedAt(issued)
      .setExpirationTime(issued + expiresIn)
      .setAudience(audience)
      .sign(key);
  }

  return {
    verifyUser: users,
    verifyService(token, callee) {
      const known = services.get(callee) ?? callersOf(callee);
      services.set(callee, known);
      return known(token);
    },
    async mintService(caller, callee) {
      const call = JSON.stringify([caller, callee]);
      const known = minted.get(call);
      if (known !== undefined && known.until > now()) return known.token;
      const audience = [audienceOf(callee), AUDIENCE_BEFORE];
      const token = await sign({ sub: caller }, serviceKey, audience, SERVICE_TOKEN_SECONDS);
      minted.set(call, { token, until: now() + keepMs });
      return token;
    },
    mintUser: (user, expiresIn) =>
      sign({ ...user, ...optionalIssuer(settings) }, userKey, settings.TOKEN_AUDIENCE, expiresIn),
  };
}

/** The keys at `url`. Where they can't be had, a token is neither valid nor invalid: @throws {DomainError} unavailable. */
function publishedKeys(url: string): JWTVerifyGetKey {
  const keys = createRemoteJWKSet(new URL(url));
  return async (header, token) => {
    try {
      return await keys(header, token);
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey) throw error;
      if (error instanceof errors.JWKSMultipleMatchingKeys || error instanceof errors.JOSENotSupported)
        throw error;
      throw unavailable("keys_unavailable", "The keys that tokens are signed with can't be had; try again.");
    }
  };
}

function optionalIssuer(settings: TokenSettings): { iss?: string } {
  return settings.TOKEN_ISSUER === undefined ? {} : { iss: settings.TOKEN_ISSUER };
}

interface Expectations {
  readonly issuer?: string;
  readonly audience: string;
  readonly algorithms: string[];
  readonly currentDate: Date;
}

async function verify(
  token: string,
  key: Uint8Array | JWTVerifyGetKey,
  expected: Expectations,
): Promise<JWTPayload> {
  const options = { ...expected, clockTolerance: CLOCK_TOLERANCE_S, requiredClaims: ["exp", "sub"] };
  try {
    const verified =
      typeof key === "function" ? await jwtVerify(token, key, options) : await jwtVerify(token, key, options);
    return verified.payload;
  } catch (error) {
    if (error instanceof DomainError) throw error;
    if (error instanceof errors.JWTExpired) throw unauthenticated("token_expired", "The token has expired.");
    throw invalid();
  }
}

const untilOf = ({ exp = 0 }: JWTPayload): number => exp * 1_000;

/** Remembers what was verified for a minute, or until it expires, so that a busy caller's signature is checked once. */
function verifiedOnce<T>(
  { now, monotonic }: { now: () => number; monotonic: () => number },
  check: (token: string) => Promise<{ value: T; until: number }>,
): (token: string) => Promise<T> {
  const known = new TtlCache<{ value: T; until: number }>({
    limit: CACHE_LIMIT,
    ttl: VERIFIED_MS,
    now: monotonic,
  });
  return async (token) => {
    const hit = known.get(token);
    if (hit !== undefined && hit.until > now()) return hit.value;
    const verified = await check(token);
    known.set(token, verified);
    return verified.value;
  };
}
