// Makes untrusted text safe for terminals: characters that move the cursor, change the window's title, hide or reorder text
// are shown as their code. Names of functions, paths, headers and services can contain any of them.

/**
 * Control characters (C0, C1, DEL), line and paragraph separators, those that change the direction of writing (Unicode
 * Technical Report 36, "Bidirectional Text Spoofing"), invisible tags, and halves of pairs.
 */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Bidi_Control}\u{e0000}-\u{e007f}]/gu;

/** The short escapes of JSON, so that a line of JSON keeps its meaning. */
const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** Testing for plain ASCII is several times faster than searching for the above; most log lines have nothing else. */
const NOT_PLAIN = /[^\x20-\x7e]/;
const NOT_PLAIN_LINES = /[^\n\x20-\x7e]/;

/** `text` on one line, with each unprintable character as its escape, such as `\u001b`. */
export const printable = (text: string): string =>
  NOT_PLAIN.test(text) ? text.replace(UNPRINTABLE, escaped) : text;

/** {@link printable} for each line of `text`; line ends are kept. */
export const printableLines = (text: string): string =>
  NOT_PLAIN_LINES.test(text) ? text.split("\n").map(printable).join("\n") : text;

/** {@link printable} for an error's stack: each stack frame keeps its own line, and nothing else starts a new one. */
export const printableStack = (text: string): string =>
  NOT_PLAIN.test(text) ? text.split(FRAME).map(printable).join("\n") : text;

const FRAME = /\n(?= {4}at )/;

function escaped(found: string): string {
  const short = SHORT[found];
  if (short !== undefined) return short;
  return Array.from(
    { length: found.length },
    (_, index) => `\\u${found.charCodeAt(index).toString(16).padStart(4, "0")}`,
  ).join("");
}
