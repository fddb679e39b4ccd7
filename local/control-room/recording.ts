// What a runtime records for the control room: of the first traces of each second all spans and lines, of the others what failed or was slow;
// and counts of everything.

import type { RecordedSpan, Span, SpanRecorder } from "../../lib/observability/span.ts";
import type { Callee, Traffic } from "../../lib/observability/traffic.ts";
import { CLIENT, TrafficCounts } from "./counts.ts";
import { type Batch, LineQueue } from "./line-queue.ts";
import { acknowledges, answeredIn } from "./orders/acknowledged.ts";
import { FAILED_OR_SLOW, PerSecond, SLOW_MS, TRACES } from "./sampler.ts";
import { rowOf } from "./span-rows.ts";

export interface RecordingPorts {
  /** Of what is kept until it is sent. */
  readonly mostBytes: number;
  /** There is more to send. */
  added(): void;
  /** There was no room for it. */
  dropped(what: "spans" | "logs" | "acknowledged"): void;
  readonly monotonic?: () => number;
}

/** Of lines (lib/observability/log.ts) that are only worth keeping with their trace. */
const ORDINARY = /^\{"level":"(?:info|debug|trace)"/;
const UNRECORDED = '"trace_flags":"00"';

export class Recording implements Omit<SpanRecorder, "flush">, Traffic {
  readonly #ports: RecordingPorts;
  readonly #queue: LineQueue;
  readonly #counts = new TrafficCounts();
  readonly #traces: PerSecond;
  readonly #failedOrSlow: PerSecond;
  /** Since the start, by what it is. */
  readonly notRecorded = { traces: 0, lines: 0 };

  constructor(ports: RecordingPorts) {
    this.#ports = ports;
    this.#queue = new LineQueue(ports.mostBytes);
    this.#traces = new PerSecond(TRACES.perSecond, TRACES.most, ports.monotonic);
    this.#failedOrSlow = new PerSecond(FAILED_OR_SLOW.perSecond, FAILED_OR_SLOW.most, ports.monotonic);
  }

  get bytes(): number {
    return this.#queue.bytes;
  }

  samples(): boolean {
    if (this.#traces.take()) return true;
    this.notRecorded.traces += 1;
    return false;
  }

  record(span: RecordedSpan): void {
    if (this.#queue.add(rowOf(span), "span")) this.#ports.added();
    else this.#ports.dropped("spans");
  }

  line(line: string): void {
    if (line.includes(UNRECORDED) && ORDINARY.test(line)) this.notRecorded.lines += 1;
    else if (this.#queue.add(line, "log")) this.#ports.added();
    else this.#ports.dropped("logs");
  }

  served(span: Span, outside: boolean): void {
    const { service, durationMs, hasFailed } = span;
    this.#counts.served(service, durationMs, hasFailed);
    if (outside) this.#counts.called(CLIENT, { to: service, kind: "http" }, durationMs, hasFailed);
    if (span.isSampled) return;
    if ((hasFailed || durationMs >= SLOW_MS) && this.#failedOrSlow.take()) this.record(span.recorded());
    else if (!hasFailed && acknowledges(span.name)) this.#acknowledge(span.recorded());
  }

  called(from: string, callee: Callee, milliseconds: number, failed: boolean): void {
    this.#counts.called(from, callee, milliseconds, failed);
  }

  /** What there is to send. `whole`: with the counts. */
  take(whole: boolean): Batch | undefined {
    const counts = whole ? this.#counts.take() : undefined;
    const batch = this.#queue.take();
    if (counts === undefined) return batch;
    const { body = Buffer.alloc(0), spans = 0, logs = 0 } = batch ?? {};
    return { body: Buffer.concat([Buffer.from(counts), body]), spans, logs };
  }

  #acknowledge(span: RecordedSpan): void {
    const { orderId, step } = answeredIn(span) ?? {};
    if (orderId !== undefined && step !== undefined && !this.#counts.acknowledged(orderId, step))
      this.#ports.dropped("acknowledged");
  }
}
