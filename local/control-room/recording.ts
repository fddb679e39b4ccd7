// What a runtime records for the control room: of the first traces of each second all spans and lines, of the others what failed or was slow;
// and counts of everything.

import { meter } from "../../lib/observability/meter.ts";
import { type RecordedSpan, type SpanRecorder, spanRecorder } from "../../lib/observability/span.ts";
import type { Call, ServedRequest, Traffic } from "../../lib/observability/traffic.ts";
import { DATABASE } from "./calls.ts";
import { CLIENT, type Tally, TrafficCounts } from "./counts.ts";
import { type Batch, LineQueue } from "./line-queue.ts";
import { isAnswered, stepOf } from "./orders/acknowledged.ts";
import { FAILED_OR_SLOW, Sampler, SLOW_MS, TRACES } from "./sampler.ts";
import { rowOf } from "./span-rows.ts";

/** Who sends what is recorded. */
export interface Sender {
  /** There is more to send. */
  hurry(): void;
  /** Resolves when what there is was sent or given up, within a bounded time. */
  flush(): Promise<void>;
}

/** What there is to send at once. */
export interface RecordedBatch extends Batch {
  /** Steps that were acknowledged, among its counts. */
  readonly acknowledged: number;
}

/** Of what waits to be sent. */
const MOST_BYTES = 2 * 1024 * 1024;
/**
 * A line (lib/observability/log.ts) that is only worth keeping with its trace, which is not recorded: it names the trace, but no span
 * (lib/observability/trace.ts).
 */
const UNRECORDED =
  /^\{"level":"(?:info|debug|trace)","time":"[^"]*","service":"[^"]*","trace_id":"[\da-f]{32}"(?!,"span_id")/;

export class Recording implements SpanRecorder, Traffic {
  readonly #queue: LineQueue;
  readonly #counts = new TrafficCounts();
  /** By the table that the database was asked about. */
  readonly #asked = new Map<string, Tally>();
  readonly #ownerOf: (table: string) => string;
  readonly #traces: Sampler;
  readonly #failedOrSlow: Sampler;
  /** Since the start, by what it is. */
  readonly notRecorded = { traces: 0, lines: 0 };

  /** What there was no room for, or could not be sent, since the start, by reason. */
  readonly dropped: Record<string, number> = {};
  /** Until there is one, what is recorded waits, as far as there is room. */
  sender: Sender | undefined;

  /** @param ownerOf the service of a table, given its whole name. */
  constructor(
    ownerOf: (table: string) => string,
    { mostBytes = MOST_BYTES, monotonic }: { mostBytes?: number; monotonic?: () => number } = {},
  ) {
    this.#ownerOf = ownerOf;
    this.#queue = new LineQueue(mostBytes);
    this.#traces = new Sampler(TRACES, monotonic);
    this.#failedOrSlow = new Sampler(FAILED_OR_SLOW, monotonic);
  }

  get bytes(): number {
    return this.#queue.bytes;
  }

  samples(_traceId: string, caller: boolean | undefined): boolean {
    if (caller !== undefined) return caller;
    if (this.#traces.take()) return true;
    this.notRecorded.traces += 1;
    return false;
  }

  record(span: RecordedSpan): void {
    if (this.#queue.add(rowOf(span), "span")) {
      this.sender?.hurry();
    } else {
      this.drop("spans_queue_full", 1);
      meter()?.spans("queue_full", 1);
    }
  }

  line(line: string): void {
    if (UNRECORDED.test(line)) this.notRecorded.lines += 1;
    else if (this.#queue.add(line, "log")) this.sender?.hurry();
    else this.drop("logs_queue_full", 1);
  }

  drop(reason: string, count: number): void {
    if (count > 0) this.dropped[reason] = (this.dropped[reason] ?? 0) + count;
  }

  async flush(): Promise<void> {
    await this.sender?.flush();
  }

  served(service: string, request: ServedRequest, outside: boolean): void {
    const { durationMs, failed, isRecorded, namesCaller } = request;
    // By the settings, spans may go to another receiver.
    const hasSpans = spanRecorder() === this;
    this.#counts.served(service, durationMs, failed);
    if (outside && !(hasSpans && namesCaller))
      this.#counts.calls(CLIENT, service, "http").add(durationMs, failed);
    if (hasSpans && isRecorded) return;
    if (hasSpans && (failed || durationMs >= SLOW_MS) && this.#failedOrSlow.take())
      this.record(request.alone());
    else this.#acknowledge(request);
  }

  called({ from, to, kind }: Call, milliseconds: number, failed: boolean): void {
    this.#counts.calls(from, to, kind).add(milliseconds, failed);
  }

  asked(table: string, milliseconds: number, failed: boolean): void {
    let tally = this.#asked.get(table);
    if (tally === undefined) {
      tally = this.#counts.calls(this.#ownerOf(table), DATABASE, "database");
      this.#asked.set(table, tally);
    }
    tally.add(milliseconds, failed);
  }

  /** What there is to send. `whole`: with the counts. */
  take(whole: boolean): RecordedBatch | undefined {
    const acknowledged = whole ? this.#counts.acknowledgedSteps : 0;
    const counts = whole ? this.#counts.take() : undefined;
    const batch = this.#queue.take();
    if (counts === undefined) return batch && { ...batch, acknowledged };
    const { body = Buffer.alloc(0), spans = 0, logs = 0 } = batch ?? {};
    return { body: Buffer.concat([Buffer.from(counts), body]), spans, logs, acknowledged };
  }

  #acknowledge(request: ServedRequest): void {
    const step = stepOf(request.name);
    if (step === undefined || !isAnswered(request.status)) return;
    const orderId = request.idOf("order");
    if (orderId !== undefined && !this.#counts.acknowledged(orderId, step))
      this.drop("acknowledged_queue_full", 1);
  }
}
