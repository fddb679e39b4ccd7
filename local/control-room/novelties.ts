// What is new for the pages that are open: traces, lines and what was sent, a few times a second at most, and never more than a page shows.

import type { History } from "./history.ts";
import type { LiveStream } from "./live.ts";
import { tracesOf } from "./queries.ts";
import type { SentView } from "./sent/contract.ts";
import type { ReceivedLine, Span } from "./spans.ts";
import type { LogLine } from "./telemetry-contract.ts";

/** The shortest time between two events: what several runtimes report within it comes together. Each has gathered its own before. */
const APART_MS = 50;
const SHOWN_TRACES = 100;
const SHOWN_LINES = 500;
const SHOWN_SENT = 100;

export class Novelties {
  readonly #history: History;
  readonly #live: LiveStream;
  #traces = new Set<string>();
  #lines: LogLine[] = [];
  #linesLeftOut = 0;
  #sent: SentView[] = [];
  #timer: NodeJS.Timeout | undefined;
  #publishedAt = Number.NEGATIVE_INFINITY;

  constructor(history: History, live: LiveStream) {
    this.#history = history;
    this.#live = live;
  }

  /** `spans` are in the history, and what was sent by them. */
  addSpans(spans: readonly Span[], sent: readonly SentView[]): void {
    if (!this.#live.isWanted()) return;
    for (const { trace_id } of spans) this.#traces.add(trace_id);
    this.#sent.push(...sent);
    this.#publishSoon();
  }

  /** `lines` are in the history, under `ids`. */
  addLines(lines: readonly ReceivedLine[], ids: readonly number[]): void {
    if (!this.#live.isWanted()) return;
    lines.forEach((line, index) => {
      if (this.#lines.length < SHOWN_LINES) this.#lines.push({ id: ids[index] ?? 0, ...line });
      else this.#linesLeftOut += 1;
    });
    this.#publishSoon();
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #publishSoon(): void {
    // At once, but after the rest of what has arrived with it.
    const waitMs = Math.max(0, this.#publishedAt + APART_MS - performance.now());
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#publishedAt = performance.now();
      if (this.#live.isWanted()) this.#publish();
    }, waitMs).unref();
  }

  #publish(): void {
    const ids = [...this.#traces];
    this.#traces = new Set();
    if (ids.length > 0) {
      const shown = ids.slice(-SHOWN_TRACES);
      const items = tracesOf(this.#history, shown);
      this.#live.publish({ event: "traces", data: { items, more: ids.length - shown.length } });
    }
    if (this.#sent.length > 0) {
      const items = this.#sent.slice(-SHOWN_SENT);
      this.#live.publish({ event: "sent", data: { items, more: this.#sent.length - items.length } });
      this.#sent = [];
    }
    if (this.#lines.length > 0) {
      this.#live.publish({ event: "logs", data: { items: this.#lines, more: this.#linesLeftOut } });
      this.#lines = [];
      this.#linesLeftOut = 0;
    }
  }
}
