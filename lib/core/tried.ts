// Work that may fail, where it does not matter why.

/** What `work` gives; undefined where it throws. */
export function tried<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

/** The value of JSON text from elsewhere, of which nothing is known; undefined where it is no JSON. */
export const parseJson = (text: string): unknown => tried(() => JSON.parse(text));

/** The same where an object is meant; undefined for any other value. */
export function parseJsonObject(text: string): Record<string, unknown> | undefined {
  const value = parseJson(text);
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
}
