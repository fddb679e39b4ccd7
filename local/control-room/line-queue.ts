// What a runtime has to report, as bytes: each line is encoded at once, so nothing of it is left for the garbage collector.

/** Bytes of one of the buffers. */
const BUFFER_BYTES = 128 * 1_024;
/** Of a character of JavaScript in UTF-8, at most. */
const CHARACTER_BYTES = 3;

export interface Batch {
  /** Lines, each with its end. */
  readonly body: Buffer;
  readonly spans: number;
  readonly logs: number;
}

export class LineQueue {
  readonly #mostBytes: number;
  #full: Buffer[] = [];
  #fullBytes = 0;
  #buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  #used = 0;
  #spans = 0;
  #logs = 0;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  get bytes(): number {
    return this.#fullBytes + this.#used;
  }

  /** Takes a line with its end; false: there is no room for it. */
  add(line: string, kind: "span" | "log"): boolean {
    const longest = line.length * CHARACTER_BYTES;
    if (this.bytes + longest > this.#mostBytes) return false;
    if (this.#used + longest > this.#buffer.length) this.#next(longest);
    this.#used += this.#buffer.write(line, this.#used);
    if (kind === "span") this.#spans += 1;
    else this.#logs += 1;
    return true;
  }

  /** What is there, which is not in the queue any more; undefined where there is nothing. */
  take(): Batch | undefined {
    if (this.bytes === 0) return undefined;
    const body = Buffer.concat([...this.#full, this.#buffer.subarray(0, this.#used)]);
    const batch = { body, spans: this.#spans, logs: this.#logs };
    this.#full = [];
    [this.#fullBytes, this.#used, this.#spans, this.#logs] = [0, 0, 0, 0];
    return batch;
  }

  #next(longest: number): void {
    this.#full.push(this.#buffer.subarray(0, this.#used));
    this.#fullBytes += this.#used;
    this.#buffer = Buffer.allocUnsafe(Math.max(BUFFER_BYTES, longest));
    this.#used = 0;
  }
}
