// The signature of the sandbox provider's callbacks: `sandbox-signature: t=<epoch seconds>,v1=<hex HMAC-SHA-256>`.

import { createHmac, timingSafeEqual } from "node:crypto";
import { deriveKey, type Secrets } from "../../../../lib/auth/keys.ts";
import { unauthenticated } from "../../../../lib/core/domain-error.ts";

export const SIGNATURE_HEADER = "sandbox-signature";

const HEADER = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/;

/** The keys of callbacks: `SANDBOX_SECRET`, or derived from `SECRET_KEY` and its fallbacks. The first signs. */
export function sandboxSecrets(
  settings: { readonly SANDBOX_SECRET?: string | undefined },
  [current, ...fallbacks]: Secrets,
): readonly [string, ...string[]] {
  if (settings.SANDBOX_SECRET) return [settings.SANDBOX_SECRET];
  const derived = (secret: string) => Buffer.from(deriveKey(secret, "sandbox")).toString("hex");
  return [derived(current), ...fallbacks.map(derived)];
}

/** The value of {@link SIGNATURE_HEADER} for `rawBody` sent at `now` (epoch milliseconds). */
export function signCallback(secret: string, rawBody: string, now: number): string {
  const seconds = String(Math.floor(now / 1_000));
  return `t=${seconds},v1=${digest(secret, seconds, rawBody)}`;
}

/** Verifies a callback; returns when it was signed, in epoch milliseconds. @throws {DomainError} unauthenticated when it is signed with none of `secrets`. */
export function verifyCallback(
  secrets: readonly string[],
  header: string | undefined,
  rawBody: string,
): number {
  const [, seconds, given] = HEADER.exec(header ?? "") ?? [];
  if (seconds === undefined || given === undefined) {
    throw unauthenticated("signature_missing", `Sign the callback in the header ${SIGNATURE_HEADER}.`);
  }
  const signedWith = (secret: string) =>
    timingSafeEqual(Buffer.from(given), Buffer.from(digest(secret, seconds, rawBody)));
  if (!secrets.some(signedWith)) {
    throw unauthenticated("signature_invalid", "The callback's signature is not valid.");
  }
  return Number(seconds) * 1_000;
}

const digest = (secret: string, seconds: string, rawBody: string): string =>
  createHmac("sha256", secret).update(`${seconds}.${rawBody}`).digest("hex");
