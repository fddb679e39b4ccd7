// What is told of orders that are not followed: bytes, as a text for each id would live until it is sent, and with it the document that
// it is a part of; that cost the main thread's heap more than all the rest of the telling.

/** What was told within a moment. */
export interface OtherOrders {
  /** Orders that have changed. */
  readonly changed: readonly string[];
  /** Those of them of which this holds the first write. */
  readonly begun: readonly string[];
  /** New notifications about them, two texts each: the id of the order or of its payment, and the notification's own. */
  readonly notices: readonly string[];
}

const [BEGINS, CHANGES, NOTICE, END] = [..."+*!\n"].map((sign) => sign.charCodeAt(0)) as [
  number,
  number,
  number,
  number,
];
const LATIN_1 = 0xff;
const FIRST_BYTES = 64 * 1024;

/** Of each thing a sign, then ids that end with a line feed each. */
export class OtherOrdersWriter {
  #bytes = new Uint8Array(FIRST_BYTES);
  #size = 0;
  readonly #told = new Set<string>();

  /** Bytes of what is told so far. */
  get size(): number {
    return this.#size;
  }

  /** Whether it is told that the order has changed. */
  has(order: string): boolean {
    return this.#told.has(order);
  }

  /** The order has changed. False: that can't be said, as it has no id of ours. */
  changed(order: string, begins: boolean): boolean {
    this.#told.add(order);
    return this.#put(begins ? BEGINS : CHANGES, order);
  }

  /** There is a new notification. False: that can't be said. */
  noticed(about: string, notification: string): boolean {
    const before = this.#size;
    if (this.#put(NOTICE, about) && this.#put(undefined, notification)) return true;
    this.#size = before;
    return false;
  }

  /** All of it, after which nothing is told. */
  take(): Uint8Array {
    const taken = this.#bytes.slice(0, this.#size);
    if (this.#bytes.length > FIRST_BYTES) this.#bytes = new Uint8Array(FIRST_BYTES);
    this.#size = 0;
    this.#told.clear();
    return taken;
  }

  #put(sign: number | undefined, id: string): boolean {
    const before = this.#size;
    this.#makeRoom(id.length + 2);
    const bytes = this.#bytes;
    let at = before;
    if (sign !== undefined) bytes[at++] = sign;
    for (let index = 0; index < id.length; index += 1) {
      const code = id.charCodeAt(index);
      if (code > LATIN_1 || code === END) return false;
      bytes[at++] = code;
    }
    bytes[at++] = END;
    this.#size = at;
    return true;
  }

  #makeRoom(more: number): void {
    if (this.#size + more <= this.#bytes.length) return;
    const larger = new Uint8Array(2 * (this.#size + more));
    larger.set(this.#bytes.subarray(0, this.#size));
    this.#bytes = larger;
  }
}

/** What {@link OtherOrdersWriter.take} gave. */
export function otherOrdersIn({ buffer, byteOffset, length }: Uint8Array): OtherOrders {
  const text = Buffer.from(buffer, byteOffset, length).toString("latin1");
  const changed: string[] = [];
  const begun: string[] = [];
  const notices: string[] = [];
  let end: number;
  for (let at = 0; at < length; at = end + 1) {
    end = text.indexOf("\n", at);
    const id = text.slice(at + 1, end);
    const sign = text.charCodeAt(at);
    if (sign === NOTICE) {
      const next = end + 1;
      end = text.indexOf("\n", next);
      notices.push(id, text.slice(next, end));
    } else {
      changed.push(id);
      if (sign === BEGINS) begun.push(id);
    }
  }
  return { changed, begun, notices };
}
