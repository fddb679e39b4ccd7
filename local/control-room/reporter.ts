// A runtime's side of its reports: one request a second, with the lines of its logs since the one before. What can't be sent is
// counted, and never in a request's way.

import { MAX_BODY_BYTES, REPORT_EVERY_MS, REPORT_PATH, type Report } from "./report.ts";

export interface ReporterPorts {
  /** Where to send, and with which token; undefined while the helper process starts again. */
  target(): { readonly url: string; readonly reportToken: string } | undefined;
  /** What is new, but for what was dropped. */
  report(): Promise<Omit<Report, "dropped">>;
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

/** Reports from now on. Does not keep the process alive. */
export function startReporter({ target, report }: ReporterPorts): Reporter {
  let lines: string[] = [];
  let bytes = 0;
  const dropped: Record<string, number> = {};
  let sending: Promise<void> | undefined;

  const drop = (reason: string, count: number): void => {
    if (count > 0) dropped[reason] = (dropped[reason] ?? 0) + count;
  };

  async function sendOnce(withinMs: number): Promise<void> {
    const to = target();
    if (to === undefined) return;
    const head = JSON.stringify({ ...(await report()), dropped });
    const sent = lines;
    lines = [];
    bytes = 0;
    try {
      const { request } = await import("undici");
      const reply = await request(`${to.url}${REPORT_PATH}`, {
        method: "POST",
        headers: { authorization: `Bearer ${to.reportToken}`, "content-type": "application/x-ndjson" },
        body: [head, ...sent].join("\n"),
        headersTimeout: withinMs,
        bodyTimeout: withinMs,
      });
      await reply.body.dump();
      if (reply.statusCode >= 300) drop("logs_refused", sent.length);
    } catch {
      drop("logs_unreachable", sent.length);
    }
  }

  function send(withinMs = WITHIN_MS): Promise<void> {
    sending ??= sendOnce(withinMs)
      .catch(() => drop("report_failed", 1))
      .finally(() => {
        sending = undefined;
      });
    return sending;
  }

  void send();
  const timer = setInterval(() => void send(), REPORT_EVERY_MS).unref();
  return {
    line(line) {
      if (bytes + line.length > QUEUE_BYTES) return drop("logs_queue_full", 1);
      bytes += line.length;
      lines.push(line.trimEnd());
    },
    send: () => send(),
    async stop() {
      clearInterval(timer);
      await sending;
      await send(LAST_WITHIN_MS);
    },
  };
}
