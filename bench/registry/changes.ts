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

/**
 * Messages of gRPC that arrive in many streams, each read once: a client's own work is not what is measured, and with hundreds of
 * clients in one process it would be most of the time.
 */
export class SharedMessages<T> {
  readonly #read: (framed: Buffer) => T;
  #last: { readonly framed: Buffer; readonly result: T } | undefined;

  constructor(read: (framed: Buffer) => T) {
    this.#read = read;
  }

  /** Takes the chunks of one stream; gives what was read of the messages that a chunk completes. */
  reader(): (chunk: Buffer) => T[] {
    let chunks: Buffer[] = [];
    let size = 0;
    return (chunk) => {
      chunks.push(chunk);
      size += chunk.length;
      const results: T[] = [];
      for (;;) {
        const first = chunks[0];
        if (first === undefined || size < PREFIX) return results;
        if (first.length < PREFIX) chunks = [Buffer.concat(chunks)];
        const length = PREFIX + (chunks[0]?.readUInt32BE(1) ?? 0);
        if (size < length) return results;
        results.push(this.#message(chunks, length));
        const rest = size === length ? undefined : Buffer.concat(chunks).subarray(length);
        chunks = rest === undefined ? [] : [rest];
        size -= length;
      }
    };
  }

  #message(chunks: readonly Buffer[], length: number): T {
    if (this.#last?.framed.length !== length || !startWith(chunks, this.#last.framed)) {
      const framed = Buffer.concat(chunks).subarray(0, length);
      this.#last = { framed, result: this.#read(framed) };
    }
    return this.#last.result;
  }
}

/** Bytes before each message of gRPC. */
const PREFIX = 5;

function startWith(chunks: readonly Buffer[], bytes: Buffer): boolean {
  let at = 0;
  return chunks.every((chunk) => {
    const part = bytes.subarray(at, at + chunk.length);
    at += chunk.length;
    return chunk.subarray(0, part.length).equals(part);
  });
}

/** The number of the change that the JSON text shows, which may be in a text within it; undefined without one. */
export function changeIn(text: string): number | undefined {
  const found = new RegExp(`"${CHANGE}\\\\?":\\\\?"(\\d+)`).exec(text);
  return found?.[1] === undefined ? undefined : Number(found[1]);
}
