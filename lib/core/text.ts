// Characters that must not occur in texts for people, and how stored texts with such characters are shown.

/**
 * Code points that no reader sees as what they are, as the inside of a character class. Escapes mean the same in
 * JavaScript, Python and Rust. In this order: control characters (C0 but for tab and line ends, DEL, C1), which steer
 * terminals; bidirectional embeddings, overrides and isolates, by which a text reads otherwise than it is stored ("Trojan
 * Source", CVE-2021-42574); marks of interlinear annotation; what stands for a character that was lost; two that are none.
 */
export const UNREADABLE =
  "\\x00-\\x08\\x0B\\x0C\\x0E-\\x1F\\x7F-\\x9F\\u202A-\\u202E\\u2066-\\u2069\\uFFF9-\\uFFFB\\uFFFD-\\uFFFF";

/** `first` to `last`, as a range of a character class: characters above U+FFFF have no escape that all languages know. */
const range = (first: number, last: number): string =>
  `${String.fromCodePoint(first)}-${String.fromCodePoint(last)}`;

/**
 * Code points that leave no mark on the page, as the inside of a character class; in JavaScript it needs the flag `u`. White
 * space, Unicode's Default_Ignorable_Code_Point (zero-width characters, fillers, variation selectors, tags), and those that
 * are drawn as nothing: the blank Braille pattern, the object replacement character, format controls and fillers of old scripts.
 * Many are right beside visible characters (joined emoji, flags, variants of ideographs), so only a text of nothing else is refused.
 */
export const INVISIBLE = [
  "\\s\\xAD\\u034F\\u061C\\u115F\\u1160\\u17B4\\u17B5\\u180B-\\u180F\\u200B-\\u200F\\u202A-\\u202E\\u2060-\\u206F",
  "\\u2800\\u3164\\uFE00-\\uFE0F\\uFEFF\\uFFA0\\uFFF0-\\uFFFC",
  range(0x13430, 0x1343f),
  range(0x16fe4, 0x16fe4),
  range(0x1bca0, 0x1bca3),
  range(0x1d159, 0x1d159),
  range(0x1d173, 0x1d17a),
  range(0xe0000, 0xe0fff),
].join("");

const visible = new RegExp(`[^${INVISIBLE}${UNREADABLE}]`, "u");

/** Whether a reader of `text` would see nothing of it. */
export const isBlank = (text: string): boolean => !visible.test(text);

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
