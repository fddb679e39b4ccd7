// The signature of the sandbox provider's callbacks: `sandbox-signature: t=<epoch seconds>,v1=<hex HMAC-SHA-256>`.

import { createHmac, timingSafeEqual } from "node:crypto";
import { deriveKey } from "../../../../lib/auth/keys.ts";
import { unauthenticated } from "../../../../lib/core/domain-error.ts";

export const SIGNATURE_HEADER = "sandbox-signature";

const HEADER = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/;

/** The key that signs callbacks: `SANDBOX_SECRET`, or one derived from `SECRET_KEY`. */
export function sandboxSecret(
  settings: { readonly SANDBOX_SECRET?: string | undefined },
  secret: string,
): string {
  return settings.SANDBOX_SECRET || Buffer.from(deriveKey(secret, "sandbox")).toString("hex");
}

/** The value of {@link SIGNATURE_HEADER} for `rawBody` sent at `now` (epoch milliseconds). */
export function signCallback(secret: string, rawBody: string, now: number): string {
  const seconds = String(Math.floor(now / 1_000));
  return `t=${seconds},v1=${digest(secret, seconds, rawBody)}`;
}

/** Verifies a callback; returns when it was signed, in epoch milliseconds. @throws {DomainError} unauthenticated when it is not signed with `secret`. */
export function verifyCallback(secret: string, header: string | undefined, rawBody: string): number {
  const [, seconds, given] = HEADER.exec(header ?? "") ?? [];
  if (seconds === undefined || given === undefined) {
    throw unauthenticated("signature_missing", `Sign the callback in the header ${SIGNATURE_HEADER}.`);
  }
  const expected = digest(secret, seconds, rawBody);
  if (!timingSafeEqual(Buffer.from(given), Buffer.from(expected))) {
    throw unauthenticated("signature_invalid", "The callback's signature is not valid.");
  }
  return Number(seconds) * 1_000;
}

const digest = (secret: string, seconds: string, rawBody: string): string =>
  createHmac("sha256", secret).update(`${seconds}.${rawBody}`).digest("hex");
