// The reference that identifies an attempt at its provider: 32 characters, from which the payment's id is computed without an index.

import { createHash } from "node:crypto";

// Lower-case letters and digits only: every provider accepts them, case-sensitive or not.
const ID_LENGTH = 25; // 128 bits in base 36
const NONCE_LENGTH = 7;
const REFERENCE = /^[0-9a-z]{32}$/;
const LARGEST_ID = 2n ** 128n - 1n;

/**
 * The reference of a new attempt of `paymentId`. `creationId` identifies the creating request. Another request, or the same one
 * repeated later, gets another reference, because a provider accepts a reference only once with the same terms.
 */
export function newReference(paymentId: string, creationId: string, now: number): string {
  const digest = createHash("sha256").update(`${creationId}:${now}`).digest("hex");
  const nonce = BigInt(`0x${digest}`) % 36n ** BigInt(NONCE_LENGTH);
  return base36(BigInt(`0x${paymentId.replaceAll("-", "")}`), ID_LENGTH) + base36(nonce, NONCE_LENGTH);
}

/** The id of the payment that `reference` belongs to; undefined when it is not one of our references. */
export function paymentIdOf(reference: string): string | undefined {
  if (!REFERENCE.test(reference)) return undefined;
  const number = [...reference.slice(0, ID_LENGTH)].reduce(
    (value, digit) => value * 36n + BigInt(Number.parseInt(digit, 36)),
    0n,
  );
  if (number > LARGEST_ID) return undefined;
  const hex = number.toString(16).padStart(32, "0");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

const base36 = (value: bigint, length: number): string => value.toString(36).padStart(length, "0");
