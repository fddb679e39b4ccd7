// Every key this system uses is derived from SECRET_KEY, each for one purpose (RFC 5869).

import { hkdfSync } from "node:crypto";

/** `user-token` signs people's tokens, `service-token` those between services, `cursor` list cursors, `sandbox` callbacks. */
export type Purpose = "user-token" | "service-token" | "cursor" | "sandbox";

const derived = new Map<string, Uint8Array>();

/** 32 bytes for `purpose`. One purpose's key says nothing about another's. */
export function deriveKey(secret: string, purpose: Purpose): Uint8Array {
  const name = `${purpose}\n${secret}`;
  const known = derived.get(name);
  if (known) return known;
  const key = new Uint8Array(hkdfSync("sha256", secret, "", `cfmp-order/${purpose}`, 32));
  derived.set(name, key);
  return key;
}
