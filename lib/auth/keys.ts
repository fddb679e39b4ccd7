// Every key this system uses is derived from SECRET_KEY, each for one purpose (RFC 5869).

import { hkdfSync } from "node:crypto";

/** What keys are derived from: the first signs, what any of them has signed is accepted. */
export type Secrets = readonly [current: string, ...fallbacks: string[]];

/** The secrets that the settings name. */
export const secretsOf = (settings: {
  readonly SECRET_KEY: string;
  readonly SECRET_KEY_FALLBACKS?: readonly string[] | undefined;
}): Secrets => [settings.SECRET_KEY, ...(settings.SECRET_KEY_FALLBACKS ?? [])];

const derived = new Map<string, Uint8Array>();

/**
 * The 32-byte key for `purpose`: `user-token` signs users' tokens, `service-token` those between services, `cursor` list
 * cursors; a service may add purposes of its own. Nobody can compute one purpose's key from another's.
 */
export function deriveKey(secret: string, purpose: string): Uint8Array {
  const name = `${purpose}\n${secret}`;
  const known = derived.get(name);
  if (known) return known;
  const key = new Uint8Array(hkdfSync("sha256", secret, "", `cfmp-order/${purpose}`, 32));
  derived.set(name, key);
  return key;
}

/** The keys of `secrets` for `purpose`, in their order. */
export const deriveKeys = (secrets: Secrets, purpose: string): readonly Uint8Array[] =>
  secrets.map((secret) => deriveKey(secret, purpose));

/** A name for the keys of `secret`, as `kid` of tokens (RFC 7515, 4.1.4); says nothing about them. */
export const keyIdOf = (secret: string): string =>
  Buffer.from(deriveKey(secret, "key-id").subarray(0, 6)).toString("base64url");
