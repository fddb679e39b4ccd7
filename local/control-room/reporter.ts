// A runtime's side of its reports: one request a second, with what it has recorded since the one before; while a page is open that follows
// at once. What can't be sent is counted, and never in a request's way.

import { meter, type SpanOutcome } from "../../lib/observability/meter.ts";
import type { RecordedBatch, Recording } from "./recording.ts";
import { REPORT_EVERY_MS, type Report } from "./report.ts";
import { type ReportTarget, sendReport } from "./send-report.ts";

type ReportHead = Omit<Report, "dropped" | "not_recorded" | "batch">;

export interface ReporterPorts {
  readonly recording: Recording;
  /** Where to send, and with which token; undefined while the helper process starts again. */
  target(): ReportTarget | undefined;
  /** What is new, but for what is added here. */
  report(): Promise<ReportHead>;
}

export interface Reporter {
  /** Sends a report now. */
  send(): Promise<void>;
  /** Sends what is left, for a second at most. */
  stop(): Promise<void>;
}

/** At which it does not wait for the next second. */
const BATCH_BYTES = 512 * 1_024;
const TRIES = 4;
const WITHIN_MS = 2_000;
const LAST_WITHIN_MS = 1_000;
/** While a page is open, spans and lines follow so long after what was sent before, or after a pause when its first ones are gathered. */
const WATCHED_EVERY_MS = 140;
const GATHERED_MS = 10;

type Numbered = RecordedBatch & { readonly no: number };

/** Reports from now on. Does not keep the process alive. */
export function startReporter({ recording, target, report }: ReporterPorts): Reporter {
  let head: ReportHead | undefined;
  let isWatched = false;
  let soon: NodeJS.Timeout | undefined;
  /** When what was sent last began to be sent. */
  let begunAt = Number.NEGATIVE_INFINITY;
  /** What is under way, or was in vain and is tried again. */
  let batch: Numbered | undefined;
  let batches = 0;
  let tried = 0;
  let sending: { readonly fresh: boolean; readonly done: Promise<void> } | undefined;

  function next(fresh: boolean): Numbered | undefined {
    const taken = recording.take(fresh);
    if (taken === undefined) return undefined;
    batches += 1;
    return { ...taken, no: batches };
  }

  /** The batch is sent, or given up. */
  function done(outcome: Exclude<SpanOutcome, "queue_full">): void {
    const { spans = 0, logs = 0, acknowledged = 0 } = batch ?? {};
    batch = undefined;
    tried = 0;
    if (spans > 0) meter()?.spans(outcome, spans);
    if (outcome === "sent") return;
    recording.drop(`spans_${outcome}`, spans);
    recording.drop(`logs_${outcome}`, logs);
    // Of such a step nobody can say any more that its order must be there.
    recording.drop(`acknowledged_${outcome}`, acknowledged);
  }

  function inVain(): void {
    isWatched = false;
    tried += 1;
    if (tried >= TRIES) done("unreachable");
  }

  /** @param fresh false: with the numbers of the report before. */
  async function sendOnce(withinMs: number, fresh: boolean): Promise<void> {
    const to = target();
    if (to === undefined) {
      isWatched = false;
      return;
    }
    if (fresh || head === undefined) head = await report();
    batch ??= next(fresh);
    begunAt = performance.now();
    const { dropped, notRecorded: not_recorded } = recording;
    const first = Buffer.from(`${JSON.stringify({ ...head, batch: batch?.no, dropped, not_recorded })}\n`);
    try {
      const answer = await sendReport(to, batch === undefined ? [first] : [first, batch.body], withinMs);
      if (answer === undefined) return done("refused");
      isWatched = answer.watched;
      done("sent");
    } catch {
      inVain();
    }
  }

  function send(withinMs = WITHIN_MS, fresh = true): Promise<void> {
    // What has changed since must not wait for the next second.
    if (sending !== undefined && fresh && !sending.fresh) return sending.done.then(() => send(withinMs));
    if (sending !== undefined) return sending.done;
    const sent = sendOnce(withinMs, fresh)
      .catch(() => recording.drop("report_failed", 1))
      .finally(() => {
        sending = undefined;
        hurry();
      });
    sending = { fresh, done: sent };
    return sent;
  }

  /** What waits follows soon where somebody sees it, and at once where it is much. */
  function hurry(): void {
    if (sending !== undefined || tried > 0) return;
    if (recording.bytes >= BATCH_BYTES) void send(WITHIN_MS, false);
    else if (isWatched && recording.bytes > 0)
      soon ??= setTimeout(() => {
        soon = undefined;
        if (recording.bytes > 0) void send(WITHIN_MS, false);
      }, pauseFrom(begunAt)).unref();
  }

  recording.sender = { hurry, flush: () => send(LAST_WITHIN_MS, false) };
  void send();
  const timer = setInterval(() => void send(), REPORT_EVERY_MS).unref();
  return {
    send: () => send(),
    async stop() {
      clearInterval(timer);
      clearTimeout(soon);
      isWatched = false;
      await sending?.done;
      await send(LAST_WITHIN_MS);
    },
  };
}

/** From the start of what was sent before: the time that its answer took has passed already. */
const pauseFrom = (begunAt: number): number =>
  Math.max(GATHERED_MS, begunAt + WATCHED_EVERY_MS - performance.now());
