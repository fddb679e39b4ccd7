// Every key this system uses is derived from SECRET_KEY, each for one purpose (RFC 5869).

import { hkdfSync } from "node:crypto";

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
