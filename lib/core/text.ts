// Text that people read: what has no place in it, and how it is shown where it is there all the same.

/**
 * Code points that no reader sees as what they are, as the inside of a character class. Escapes mean the same in
 * JavaScript, Python and Rust. In this order: control characters (C0 but for tab and line ends, DEL, C1), which steer
 * terminals; bidirectional embeddings, overrides and isolates, by which a text reads otherwise than it is stored ("Trojan
 * Source", CVE-2021-42574); marks of interlinear annotation; what stands for a character that was lost; two that are none.
 */
export const UNREADABLE =
  "\\x00-\\x08\\x0B\\x0C\\x0E-\\x1F\\x7F-\\x9F\\u202A-\\u202E\\u2066-\\u2069\\uFFF9-\\uFFFB\\uFFFD-\\uFFFF";

const unreadable = new RegExp(`[${UNREADABLE}]`, "g");

// What JSON.stringify escapes may be unreadable; it escapes the control characters below U+0020 and halves of characters.
const suspicious = new RegExp(`\\\\[bfu]|[${UNREADABLE}]`);

/** `text` with U+FFFD in place of everything unreadable and of halves of characters; it stays as long as it was. */
export const readable = (text: string): string => text.toWellFormed().replace(unreadable, "\uFFFD");

/**
 * `value` as JSON in which every text is {@link readable}. What is answered may hold texts that were stored before unreadable
 * ones were refused, or that come from elsewhere.
 */
export function readableJson(value: unknown): string {
  const json = JSON.stringify(value);
  if (!suspicious.test(json)) return json;
  return JSON.stringify(value, (_name, part) => (typeof part === "string" ? readable(part) : part));
}
