// A control room as it is after a long day with many instances: its server over a full history, to which more is added all the time.

import { ACTIONS } from "../../local/control-room/actions.ts";
import { Collector } from "../../local/control-room/collector.ts";
import { History } from "../../local/control-room/history.ts";
import { pageAssets } from "../../local/control-room/page-assets.ts";
import { createServerOf } from "../../local/control-room/server.ts";
import type { ReceivedLine, Span } from "../../local/control-room/spans.ts";
import { testReport } from "../../local/control-room/test-reports.ts";
import { testLine, testSpan } from "../../local/control-room/test-spans.ts";

export interface CrowdedRoom {
  readonly url: string;
  /** Begins, or ends, to add what 50 flows a second do. */
  live(on: boolean): void;
  /** Sends `count` further lines to the pages that are open, as fast as they take them. */
  sendLines(count: number): Promise<void>;
  close(): Promise<void>;
}

export const SIZE = { instances: 51, lines: 100_000, traces: 10_000 } as const;

const SERVICES = ["OrderService", "PaymentService", "NotificationService"] as const;
const RUNTIMES = SIZE.instances / SERVICES.length;
const SPANS_OF_OLD = 8;
const SPANS_OF_NEW = 45;
const TICK_MS = 100;
/** Traces and lines of a tick. */
const TICK = { traces: 5, lines: 20 } as const;
/** Lines of one event of the stream: what the page gets when the collector is busy. */
const LINES_AT_ONCE = 500;
const BATCH = 1_000;
const BUDGET = { bytes: 400_000_000, ms: 86_400_000 };

export async function openCrowdedRoom(): Promise<CrowdedRoom> {
  const history = await History.open(":memory:", BUDGET);
  const health = async () => ({ status: "ok" as const, checks: {}, outbox: { lag_ms: 0, parked: 0 } });
  const collector = new Collector({ history, id: "crowded", log: () => {}, healthOf: health });
  const listener = createServerOf({
    collector,
    actions: async () => ({ done: true, detail: "", pid: null }),
    panels: [],
    reportToken: "none",
    session: () => ({
      token: "none",
      version: "0",
      collector: "crowded",
      gateway_url: null,
      mail_url: null,
      actions: ACTIONS,
    }),
    page: pageAssets(),
    log: () => {},
  });
  const port = await listener.open({ host: "127.0.0.1", port: 0 });
  fill(collector);
  let traces: number = SIZE.traces;
  const report = () => {
    for (let no = 0; no < RUNTIMES; no += 1) collector.takeReport(Buffer.from(reportOf(no)));
  };
  report();
  const reports = setInterval(report, 1_000);
  let feed: NodeJS.Timeout | undefined;
  const tick = () => {
    const now = Date.now();
    const spans: Span[] = [];
    for (let no = 0; no < TICK.traces; no += 1) spans.push(...traceOf(++traces, SPANS_OF_NEW, now - 50));
    collector.takeSpans({ items: spans, malformed: 0 });
    collector.takeLogs({ items: linesOf(TICK.lines, now), malformed: 0 });
  };
  return {
    url: `http://127.0.0.1:${port}`,
    live(on) {
      clearInterval(feed);
      feed = on ? setInterval(tick, TICK_MS) : undefined;
    },
    async sendLines(count) {
      for (let left = count; left > 0; left -= LINES_AT_ONCE) {
        const items = linesOf(Math.min(left, LINES_AT_ONCE), Date.now());
        const ids = history.addLogs(items);
        collector.live.publish({
          event: "logs",
          data: { items: items.map((line, index) => ({ id: ids[index] ?? 0, ...line })), more: 0 },
        });
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    async close() {
      clearInterval(feed);
      clearInterval(reports);
      collector.live.close();
      await listener.close(0);
      collector.close();
    },
  };
}

function fill(collector: Collector): void {
  const begun = Date.now() - 3_600_000;
  let spans: Span[] = [];
  for (let trace = 1; trace <= SIZE.traces; trace += 1) {
    spans.push(...traceOf(trace, SPANS_OF_OLD, begun + trace * 300));
    if (spans.length < BATCH && trace < SIZE.traces) continue;
    collector.takeSpans({ items: spans, malformed: 0 });
    spans = [];
  }
  for (let line = 0; line < SIZE.lines; line += BATCH)
    collector.takeLogs({ items: linesOf(BATCH, begun + line * 30), malformed: 0 });
}

const LEVELS = ["info", "info", "info", "info", "info", "info", "info", "debug", "warn", "error"] as const;

const linesOf = (count: number, at: number): readonly ReceivedLine[] =>
  Array.from({ length: count }, (_, no) =>
    testLine(at + no / 1_000, {
      service: SERVICES[no % SERVICES.length] ?? "",
      level: LEVELS[no % LEVELS.length] ?? "info",
      message: `request ${no} was answered`,
      fields: { route: "createOrder", status: 201, duration_ms: no % 40, order_id: `0197-${at}-${no}` },
    }),
  );

const traceOf = (trace: number, count: number, at: number): readonly Span[] =>
  Array.from({ length: count }, (_, no) =>
    testSpan(trace, no + 1, {
      service: SERVICES[no % SERVICES.length] ?? "",
      kind: no % 2 === 0 ? "server" : "client",
      started_at: at + no,
      duration_ms: count - no,
      failed: trace % 20 === 0 && no === 1,
      attributes: { "cfmp.order.id": `order-${trace}`, "http.route": "/api/orders/" },
    }),
  );

function reportOf(no: number): string {
  const port = 20_000 + no * SERVICES.length;
  const services = SERVICES.map((name, index) => ({
    name,
    url: `http://127.0.0.1:${port + index}`,
    in_flight: Math.round(Math.random() * 9),
    connections: 3,
  }));
  return JSON.stringify(
    testReport(`runtime-${no}`, {
      pid: 4_000 + no,
      started_at: Date.now() - 60_000,
      services,
      peers: services.map(({ name, url }) => ({ service: name, url, balancer: "available" as const })),
      memory_bytes: 2e8 + Math.random() * 1e7,
      cpu: Math.random(),
      event_loop_p99_ms: 10 + Math.random(),
      // Nothing is to be read from a database.
      database: { kind: "external", address: null },
    }),
  );
}
