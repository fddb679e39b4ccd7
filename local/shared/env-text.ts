// Parses the text of a .env file: one rule for every reader. docs/settings.md describes it.

export interface EnvText {
  readonly values: Readonly<Record<string, string>>;
  /** Lines that are ignored or may be misread, each with its number. */
  readonly warnings: readonly string[];
}

const BLANK = /[ \t]*(?:#.*)?(?:\n|$)/y;
const NAME = /[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*=/y;
const QUOTED = /[ \t]*(?:"((?:[^"\\]|\\[\s\S])*)"|'([^']*)'|`([^`]*)`)[ \t]*(?:#.*)?(?:\n|$)/y;
const REST = /(.*)(?:\n|$)/y;

/** Escapes between double quotes; any other backslash is an ordinary character. */
const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", '"': '"', "\\": "\\", $: "$" };

/**
 * Parses `NAME=value` line by line; when a name occurs twice, the last one counts. `$` is an ordinary character: nothing is
 * substituted. Quotes are removed when the whole value is between two quotes of the same kind; such a value may have several
 * lines. Without quotes it ends at the end of the line, or at a comment (` #`). Any other line is ignored, with a warning.
 */
export function parseEnvText(text: string): EnvText {
  const source = text.replace(/^\ufeff/, "").replace(/\r\n?/g, "\n");
  const values: Record<string, string> = {};
  const warnings: string[] = [];
  for (let at = 0; at < source.length; ) {
    const line = lineOf(source, at);
    const blank = match(BLANK, source, at);
    const name = match(NAME, source, at);
    if (blank) at = blank.end;
    else if (name === undefined) {
      warnings.push(`line ${line} is not NAME=value, and is left out`);
      at = match(REST, source, at)?.end ?? source.length;
    } else {
      const [setting = ""] = name.groups;
      const { value, end, unclosed } = valueAt(source, name.end);
      if (unclosed)
        warnings.push(`line ${line}: the quote of ${setting} is not closed, and is taken for part of it`);
      if (Object.hasOwn(values, setting))
        warnings.push(`line ${line}: ${setting} is set above as well; the last counts`);
      values[setting] = value;
      at = end;
    }
  }
  return { values, warnings };
}

function valueAt(source: string, at: number): { value: string; end: number; unclosed: boolean } {
  const quoted = match(QUOTED, source, at);
  if (quoted) {
    const [double, single, back] = quoted.groups;
    const value =
      double?.replace(/\\([\s\S])/g, (both, next: string) => ESCAPES[next] ?? both) ?? single ?? back ?? "";
    return { value, end: quoted.end, unclosed: false };
  }
  const rest = match(REST, source, at);
  const value = (rest?.groups[0] ?? "").replace(/[ \t]#.*$/, "").replace(/^[ \t]+|[ \t]+$/g, "");
  const unclosed = /^["'`]/.test(value) && value.indexOf(value.charAt(0), 1) < 0;
  return { value, end: rest?.end ?? source.length, unclosed };
}

/** What `pattern`, which is sticky, finds at `at`. */
function match(pattern: RegExp, source: string, at: number) {
  pattern.lastIndex = at;
  const found = pattern.exec(source);
  if (found === null) return undefined;
  const [all, ...groups]: (string | undefined)[] = found;
  return { groups, end: at + (all?.length ?? 0) };
}

const lineOf = (source: string, at: number): number => source.slice(0, at).split("\n").length;
