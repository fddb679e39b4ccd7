// A runtime's side of its reports: one request a second, with the lines of its logs since the one before; while a page is open the lines
// follow at once. What can't be sent is counted, and never in a request's way.

import { MAX_BODY_BYTES, REPORT_EVERY_MS, REPORT_PATH, type Report, type ReportReply } from "./report.ts";

export interface ReporterPorts {
  /** Where to send, and with which token; undefined while the helper process starts again. */
  target(): { readonly url: string; readonly reportToken: string } | undefined;
  /** What is new, but for what was dropped. */
  report(): Promise<Omit<Report, "dropped">>;
  /** A page was opened, or the last one closed: what else is sent should hurry, or need not. */
  watched(now: boolean): void;
}

export interface Reporter {
  /** Takes a line of a log. */
  line(line: string): void;
  /** Sends a report now. */
  send(): Promise<void>;
  /** Sends the last lines, for a second at most. */
  stop(): Promise<void>;
}

/** With room for the report itself. */
const QUEUE_BYTES = MAX_BODY_BYTES / 2;
const WITHIN_MS = 2_000;
const LAST_WITHIN_MS = 1_000;
/** How long lines are gathered while a page is open. */
const WATCHED_MS = 50;

/** Reports from now on. Does not keep the process alive. */
export function startReporter({ target, report, watched }: ReporterPorts): Reporter {
  let head: Omit<Report, "dropped"> | undefined;
  let isWatched = false;
  let soon: NodeJS.Timeout | undefined;
  let lines: string[] = [];
  let bytes = 0;
  const dropped: Record<string, number> = {};
  let sending: { readonly fresh: boolean; readonly done: Promise<void> } | undefined;

  const drop = (reason: string, count: number): void => {
    if (count > 0) dropped[reason] = (dropped[reason] ?? 0) + count;
  };

  const watch = (now: boolean): void => {
    if (now !== isWatched) watched(now);
    isWatched = now;
  };

  /** @param fresh false: with the numbers of the report before. */
  async function sendOnce(withinMs: number, fresh: boolean): Promise<void> {
    const to = target();
    if (to === undefined) return watch(false);
    if (fresh || head === undefined) head = await report();
    const first = JSON.stringify({ ...head, dropped });
    const sent = lines;
    lines = [];
    bytes = 0;
    try {
      const { request } = await import("undici");
      const reply = await request(`${to.url}${REPORT_PATH}`, {
        method: "POST",
        headers: { authorization: `Bearer ${to.reportToken}`, "content-type": "application/x-ndjson" },
        body: [first, ...sent].join("\n"),
        headersTimeout: withinMs,
        bodyTimeout: withinMs,
      });
      const text = await reply.body.text();
      if (reply.statusCode >= 300) return drop("logs_refused", sent.length);
      const { watched: open }: ReportReply = JSON.parse(text);
      watch(open);
    } catch {
      drop("logs_unreachable", sent.length);
      watch(false);
    }
  }

  function send(withinMs = WITHIN_MS, fresh = true): Promise<void> {
    // What has changed since must not wait for the next second.
    if (sending !== undefined && fresh && !sending.fresh) return sending.done.then(() => send(withinMs));
    if (sending !== undefined) return sending.done;
    const done = sendOnce(withinMs, fresh)
      .catch(() => drop("report_failed", 1))
      .finally(() => {
        sending = undefined;
        if (lines.length > 0) hurry();
      });
    sending = { fresh, done };
    return done;
  }

  /** The lines follow soon, where somebody sees them. */
  function hurry(): void {
    if (!isWatched || soon !== undefined || sending !== undefined) return;
    soon = setTimeout(() => {
      soon = undefined;
      if (lines.length > 0) void send(WITHIN_MS, false);
    }, WATCHED_MS).unref();
  }

  void send();
  const timer = setInterval(() => void send(), REPORT_EVERY_MS).unref();
  return {
    line(line) {
      if (bytes + line.length > QUEUE_BYTES) return drop("logs_queue_full", 1);
      bytes += line.length;
      lines.push(line.trimEnd());
      hurry();
    },
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
