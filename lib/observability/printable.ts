// Text from elsewhere made harmless for terminals: what would move the cursor, change the window's title, hide or reorder text
// is shown as its code instead. Names of functions, paths, headers and services can hold anything.

/**
 * Control characters (C0, C1, DEL), line and paragraph separators, those that change the direction of writing (Unicode
 * Technical Report 36, "Bidirectional Text Spoofing"), invisible tags, and halves of pairs.
 */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Bidi_Control}\u{e0000}-\u{e007f}]/gu;

/** Escapes that JSON knows too, so that a line of JSON means the same as before. */
const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** `text` on one line, with every such character written as `\u001b`. */
export const printable = (text: string): string => text.replace(UNPRINTABLE, escaped);

/** The same for text of several lines. */
export const printableLines = (text: string): string => text.split("\n").map(printable).join("\n");

/** The same for an error's stack: its frames stay on lines of their own, and nothing else can begin one. */
export const printableStack = (text: string): string => text.split(FRAME).map(printable).join("\n");

const FRAME = /\n(?= {4}at )/;

function escaped(found: string): string {
  const short = SHORT[found];
  if (short !== undefined) return short;
  return Array.from(
    { length: found.length },
    (_, index) => `\\u${found.charCodeAt(index).toString(16).padStart(4, "0")}`,
  ).join("");
}
