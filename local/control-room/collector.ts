// The collector: takes what runtimes and other senders send, keeps it, and publishes what has changed.

import { messageOf } from "../../lib/core/failure-text.ts";
import type { History as HistoryView, Outbox } from "./api.ts";
import { Calls } from "./calls.ts";
import { measured } from "./collector-metrics.ts";
import type { ListenerHealth } from "./health.ts";
import type { History } from "./history.ts";
import type { Stored } from "./item-queue.ts";
import { ListenersHealth } from "./listeners-health.ts";
import { LiveStream } from "./live.ts";
import type { SystemMap } from "./map-contract.ts";
import { Novelties } from "./novelties.ts";
import type { PromisesView } from "./orders/contract.ts";
import { OrderWatch } from "./orders/order-watch.ts";
import { otherOrdersIn } from "./other-orders.ts";
import type { Decoded } from "./otlp.ts";
import { readBatch } from "./read-batch.ts";
import { readReport } from "./report.ts";
import { Runtimes } from "./runtimes.ts";
import { SentRecords } from "./sent/sent-records.ts";
import type { Point, ReceivedLine, Span } from "./spans.ts";
import { systemMap } from "./system-map.ts";
import { TakenBatches } from "./taken-batches.ts";

export interface CollectorPorts {
  readonly history: History;
  /** Identifies this collector. */
  readonly id: string;
  readonly log: (level: "info" | "warn" | "error", message: string, fields?: object) => void;
  readonly clock?: () => number;
  readonly healthOf?: (url: string) => Promise<ListenerHealth>;
  /** What has failed, which may have other causes than what was asked. */
  readonly failed?: (error: unknown) => void;
}

const MAP_EVERY_MS = 1_000;
const METRICS_EVERY_MS = 5_000;
/** Health is looked up with each map that somebody sees, and so often where nobody does. */
const HEALTH_UNSEEN_MS = 10_000;
const PRUNE_EVERY_MS = 30_000;
const MINUTE_MS = 60_000;

export class Collector {
  readonly history: History;
  readonly live: LiveStream;
  readonly runtimes: Runtimes;
  readonly orders: OrderWatch;
  readonly sent: SentRecords;
  readonly id: string;
  readonly #ports: CollectorPorts;
  readonly #clock: () => number;
  readonly #calls = new Calls();
  readonly #health: ListenersHealth;
  readonly #dropped: Record<string, number> = {};
  readonly #timers: readonly NodeJS.Timeout[];
  #shownPromises = "";
  readonly #novelties: Novelties;
  readonly #batches = new TakenBatches();
  #unfollowed = 0;

