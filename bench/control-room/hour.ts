// What the helper process holds after an hour's worth of spans, which are sent to it as fast as it takes them.

import { setTimeout as sleep } from "node:timers/promises";
import { traceRequest } from "../../lib/observability/otlp/encode.ts";
import type { RecordedSpan } from "../../lib/observability/span.ts";
import { ROUTES } from "../../local/control-room/api.ts";
import type { SystemMap } from "../../local/control-room/map-contract.ts";
import { until } from "../../tests/support/poll.ts";
import { processesOf } from "../bench-system.ts";
import { memoryOf, watchMemory } from "../processes.ts";
import { rehearse, startWatched } from "./sides.ts";

export interface HourFigures {
  readonly spans: number;
  readonly seconds: number;
  /** MB of the helper process: before, at most, and at rest afterwards. */
  readonly before: number;
  readonly most: number;
  readonly after: number;
  /** As the control room says. */
  readonly history: { readonly bytes: number; readonly budget_bytes: number; readonly spans: number };
  readonly dropped: Readonly<Record<string, number>>;
}

/** The demo's rate. */
const FLOWS_PER_SECOND = 5;
const SPANS_OF_FLOW = 45;
const HOUR_S = 3_600;
const BATCH_FLOWS = 11;
const REST_MS = 10_000;

export async function measureHour(): Promise<HourFigures> {
  await rehearse();
  const { system, url } = await startWatched();
  try {
    const processes = processesOf(system);
    // Only what runtimes of the system say is kept as what was acknowledged and sent.
    const instance = await until("the runtime has reported", () => reportedAt(url));
    const before = memoryOf(processes)["helper"] ?? 0;
    const endWatch = watchMemory(processes);
    const begun = performance.now();
    let spans = 0;
    for (let flow = 0; flow < FLOWS_PER_SECOND * HOUR_S; flow += BATCH_FLOWS) {
      const batch = Array.from({ length: BATCH_FLOWS }, (_, no) => flowOf(flow + no)).flat();
      const reply = await fetch(`${url}/v1/traces`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(traceRequest(batch, { "service.instance.id": instance })),
      });
      if (!reply.ok) throw new Error(`The control room answered ${reply.status}`);
      await reply.text();
      spans += batch.length;
    }
    const seconds = (performance.now() - begun) / 1_000;
    await sleep(REST_MS);
    const most = endWatch()["helper"] ?? 0;
    const after = memoryOf(processes)["helper"] ?? 0;
    const { dropped, ...history }: HourFigures["history"] & { readonly dropped: HourFigures["dropped"] } =
      JSON.parse(await (await fetch(`${url}/api/history`)).text());
    return { spans, seconds, before, most, after, history, dropped };
  } finally {
    await system.cleanUp();
  }
}

/** The id of the runtime that has reported; undefined: none has. */
async function reportedAt(url: string): Promise<string | undefined> {
  const map: SystemMap = JSON.parse(await (await fetch(`${url}${ROUTES.map}`)).text());
  return map.runtimes[0]?.id;
}

const hex = (number: number, length: number): string => number.toString(16).padStart(length, "0");

/** Spans such as a paid order makes, in five traces: a request at the gateway and what follows it each. */
function flowOf(flow: number): readonly RecordedSpan[] {
  const now = Date.now();
  return Array.from({ length: SPANS_OF_FLOW }, (_, no) => {
    const first = no % 9 === 0;
    return {
      service: ["gateway", "OrderService", "PaymentService", "NotificationService"][no % 4] ?? "",
      name: no % 3 === 0 ? "GET /api/payments/" : "PutItem cfmp-order-orders",
      kind: no % 3 === 0 ? ("server" as const) : ("client" as const),
      traceId: hex(flow * 5 + Math.floor(no / 9) + 1, 32),
      spanId: hex(flow * SPANS_OF_FLOW + no + 1, 16),
      parentSpanId: first ? undefined : hex(flow * SPANS_OF_FLOW + no, 16),
      startMs: now + no,
      endMs: now + no + 3,
      failed: false,
      attributes: {
        "http.request.method": "GET",
        // A route that acknowledges nothing: no such order is in the database, and its promises would be judged as broken.
        "http.route": "/api/payments/",
        "http.response.status_code": 200,
        "user.id": `user-${flow % 1_000}`,
        "cfmp.order.id": `0197b5a0-0000-7000-8000-${hex(flow, 12)}`,
      },
    };
  });
}
