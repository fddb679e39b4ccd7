// The change that a list of instances shows, read once from bytes that arrive many times.

/** Name of the metadata whose value is the number of the change. */
export const CHANGE = "change";

/** What `read` gives for the bytes, remembered for the next ones if they are the same. */
export function rememberedRead<T>(read: (bytes: Buffer) => T): (bytes: Buffer) => T {
  let last: { readonly bytes: Buffer; readonly result: T } | undefined;
  return (bytes) => {
    if (last === undefined || !last.bytes.equals(bytes))
      last = { bytes: Buffer.from(bytes), result: read(bytes) };
    return last.result;
  };
}

/** The number of the change that the JSON text shows, which may be in a text within it; undefined without one. */
export function changeIn(text: string): number | undefined {
  const found = new RegExp(`"${CHANGE}\\\\?":\\\\?"(\\d+)`).exec(text);
  return found?.[1] === undefined ? undefined : Number(found[1]);
}
