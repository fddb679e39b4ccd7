// The keys by which push services recognise this system (VAPID, RFC 8292): each browser's subscription is bound to one of them.

import { createECDH } from "node:crypto";
import { deriveKey } from "../../../lib/auth/keys.ts";
import { tried } from "../../../lib/core/tried.ts";

export interface VapidKey {
  /** The point, uncompressed, as base64url: what a page gives as `applicationServerKey`. */
  readonly publicKey: string;
  /** The 32 bytes of the private key as base64url. */
  readonly privateKey: string;
}

/** Order of the group of P-256 (FIPS 186-4, D.1.2.3). */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** The pair of the private key `privateKey` (32 bytes as base64url, as tools for VAPID print it); undefined for any other text. */
export function vapidKey(privateKey: string): VapidKey | undefined {
  const scalar = /^[\w-]{43}=?$/.test(privateKey) ? Buffer.from(privateKey, "base64url") : undefined;
  return scalar && tried(() => pairOf(scalar));
}

/** The pair that follows from `secret`, always the same (FIPS 186-5, A.2.1: more random bits than the key has). */
export function derivedVapidKey(secret: string): VapidKey {
  const bits = Buffer.concat([deriveKey(secret, "vapid-1"), deriveKey(secret, "vapid-2")]);
  const scalar = (BigInt(`0x${bits.toString("hex")}`) % (ORDER - 1n)) + 1n;
  return pairOf(Buffer.from(scalar.toString(16).padStart(64, "0"), "hex"));
}

function pairOf(scalar: Buffer): VapidKey {
  const pair = createECDH("prime256v1");
  pair.setPrivateKey(scalar);
  return { publicKey: pair.getPublicKey().toString("base64url"), privateKey: scalar.toString("base64url") };
}
