// Sends spans in batches, never in a request's way: what does not fit into the queue is dropped, counted and reported.

import { meter, type SpanOutcome } from "../meter.ts";
import type { RecordedSpan, SpanRecorder } from "../span.ts";
import type { TraceSampler } from "./sampler.ts";

/**
 * How a batch was received. `rejected`: number of its spans that the receiver did not take, as it says itself. A reason is shown in logs: it holds
 * nothing of the request's headers.
 */
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
  /**
   * Reports what was dropped since the last report, at most once in {@link REPORT_MS}. `reason`: why the last batch that was not taken was not;
   * undefined where none was refused or failed.
   */
  report(dropped: Readonly<Record<string, number>>, reason: string | undefined): void;
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
  /** Number of spans of the batch that is being sent. */
  #underWay = 0;
  #closed = false;
  #dropped: Record<string, number> = {};
  #reason: string | undefined;
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
    if (this.#closed) {
      this.#drop("unreachable", 1);
      return;
    }
    if (this.#queue.length >= QUEUE) {
      this.#drop("queue_full", 1);
      return;
    }
    this.#queue.push(span);
    if (this.#queue.length >= BATCH) this.#send();
    else this.#timer ??= setTimeout(() => this.#send(), DELAY_MS).unref();
  }

  async flush(): Promise<void> {
    await this.#flush();
    this.#report(true);
  }

  async close(): Promise<void> {
    await this.#flush();
    this.#closed = true;
    const left = this.#underWay + this.#queue.length;
    this.#queue = [];
    if (left > 0) this.#drop("unreachable", left, "the receiver did not answer before the end");
    this.#report(true);
  }

  async #flush(): Promise<void> {
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, FLUSH_MS);
    this.#flushes += 1;
    this.#hurry?.();
    await Promise.race([this.#sendAll(), late]);
    this.#flushes -= 1;
    clearTimeout(timer);
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
      this.#underWay = batch.length;
      await this.#deliver(batch);
      this.#underWay = 0;
      this.#report(false);
    }
  }

  async #deliver(batch: readonly RecordedSpan[]): Promise<void> {
    for (let tried = 1; ; tried += 1) {
      const receipt = await this.#ports.send(batch);
      // What was not answered in time has been counted as lost.
      if (this.#closed) return;
      if (receipt.kind === "taken") return this.#taken(batch.length, receipt.rejected);
      if (receipt.kind === "refused") return this.#drop("refused", batch.length, receipt.reason);
      if (tried >= TRIES || this.#flushes > 0) return this.#drop("unreachable", batch.length, receipt.reason);
      await this.#pause(receipt.afterMs ?? FIRST_PAUSE_MS * 2 ** (tried - 1));
    }
  }

  /** @param rejected is what somebody else says: it may be any number. */
  #taken(count: number, rejected: number): void {
    const refused = Math.min(count, Math.max(0, Math.trunc(rejected) || 0));
    if (refused < count) meter()?.spans("sent", count - refused);
    if (refused > 0) this.#drop("refused", refused, "the receiver rejected spans of a batch that it took");
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

  #drop(outcome: Exclude<SpanOutcome, "sent">, count: number, reason?: string): void {
    this.#reason = reason ?? this.#reason;
    meter()?.spans(outcome, count);
    this.#dropped[outcome] = (this.#dropped[outcome] ?? 0) + count;
  }

  #report(last: boolean): void {
    const now = this.#ports.monotonic();
    if (Object.keys(this.#dropped).length === 0 || (!last && now - this.#reportedAt < REPORT_MS)) return;
    this.#reportedAt = now;
    this.#ports.report(this.#dropped, this.#reason);
    this.#dropped = {};
    this.#reason = undefined;
  }
}
