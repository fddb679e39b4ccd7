// Every key this system uses is derived from SECRET_KEY, each for one purpose (RFC 5869).

import { hkdfSync } from "node:crypto";

const derived = new Map<string, Uint8Array>();

/**
 * 32 bytes for `purpose`: `user-token` signs people's tokens, `service-token` those between services, `cursor` list cursors; a
 * service may have purposes of its own. One purpose's key says nothing about another's.
 */
export function deriveKey(secret: string, purpose: string): Uint8Array {
  const name = `${purpose}\n${secret}`;
  const known = derived.get(name);
  if (known) return known;
  const key = new Uint8Array(hkdfSync("sha256", secret, "", `cfmp-order/${purpose}`, 32));
  derived.set(name, key);
  return key;
}
