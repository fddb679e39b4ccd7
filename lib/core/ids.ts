// Ids that follow from what they identify, so that a repetition finds what was created before.

import { hash } from "node:crypto";

const NAMESPACE = Buffer.from("6f1f6a526a0e5f0b9a3e0d6c1f7f5b11", "hex");
const VARIANTS = "89ab";

/** A UUID (v5: RFC 9562, 5.5) that is always the same for the same `parts`. */
export function derivedId(...parts: readonly string[]): string {
  const name = Buffer.from(JSON.stringify(parts));
  const hex = hash("sha1", Buffer.concat([NAMESPACE, name]), "hex");
  const variant = VARIANTS[Number.parseInt(hex.charAt(16), 16) & 3];
  const [first, second, third, fourth] = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(13, 16),
    hex.slice(17, 20),
  ];
  return `${first}-${second}-5${third}-${variant}${fourth}-${hex.slice(20, 32)}`;
}
