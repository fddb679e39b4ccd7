// The live stream: server-sent events with sequence numbers, and what a client that was away for a moment has missed.
// https://html.spec.whatwg.org/multipage/server-sent-events.html

import type { StreamEvent, Topic } from "./api.ts";

/** What is kept for clients that come back. */
const KEPT_BYTES = 4 * 1024 * 1024;
/** How long it is kept up to date after the last client has left. */
const KEPT_MS = 60_000;
const MOST_CLIENTS = 20;
/** A client that has not read so much is disconnected: it comes back, and starts where it was. */
const UNREAD_BYTES = 2 * 1024 * 1024;
const SILENCE_MS = 15_000;

export type Published = Exclude<StreamEvent, { event: "hello" | "reset" }>;

/** What is used of a `ServerResponse`. */
export interface Receiver {
  writeHead(status: number, headers: Readonly<Record<string, string>>): unknown;
  write(text: string): unknown;
  once(event: "close", listener: () => void): unknown;
  end(): unknown;
  destroy(): unknown;
  readonly writableLength: number;
}

interface Kept {
  readonly seq: number;
  readonly topic: Topic;
  readonly text: string;
}

interface Client {
  readonly response: Receiver;
  readonly topics: ReadonlySet<string> | undefined;
}

export class LiveStream {
  readonly #collector: string;
  readonly #monotonic: () => number;
  readonly #clients = new Set<Client>();
  #kept: Kept[] = [];
  #bytes = 0;
  #seq = 0;
  #leftAt = Number.NEGATIVE_INFINITY;
  readonly #beat: NodeJS.Timeout;

  /** @param collector identifies this stream among those before a restart. */
  constructor(collector: string, monotonic: () => number = () => performance.now()) {
    this.#collector = collector;
    this.#monotonic = monotonic;
    this.#beat = setInterval(() => {
      for (const { response } of this.#clients) response.write(": still here\n\n");
      if (!this.isWanted() && this.#kept.length > 0) this.#forget();
    }, SILENCE_MS).unref();
  }

  get clients(): number {
    return this.#clients.size;
  }

  /** Whether events are worth making: somebody reads them, or has a moment ago. */
  isWanted(): boolean {
    return this.#clients.size > 0 || this.#monotonic() - this.#leftAt < KEPT_MS;
  }

  publish({ event, data }: Published): void {
    if (!this.isWanted()) return;
    this.#seq += 1;
    const text = `id: ${this.#seq}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
    this.#kept.push({ seq: this.#seq, topic: event, text });
    this.#bytes += text.length;
    while (this.#bytes > KEPT_BYTES) this.#bytes -= this.#kept.shift()?.text.length ?? this.#bytes;
    for (const client of this.#clients) if (isFor(client, event)) this.#send(client, text);
  }

  /** Begins to send; false: there are too many clients. `since`: the last number that it has seen; undefined at its first time. */
  connect(response: Receiver, topics: readonly string[], since: number | undefined): boolean {
    if (this.#clients.size >= MOST_CLIENTS) return false;
    if (!this.isWanted()) this.#forget();
    const client = { response, topics: topics.length === 0 ? undefined : new Set(topics) };
    response.writeHead(200, {
      "content-type": "text/event-stream",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    });
    const missed = since === undefined ? [] : this.#after(since);
    const collector = this.#collector;
    const frame = (event: string, data: object) => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
    response.write(frame("hello", { collector, seq: missed?.[0] ? missed[0].seq - 1 : this.#seq }));
    if (missed === undefined) response.write(frame("reset", { collector, seq: this.#seq }));
    for (const { topic, text } of missed ?? []) if (isFor(client, topic)) response.write(text);
    this.#clients.add(client);
    response.once("close", () => {
      this.#clients.delete(client);
      this.#leftAt = this.#monotonic();
    });
    return true;
  }

  close(): void {
    clearInterval(this.#beat);
    for (const { response } of this.#clients) response.end();
  }

  /** What came after `since`; undefined where some of it is gone, or `since` is of another collector. */
  #after(since: number): readonly Kept[] | undefined {
    if (since > this.#seq) return undefined;
    if (since === this.#seq) return [];
    const first = this.#kept[0];
    if (first === undefined || first.seq > since + 1) return undefined;
    return this.#kept.filter(({ seq }) => seq > since);
  }

  /** Something may have happened unseen: whoever comes back has to read all of it again. */
  #forget(): void {
    this.#kept = [];
    this.#bytes = 0;
    // Before the first event nobody has a number to come back with.
    if (this.#seq > 0) this.#seq += 1;
  }

  #send(client: Client, text: string): void {
    if (client.response.writableLength > UNREAD_BYTES) client.response.destroy();
    else client.response.write(text);
  }
}

const isFor = ({ topics }: Client, topic: string): boolean => topics === undefined || topics.has(topic);
