// The time line of one order: the writes that were seen, what its items say of the time before, and what its traces show.

import type { StoredFacts } from "../../../tools/promises/stored-facts.ts";
import { paymentOf } from "../../../tools/promises/subject.ts";
import type { History } from "../history.ts";
import { findLogs, traceDetail } from "../queries.ts";
import type { SpanView } from "../telemetry-contract.ts";
import type { OrderDetail, OrderEntry, SpanWhat, WriteEntry } from "./contract.ts";
import type { OrderRecords } from "./order-records.ts";

const MOST_TRACES = 60;
const MOST_SPANS = 3_000;
const MOST_LINES = "1000";

type Timeline = Pick<OrderDetail, "timeline" | "items">;

/** `stored`: the items as they are now; undefined where they can't be read. */
export function timelineOf(
  history: History,
  records: Pick<OrderRecords, "writes" | "unrecorded">,
  orderId: string,
  stored: StoredFacts | undefined,
): Timeline {
  const writes = records.writes(orderId);
  const traces = tracesOf(history, [orderId, paymentOf(orderId)]);
  const spans = traces.flatMap((id) => traceDetail(history, id)?.spans ?? []).slice(0, MOST_SPANS);
  const lines = traces.flatMap((trace_id) => findLogs(history, { trace_id, limit: MOST_LINES }).items);
  const entries: readonly OrderEntry[] = [
    ...writes,
    ...notesOf(stored, writes),
    ...gapsOf(stored, writes, records.unrecorded(orderId)),
    // The writes themselves say more than the requests that carried them.
    ...spans
      .filter((span) => span.attributes["db.system.name"] === undefined)
      .map((span) => ({ kind: "span", at: span.started_at, what: whatOf(span), span }) as const),
    ...lines.map((line) => ({ kind: "log", at: line.at, line }) as const),
  ];
  return { timeline: entries.toSorted((one, other) => one.at - other.at), items: itemsOf(writes) };
}

/** What is missing, in so many words. */
function gapsOf(
  stored: StoredFacts | undefined,
  writes: readonly WriteEntry[],
  unrecorded: ReturnType<OrderRecords["unrecorded"]>,
): readonly OrderEntry[] {
  const note = (at: number, item: string, text: string) => ({ kind: "note", at, item, text }) as const;
  const requests = unrecorded.map(({ at, what }) =>
    note(at, "requests", `${what}: its trace was not recorded`),
  );
  const isWhole = itemsOf(writes).every(({ version, seen }) => seen === version) && writes.length > 0;
  if (isWhole || stored?.order === undefined) return requests;
  const begun = Date.parse(stored.order.created_at);
  return [note(begun, "writes", "not all writes are here: they were not followed"), ...requests];
}

function tracesOf(history: History, subjects: readonly string[]): readonly string[] {
  const found = subjects.flatMap((subject) =>
    history
      .statement(`SELECT trace_id FROM subjects WHERE subject = ? LIMIT ${MOST_TRACES}`)
      .all(subject)
      .map(({ trace_id }) => String(trace_id)),
  );
  return [...new Set(found)];
}

function whatOf({ kind, name, attributes }: SpanView): SpanWhat {
  if (name === "send mail") return "mail";
  if (name.includes("push")) return "push";
  if (attributes["cfmp.provider.operation"] !== undefined) return "provider";
  if (kind === "producer") return Number(attributes["cfmp.delivery.attempt"] ?? 1) > 1 ? "retry" : "delivery";
  if (kind === "server")
    return String(attributes["http.route"]).includes("/callback/") ? "callback" : "request";
  return kind === "client" ? "call" : "work";
}

/** Of each item its last version, and how many of its writes were seen. */
function itemsOf(writes: readonly WriteEntry[]): Timeline["items"] {
  const items = new Map<string, { item: string; item_id: string; version: number; seen: Set<number> }>();
  for (const { item, item_id, version } of writes) {
    const known = items.get(`${item}/${item_id}`) ?? { item, item_id, version, seen: new Set() };
    known.version = Math.max(known.version, version);
    known.seen.add(version);
    items.set(`${item}/${item_id}`, known);
  }
  return [...items.values()].map(({ seen, ...item }) => ({ ...item, seen: seen.size }));
}

interface Note {
  readonly at: number;
  readonly item: string;
  readonly id: string;
  readonly text: string;
}

/** What items say of the time before their first write that was seen. */
function notesOf(stored: StoredFacts | undefined, writes: readonly WriteEntry[]): readonly OrderEntry[] {
  if (stored === undefined) return [];
  const { order, payment, charges, buyer, seller, others } = stored;
  const stories = (item: string, one: typeof order | typeof payment): Note[] =>
    (one?.history ?? []).map(({ at, status, note }) => ({
      at: Date.parse(at),
      item,
      id: one?.id ?? "",
      text: `${status}: ${note}`,
    }));
  const notes: readonly Note[] = [
    ...stories("orders", order),
    ...stories("payments", payment),
    ...charges.flatMap(({ reference, decision }) =>
      decision === null
        ? []
        : [{ at: Date.parse(decision.decided_at), item: "sandbox", id: reference, text: decision.outcome }],
    ),
    ...[...buyer, ...seller, ...others].map(({ id, arrived_at, event, channels }) => ({
      at: Date.parse(arrived_at),
      item: "notifications",
      id,
      text: channels.email === undefined ? event : `${event}, mail ${channels.email}`,
    })),
  ];
  return notes
    .filter(({ item, id, at }) => {
      const first = writes.find((write) => write.item === item && write.item_id === id);
      return first === undefined || (first.whole && at < first.at);
    })
    .map(({ at, item, text }) => ({ kind: "note", at, item, text }));
}
