// Sends spans in batches, never in a request's way: what does not fit into the queue is dropped, counted and reported.

import { meter, type SpanOutcome } from "../meter.ts";
import type { RecordedSpan, SpanRecorder } from "../span.ts";
import type { TraceSampler } from "./sampler.ts";

/** How a batch was received. `rejected`: number of its spans that the receiver did not take. */
export type Receipt =
  | { readonly kind: "taken"; readonly rejected: number }
  /** Sending it again makes no sense. */
  | { readonly kind: "refused"; readonly reason: string }
  /** It may be sent again, after `afterMs` if the receiver said so. */
  | { readonly kind: "away"; readonly reason: string; readonly afterMs?: number | undefined };

export interface ExporterPorts {
  readonly samples: TraceSampler;
  /** Sends one batch. Must not reject. */
  send(spans: readonly RecordedSpan[]): Promise<Receipt>;
  /** Reports what was dropped since the last report; at most once in {@link REPORT_MS}. */
  report(dropped: Readonly<Record<string, number>>): void;
  /** Monotonic milliseconds. */
  readonly monotonic: () => number;
}

/** Defaults of OpenTelemetry's batch processor (OTEL_BSP_…). */
const QUEUE = 2_048;
const BATCH = 512;
const TRIES = 4;
/** From a span's end until it is sent, at most. */
const DELAY_MS = 1_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5_000;
const REPORT_MS = 60_000;
/** Longest wait of {@link SpanExporter.flush}: a function's reply or the end of a process waits for it. */
const FLUSH_MS = 1_000;

export class SpanExporter implements SpanRecorder {
  readonly #ports: ExporterPorts;
  #queue: RecordedSpan[] = [];
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> | undefined;
  #dropped: Record<string, number> = {};
  #reportedAt = Number.NEGATIVE_INFINITY;
  /** Number of flushes under way: until they end, each batch is tried once, without a pause. */
  #flushes = 0;
  /** Ends a pause between tries. */
  #hurry: (() => void) | undefined;

  constructor(ports: ExporterPorts) {
    this.#ports = ports;
  }

  samples(traceId: string, caller: boolean | undefined): boolean {
    return this.#ports.samples(traceId, caller);
  }

  record(span: RecordedSpan): void {
    if (this.#queue.length >= QUEUE) {
      this.#drop("queue_full", 1);
      return;
    }
    this.#queue.push(span);
    if (this.#queue.length >= BATCH) this.#send();
    else this.#timer ??= setTimeout(() => this.#send(), DELAY_MS).unref();
  }

  async flush(): Promise<void> {
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, FLUSH_MS);
    this.#flushes += 1;
    this.#hurry?.();
    await Promise.race([this.#sendAll(), late]);
    this.#flushes -= 1;
    clearTimeout(timer);
    this.#report(true);
  }

  async #sendAll(): Promise<void> {
    while (this.#queue.length > 0 || this.#sending !== undefined) await this.#send();
  }

  /** Sends what waits, one batch after another; there is one such run at a time. */
  #send(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#sending ??= this.#sendBatches().finally(() => {
      this.#sending = undefined;
    });
    return this.#sending;
  }

  async #sendBatches(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#queue.slice(0, BATCH);
      this.#queue = this.#queue.slice(BATCH);
      await this.#deliver(batch);
      this.#report(false);
    }
  }

  async #deliver(batch: readonly RecordedSpan[]): Promise<void> {
    for (let tried = 1; ; tried += 1) {
      const receipt = await this.#ports.send(batch);
      if (receipt.kind === "taken") {
        meter()?.spans("sent", batch.length - receipt.rejected);
        if (receipt.rejected > 0) this.#drop("refused", receipt.rejected);
        return;
      }
      if (receipt.kind === "refused") return this.#drop("refused", batch.length);
      if (tried >= TRIES || this.#flushes > 0) return this.#drop("unreachable", batch.length);
      await this.#pause(receipt.afterMs ?? FIRST_PAUSE_MS * 2 ** (tried - 1));
    }
  }

  #pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.min(milliseconds, LONGEST_PAUSE_MS));
      timer.unref();
      this.#hurry = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #drop(outcome: Exclude<SpanOutcome, "sent">, count: number): void {
    meter()?.spans(outcome, count);
    this.#dropped[outcome] = (this.#dropped[outcome] ?? 0) + count;
  }

  #report(last: boolean): void {
    const now = this.#ports.monotonic();
    if (Object.keys(this.#dropped).length === 0 || (!last && now - this.#reportedAt < REPORT_MS)) return;
    this.#reportedAt = now;
    this.#ports.report(this.#dropped);
    this.#dropped = {};
  }
}
