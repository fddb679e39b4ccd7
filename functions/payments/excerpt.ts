// The part of a provider's report that is stored for the person who has to settle it.

import { printable } from "../../lib/observability/printable.ts";

/** Bytes in UTF-8 that an excerpt has at most, besides the note that it was cut. */
export const MAX_EXCERPT_BYTES = 2_048;

/** Names of fields whose value may be a credential, as JSON or a form has them, with the value. */
const CREDENTIAL =
  /("?)([\w.-]*(?:secret|passw|token|sign|credential|auth_?code|api_?v?3?_?key|private_?key)[\w.-]*)\1(\s*[:=]\s*)("(?:[^"\\]|\\.)*"?|[^&,}\s]*)/gi;

/**
 * The beginning of `text`, on one line: what terminals act on is shown as its code, and values of fields that are named like
 * credentials are left out. Pure.
 */
export function excerptOf(text: string): string {
  // Cut before the search for credentials, whose time grows with the square of a text without any separator.
  const head = text.slice(0, MAX_EXCERPT_BYTES);
  const shown = printable(head.replace(CREDENTIAL, "$1$2$1$3[left out]"));
  const kept = firstBytes(shown, MAX_EXCERPT_BYTES);
  const whole = head.length === text.length && kept.length === shown.length;
  return whole ? shown : `${kept}… (of ${text.length} characters)`;
}

/** As many whole characters of `text` as fit into `max` bytes of UTF-8. */
function firstBytes(text: string, max: number): string {
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(max));
  return text.slice(0, read);
}
