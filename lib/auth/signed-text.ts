// Texts that a client keeps and gives back: signed for one purpose, so that nobody can make or alter one. They are not secret.

import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from "node:crypto";

/** `text` signed with the first of `keys` for `scope`: whatever it must not be used beyond (a user, a list, a purpose). */
export function sealText(keys: readonly Uint8Array[], scope: readonly string[], text: string): string {
  const [key] = keys;
  if (key === undefined) throw new Error("There is no key to sign with.");
  const payload = Buffer.from(text).toString("base64url");
  return `${payload}.${signature(key, scope, payload)}`;
}

/** The text in `sealed`; undefined when none of `keys` signed it for this `scope`. */
export function openText(
  keys: readonly Uint8Array[],
  scope: readonly string[],
  sealed: string,
): string | undefined {
  const [payload = "", given = "", ...rest] = sealed.split(".");
  const actual = Buffer.from(given);
  const signedBy = (key: Uint8Array): boolean => {
    const expected = Buffer.from(signature(key, scope, payload));
    return actual.length === expected.length && timingSafeEqual(actual, expected);
  };
  if (rest.length > 0 || !keys.some(signedBy)) return undefined;
  return Buffer.from(payload, "base64url").toString("utf8");
}

const prepared = new WeakMap<Uint8Array, KeyObject>();

/** `key` as an object that is made once: making it takes longer than signing with it. */
function keyObject(key: Uint8Array): KeyObject {
  const known = prepared.get(key);
  if (known !== undefined) return known;
  const object = createSecretKey(key);
  prepared.set(key, object);
  return object;
}

function signature(key: Uint8Array, scope: readonly string[], payload: string): string {
  return createHmac("sha256", keyObject(key))
    .update(JSON.stringify([scope, payload]))
    .digest("base64url")
    .slice(0, 22);
}
