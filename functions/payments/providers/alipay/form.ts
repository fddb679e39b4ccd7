// A form as bytes (application/x-www-form-urlencoded): the signature is over the bytes as sent, in any charset.

/** Values as bytes, by name. */
export type Form = ReadonlyMap<string, Buffer>;

/** Parses `text`, in which bytes beyond ASCII are percent-encoded; undefined when a name occurs twice. */
export function parseForm(text: string): Form | undefined {
  const fields = new Map<string, Buffer>();
  for (const pair of text.split("&")) {
    if (pair === "") continue;
    const at = pair.indexOf("=");
    const name = bytesOf(at < 0 ? pair : pair.slice(0, at)).toString("utf8");
    if (fields.has(name)) return undefined;
    fields.set(name, bytesOf(at < 0 ? "" : pair.slice(at + 1)));
  }
  return fields;
}

/** The bytes of percent-encoded text; a `%` without two hex digits is kept. */
function bytesOf(encoded: string): Buffer {
  const parts = encoded.replaceAll("+", " ").split(/(%[0-9A-Fa-f]{2})/);
  return Buffer.concat(
    parts.map((part) =>
      /^%[0-9A-Fa-f]{2}$/.test(part) ? Buffer.from(part.slice(1), "hex") : Buffer.from(part, "utf8"),
    ),
  );
}

/** The signed content: `a=1&b=2`, sorted by name, without the fields in `except`. */
export function signedContent(form: Form, except: readonly string[]): Buffer {
  const names = [...form.keys()].filter((name) => !except.includes(name)).sort();
  const fields = names.filter((name) => (form.get(name)?.length ?? 0) > 0);
  return Buffer.concat(
    fields.flatMap((name, index) => [
      Buffer.from(`${index === 0 ? "" : "&"}${name}=`, "utf8"),
      form.get(name) ?? Buffer.alloc(0),
    ]),
  );
}