  constructor(ports: CollectorPorts) {
    this.#ports = ports;
    this.#clock = ports.clock ?? Date.now;
    this.history = ports.history;
    this.id = ports.id;
    this.live = new LiveStream(ports.id);
    this.runtimes = new Runtimes();
    this.#health = new ListenersHealth(() => this.runtimes.all(), ports.healthOf);
    this.#novelties = new Novelties(ports.history, this.live);
    this.orders = new OrderWatch({
      history: ports.history,
      log: ports.log,
      clock: this.#clock,
    });
    this.sent = new SentRecords(ports.history);
    const every = (milliseconds: number, work: () => void) => setInterval(work, milliseconds).unref();
    this.#timers = [
      every(MAP_EVERY_MS, () => void this.#everySecond()),
      every(METRICS_EVERY_MS, () => this.#measure()),
      every(PRUNE_EVERY_MS, () => this.#keep("prune", 0, () => this.history.prune())),
    ];
  }

  /** Spans of other programs, and of runtimes whose settings have them come here, or to somebody who passes them on: those report their counts. */
  takeSpans({ items, malformed }: Decoded<Span>): void {
    this.#drop("malformed", malformed);
    const [counted, others]: [Span[], Span[]] = [[], []];
    for (const span of items) {
      const reports = span.instance !== null && this.runtimes.find(span.instance) !== undefined;
      (reports ? counted : others).push(span);
    }
    this.#calls.addCounted(counted);
    this.#calls.add(others, this.#clock());
    this.#keepSpans(items, counted);
  }

  takeLogs({ items, malformed }: Decoded<ReceivedLine>): void {
    this.#drop("malformed", malformed);
    if (items.length === 0) return;
    this.#keep("write_failed", items.length, () =>
      this.#novelties.addLines(items, this.history.addLogs(items)),
    );
  }

  takePoints({ items, malformed }: Decoded<Point>): void {
    this.#drop("malformed", malformed);
    if (items.length > 0) this.#keep("write_failed", items.length, () => this.history.addPoints(items));
  }

  /** Whether a page shows what arrives, so that it should arrive soon. */
  isWatched(): boolean {
    return this.live.clients > 0;
  }

  /** A runtime's report with its new spans and the lines of its logs. Returns whether it could be read. */
  takeReport(body: Buffer): boolean {
    const end = body.indexOf("\n");
    const report = readReport(body.toString("utf8", 0, end < 0 ? body.length : end));
    if (report === undefined) return false;
    // Another one may have listened where it does.
    if (this.runtimes.find(report.instance) === undefined) this.#health.forget(report);
    const changed = this.runtimes.reported(report);
    this.orders.connect(report.database);
    if (end >= 0 && this.#batches.isNew(report))
      this.#takeBatch(body.toString("utf8", end + 1), report.instance);
    if (changed) this.#publishMap();
    return true;
  }

  /** What the embedded database has stored. */
  takeStored({ changes, others, unfollowed, lost }: Stored): void {
    this.#unfollowed += unfollowed;
    if (lost) this.#drop("writes_unseen", 1);
    this.#keep("write_failed", changes.length, () => {
      if (lost) this.orders.missed();
      this.orders.takeItems(changes);
    });
    this.orders.takeOthers(otherOrdersIn(others));
  }

  /** A runtime is there that is going to report. */
  lives(instance: string): void {
    if (this.runtimes.lives(instance)) this.#publishMap();
  }

  /** Process `pid` was started in the place of a runtime that has ended. */
  replaced(instance: string, pid: number): void {
    this.runtimes.replaced(instance, pid);
    this.#publishMap();
  }

  /** A runtime has ended. */
  ended(instance: string): void {
    const known = this.runtimes.find(instance);
    if (known !== undefined && known.state !== "down" && known.report.state !== "draining")
      this.orders.faulted(`process ${known.report.pid} ended`);
    this.runtimes.ended(instance);
    this.#publishMap();
  }

  paused(instance: string, paused: boolean): void {
    if (paused) this.orders.faulted(`process ${this.runtimes.find(instance)?.report.pid} was paused`);
    this.runtimes.paused(instance, paused);
    this.#publishMap();
  }

  slowed(instance: string, slowed: boolean): void {
    if (this.runtimes.slowed(instance, slowed)) this.#publishMap();
  }

  /** The map as it is now, with health that is a second old at most. */
  async map(): Promise<SystemMap> {
    await this.#health.ask(MAP_EVERY_MS);
    return this.#map();
  }

  outbox(): Outbox {
    const services = new Map<string, { lag_ms: number | null; parked: number | null }>();
    for (const { report } of this.runtimes.all())
      for (const { name, url } of report.services) {
        const outbox = this.#health.byUrl.get(url)?.outbox ?? null;
        if (outbox !== null || !services.has(name))
          services.set(name, { lag_ms: outbox?.lag_ms ?? null, parked: outbox?.parked ?? null });
      }
    return {
      at: this.#clock(),
      services: [...services].map(([service, state]) => ({ service, ...state })),
    };
  }

  /** Where the gateway is, of a runtime that runs. */
  gatewayUrl(): string | null {
    const fronts = this.runtimes
      .all()
      .filter(({ state, report }) => state !== "down" && report.gateway_url !== null);
    const best = fronts.find(({ state }) => state === "ok") ?? fronts[0];
    return best?.report.gateway_url ?? null;
  }

  promises(): PromisesView {
    return this.orders.view();
  }

