// Tokens (RFC 7519): verifies users' tokens; issues and verifies the tokens between services.

// By parts: the whole package is 46 modules, 16 ms of CPU and 6 MB more.
import type { JWTPayload, JWTVerifyGetKey, JWTVerifyOptions } from "jose";
import { decodeProtectedHeader } from "jose/decode/protected_header";
import * as errors from "jose/errors";
import { createRemoteJWKSet } from "jose/jwks/remote";
import { SignJWT } from "jose/jwt/sign";
import { jwtVerify } from "jose/jwt/verify";
import { DomainError, unauthenticated, unavailable } from "../core/domain-error.ts";
import { TtlCache } from "../core/ttl-cache.ts";
import type { User } from "./caller.ts";
import { CLOCK_TOLERANCE_S, checkLifetime, serviceOf, userOf } from "./claims.ts";
import { deriveKey, keyIdOf, type Secrets, secretsOf } from "./keys.ts";
import { invalid } from "./refusal.ts";

export interface TokenSettings {
  readonly SECRET_KEY: string;
  /** Tokens that were signed by these are accepted as well. */
  readonly SECRET_KEY_FALLBACKS?: readonly string[] | undefined;
  /** URL at which an identity provider publishes its keys (JWKS); when set, HS256 tokens are refused. */
  readonly JWKS_URL?: string | undefined;
  readonly TOKEN_ISSUER?: string | undefined;
  readonly TOKEN_AUDIENCE: string;
  /** Longest lifetime of a user's token, in seconds; a day when not given. */
  readonly TOKEN_MAX_MINUTES?: number;
}

/** The audience of calls to `callee`: a token for one service is not valid at another. */
const audienceOf = (callee: string): string => `cfmp-order/internal/${callee}`;
/** The audience that callees of the previous version expect. Callees of this version do not accept it alone. */
const AUDIENCE_BEFORE = "cfmp-order/internal";
const SERVICE_TOKEN_SECONDS = 60;
const SERVICE_TOKEN_LIMIT_SECONDS = 300;
const CACHE_LIMIT = 1_000;
/** How long the result of a verification is cached. Short, so that a revoked key takes effect soon. */
const VERIFIED_MS = 60_000;

export interface Tokens {
  /** The user of a bearer token. @throws {DomainError} unauthenticated `token_invalid`, `token_expired`, `token_lifetime_too_long`; unavailable `keys_unavailable`. */
  verifyUser(token: string): Promise<User>;
  /** The service that calls `callee` with this token. @throws {DomainError} unauthenticated `token_invalid` (also for a token to another callee), `token_expired`. */
  verifyService(token: string, callee: string): Promise<string>;
  /** A token with which `caller` may call `/internal/*` of `callee`; valid for at least 30 s more. */
  mintService(caller: string, callee: string): Promise<string>;
  /** A user's token, valid for `expiresIn` seconds; for tools and tests. */
  mintUser(
    user: { sub: string; email?: string; scope?: string; locale?: string },
    expiresIn: number,
  ): Promise<string>;
}

/**
 * Signs tokens with keys derived from `SECRET_KEY`, and verifies them with those and the keys of its fallbacks; with a JWKS URL,
 * users' tokens are verified against that.
 * Claims are compared with `now`, the time of day. Cache times use `monotonic` as well, because the time of day can be set back.
 */
export function createTokens(
  settings: TokenSettings,
  now: () => number = Date.now,
  monotonic: () => number = () => performance.now(),
): Tokens {
  const longestSeconds = (settings.TOKEN_MAX_MINUTES ?? 24 * 60) * 60;
  const secrets = secretsOf(settings);
  const userKeys = keyring(secrets, "user-token");
  const serviceKeys = keyring(secrets, "service-token");
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
    const payload = await verify(token, remoteKeys ?? userKeys, {
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
      const payload = await verify(token, serviceKeys, {
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
    [{ kid, key }]: Keyring,
    audience: string | string[],
    expiresIn: number,
  ): Promise<string> {
    const issued = Math.floor(now() / 1_000);
    return new SignJWT(payload)
      .setProtectedHeader({ alg: "HS256", kid })
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
      const token = await sign({ sub: caller }, serviceKeys, audience, SERVICE_TOKEN_SECONDS);
      minted.set(call, { token, until: now() + keepMs });
      return token;
    },
    mintUser: (user, expiresIn) =>
      sign({ ...user, ...optionalIssuer(settings) }, userKeys, settings.TOKEN_AUDIENCE, expiresIn),
  };
}

/** The keys published at `url`. @throws {DomainError} unavailable `keys_unavailable` while they can't be fetched: then nothing is known about a token. */
function publishedKeys(url: string): JWTVerifyGetKey {
  const keys = createRemoteJWKSet(new URL(url));
  return async (header, token) => {
    try {
      return await keys(header, token);
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey) throw error;
      if (error instanceof errors.JWKSMultipleMatchingKeys || error instanceof errors.JOSENotSupported)
        throw error;
      throw unavailable("keys_unavailable", "The keys that verify tokens can't be fetched; try again.");
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
  keys: Keyring | JWTVerifyGetKey,
  expected: Expectations,
): Promise<JWTPayload> {
  const options = { ...expected, clockTolerance: CLOCK_TOLERANCE_S, requiredClaims: ["exp", "sub"] };
  try {
    if (typeof keys === "function") return (await jwtVerify(token, keys, options)).payload;
    return await verifyByAny(token, keys, options);
  } catch (error) {
    if (error instanceof DomainError) throw error;
    if (error instanceof errors.JWTExpired) throw unauthenticated("token_expired", "The token has expired.");
    throw invalid();
  }
}

/** By the key that the token names; by each in turn if it names none of them, as tokens of earlier versions. */
async function verifyByAny(token: string, keys: Keyring, options: JWTVerifyOptions): Promise<JWTPayload> {
  const { kid } = decodeProtectedHeader(token);
  const named = keys.filter((one) => one.kid === kid);
  let failure: unknown;
  for (const { key } of named.length > 0 ? named : keys) {
    try {
      return (await jwtVerify(token, key, options)).payload;
    } catch (error) {
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error;
      failure = error;
    }
  }
  throw failure;
}

/** The keys of one purpose with their names; the first signs. */
type Keyring = readonly [NamedKey, ...NamedKey[]];
interface NamedKey {
  readonly kid: string;
  readonly key: Uint8Array;
}

function keyring([current, ...fallbacks]: Secrets, purpose: string): Keyring {
  const named = (secret: string) => ({ kid: keyIdOf(secret), key: deriveKey(secret, purpose) });
  return [named(current), ...fallbacks.map(named)];
}

const untilOf = ({ exp = 0 }: JWTPayload): number => exp * 1_000;

/** Caches the result of `verify` for a minute, or until the token expires: a busy caller's signature is checked once. */
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
