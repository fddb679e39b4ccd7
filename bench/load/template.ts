// A JSON value with places for texts that differ in each copy.

/** Copies of `value` in which every occurrence of the `n`th of `texts` is the `n`th of the texts given. */
export function templateOf<T>(value: T, texts: readonly string[]): (fresh: readonly string[]) => T;
export function templateOf(value: unknown, texts: readonly string[]): (fresh: readonly string[]) => unknown {
  if (typeof value === "string") return textTemplate(value, texts);
  if (typeof value !== "object" || value === null) return () => value;
  if (Array.isArray(value)) {
    const elements = value.map((element: unknown) => templateOf(element, texts));
    return (fresh) => elements.map((element) => element(fresh));
  }
  const fields = Object.entries(value).map(([name, field]) => [name, templateOf(field, texts)] as const);
  return (fresh) => Object.fromEntries(fields.map(([name, field]) => [name, field(fresh)]));
}

function textTemplate(value: string, texts: readonly string[]): (fresh: readonly string[]) => string {
  const found = texts.findIndex((text) => value.includes(text));
  if (found < 0) return () => value;
  const parts = value.split(texts[found] ?? "").map((part) => textTemplate(part, texts));
  return (fresh) => parts.map((part) => part(fresh)).join(fresh[found] ?? "");
}