  historyView(): HistoryView {
    const dropped = { ...this.#dropped };
    const not_recorded = { traces: 0, lines: 0, writes: this.#unfollowed };
    for (const { report } of this.runtimes.all()) {
      not_recorded.traces += report.not_recorded?.traces ?? 0;
      not_recorded.lines += report.not_recorded?.lines ?? 0;
      for (const [reason, count] of Object.entries(report.dropped))
        dropped[`sender_${reason}`] = (dropped[`sender_${reason}`] ?? 0) + count;
    }
    return { ...this.history.view(dropped), not_recorded };
  }

  close(): void {
    for (const timer of this.#timers) clearInterval(timer);
    this.#novelties.close();
    this.live.close();
    this.orders.close();
    this.history.close();
  }

  async #everySecond(): Promise<void> {
    this.#calls.settle(this.#clock());
    const watched = this.live.clients > 0;
    await this.#health.ask(watched ? MAP_EVERY_MS / 2 : HEALTH_UNSEEN_MS);
    if (!watched) return;
    this.#publishMap();
    const promises = this.promises();
    const text = JSON.stringify({ ...promises, at: 0 });
    if (text === this.#shownPromises) return;
    this.#shownPromises = text;
    this.live.publish({ event: "promises", data: promises });
  }

  #publishMap(): void {
    if (this.live.isWanted()) this.live.publish({ event: "map", data: this.#map() });
  }

  #map(): SystemMap {
    const now = this.#clock();
    return systemMap({
      at: now,
      runtimes: this.runtimes.all(),
      isStarting: this.runtimes.isStarting,
      health: this.#health.byUrl,
      served: this.#calls.served.edges(now),
      edges: this.#calls.edges.edges(now),
      lastMinute: this.#calls.edges.edges(now, MINUTE_MS),
    });
  }

  /** All of it is one transaction: each costs as much as many rows. */
  #takeBatch(text: string, sender: string): void {
    const { spans, lines, counts } = readBatch(text, sender);
    this.#drop("malformed", spans.malformed + lines.malformed);
    this.#calls.addOwn(spans.items, this.#clock());
    if (counts !== undefined) this.#calls.addCounts(counts, this.#clock());
    const acknowledged = counts?.acknowledged ?? [];
    const rows = spans.items.length + lines.items.length + acknowledged.length;
    if (rows === 0) return;
    this.#keep("write_failed", rows, () => {
      const kept = this.history.write(0, () => {
        this.orders.acknowledged(acknowledged);
        return { sent: this.#addSpans(spans.items, spans.items), ids: this.history.addLogs(lines.items) };
      });
      this.#novelties.addSpans(spans.items, kept.sent);
      this.#novelties.addLines(lines.items, kept.ids);
    });
  }

  #keepSpans(spans: readonly Span[], own: readonly Span[]): void {
    if (spans.length === 0) return;
    this.#keep("write_failed", spans.length, () => {
      const sent = this.history.write(0, () => this.#addSpans(spans, own));
      this.#novelties.addSpans(spans, sent);
    });
  }

  /** `own`: those of runtimes, which alone say what was acknowledged and sent here. Returns what was sent by them. */
  #addSpans(spans: readonly Span[], own: readonly Span[]): ReturnType<SentRecords["takeSpans"]> {
    if (spans.length === 0) return [];
    this.history.addSpans(spans);
    this.orders.takeSpans(own);
    return this.sent.takeSpans(own);
  }

  #measure(): void {
    const at = this.#clock();
    const points = measured(at, {
      served: this.#calls.served.edges(at),
      edges: this.#calls.edges.edges(at),
      runtimes: this.runtimes.all(),
      outbox: this.outbox(),
    });
    this.takePoints({ items: points, malformed: 0 });
    const values = points.map(({ name, labels, value }) => [
      [name, ...Object.values(labels)].join(" "),
      value,
    ]);
    this.live.publish({ event: "metrics", data: { at, values: Object.fromEntries(values) } });
    if (this.live.clients === 0) return;
    this.live.publish({ event: "outbox", data: this.outbox() });
    this.live.publish({ event: "history", data: this.historyView() });
  }

  #keep(reason: string, count: number, work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#ports.failed?.(error);
      const known = this.#dropped[reason] !== undefined;
      this.#drop(reason, Math.max(1, count));
      if (!known)
        this.#ports.log("warn", "the control room's history can't be written", {
          error: messageOf(error),
        });
    }
  }

  #drop(reason: string, count: number): void {
    if (count > 0) this.#dropped[reason] = (this.#dropped[reason] ?? 0) + count;
  }
}
