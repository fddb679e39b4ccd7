// Characters that must not occur in texts for people, and how stored texts with such characters are shown.

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

/** `text` with each unreadable character and each lone surrogate replaced by U+FFFD; its length does not change. */
export const readable = (text: string): string => text.toWellFormed().replace(unreadable, "\uFFFD");

/**
 * `value` as JSON in which every text is {@link readable}. A reply may contain texts that were stored before unreadable
 * characters were refused, or that come from other systems.
 */
export function readableJson(value: unknown): string {
  const json = JSON.stringify(value);
  if (!suspicious.test(json)) return json;
  return JSON.stringify(value, (_name, part) => (typeof part === "string" ? readable(part) : part));
}
