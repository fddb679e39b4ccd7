// The collector: takes what runtimes and other senders send, keeps it, and publishes what has changed.

import { messageOf } from "../../lib/core/failure-text.ts";
import type { History as HistoryView, Outbox } from "./api.ts";
import type { Unread } from "./backlog.ts";
import { Calls } from "./calls.ts";
import { measured } from "./collector-metrics.ts";
import { type Health, healthAfter, healthOf } from "./health.ts";
import type { History } from "./history.ts";
import { Intake } from "./intake.ts";
import { LiveStream } from "./live.ts";
import type { SystemMap } from "./map-contract.ts";
import type { PromisesView } from "./orders/contract.ts";
import { OrderWatch } from "./orders/order-watch.ts";
import { packItems, unpackItems } from "./orders/packed-items.ts";
import type { ItemChange } from "./orders/stored-item.ts";
import type { Decoded } from "./otlp.ts";
import { tracesOf } from "./queries.ts";
import { readBatch } from "./read-batch.ts";
import { readReport } from "./report.ts";
import { Runtimes } from "./runtimes.ts";
import type { SentView } from "./sent/contract.ts";
import { SentRecords } from "./sent/sent-records.ts";
import type { Point, ReceivedLine, Span } from "./spans.ts";
import { systemMap } from "./system-map.ts";
import type { LogLine } from "./telemetry-contract.ts";

export interface CollectorPorts {
  readonly history: History;
  /** Identifies this collector. */
  readonly id: string;
  readonly log: (level: "info" | "warn" | "error", message: string, fields?: object) => void;
  readonly clock?: () => number;
  readonly healthOf?: (url: string) => Promise<Health>;
}

const MAP_EVERY_MS = 1_000;
/** So long traces and lines are gathered for one event to the pages. */
const NEW_WITHIN_MS = 50;
const METRICS_EVERY_MS = 5_000;
/** Health is looked up with each map that somebody sees, and so often where nobody does. */
const HEALTH_UNSEEN_MS = 10_000;
const PRUNE_EVERY_MS = 30_000;
const SHOWN_TRACES = 100;
const SHOWN_LINES = 500;
const SHOWN_SENT = 100;
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
  readonly #health = new Map<string, Health>();
  readonly #dropped: Record<string, number> = {};
  readonly #timers: readonly NodeJS.Timeout[];
  #changedTraces = new Set<string>();
  #newLines: LogLine[] = [];
  #linesLeftOut = 0;
  #publishes: NodeJS.Timeout | undefined;
  #newSent: SentView[] = [];
  #shownPromises = "";
  #askedAt = Number.NEGATIVE_INFINITY;
  #asking: Promise<void> | undefined;
  readonly #intake: Intake;

  constructor(ports: CollectorPorts) {
    this.#ports = ports;
    this.#clock = ports.clock ?? Date.now;
    this.history = ports.history;
    this.id = ports.id;
    this.live = new LiveStream(ports.id);
    this.runtimes = new Runtimes();
    this.#intake = new Intake({
      history: ports.history,
      read: (unread) => this.#read(unread),
      isWanted: () => this.live.isWanted(),
      cpu: () => this.runtimes.cpu(),
      keep: (work) => this.#keep("write_failed", 1, work),
    });
    this.orders = new OrderWatch({
      history: ports.history,
      log: ports.log,
      clock: this.#clock,
      behind: () => this.#intake.isBehind,
    });
    this.sent = new SentRecords(ports.history);
    const every = (milliseconds: number, work: () => void) => setInterval(work, milliseconds).unref();
    this.#timers = [
      every(MAP_EVERY_MS, () => void this.#everySecond()),
      every(METRICS_EVERY_MS, () => this.#measure()),
      every(PRUNE_EVERY_MS, () => this.#keep("prune", 0, () => this.history.prune())),
    ];
  }

  takeSpans({ items, malformed }: Decoded<Span>): void {
    this.#drop("malformed", malformed);
    if (items.length === 0) return;
    this.#calls.add(items, this.#clock());
    const kept = this.#keep("write_failed", items.length, () =>
      this.history.write(0, () => {
        this.history.addSpans(items);
        this.orders.takeSpans(items);
        const sent = this.sent.takeSpans(items);
        if (this.live.isWanted()) this.#newSent.push(...sent);
      }),
    );
    if (!kept || !this.live.isWanted()) return;
    for (const { trace_id } of items) this.#changedTraces.add(trace_id);
    this.#publishSoon();
  }

  takeLogs({ items, malformed }: Decoded<ReceivedLine>): void {
    this.#drop("malformed", malformed);
    if (items.length === 0) return;
    this.#keep("write_failed", items.length, () => {
      const ids = this.history.addLogs(items);
      if (!this.live.isWanted()) return;
      items.forEach((line, index) => {
        if (this.#newLines.length < SHOWN_LINES) this.#newLines.push({ id: ids[index] ?? 0, ...line });
        else this.#linesLeftOut += 1;
      });
      this.#publishSoon();
    });
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
    const changed = this.runtimes.reported(report);
    this.orders.connect(report.database);
    const rest = end < 0 ? body.subarray(body.length) : body.subarray(end + 1);
    if (rest.length > 0 && this.#intake.isNew(report))
      this.#intake.take({ sender: report.instance, body: rest });
    if (changed) this.#publishMap();
    return true;
  }

  /** Items that the embedded database has stored; undefined: there were some that are not known. */
  takeItems(changes: readonly ItemChange[] | undefined): void {
    if (changes === undefined) this.#drop("writes_unseen", 1);
    // What comes after it in time must not be read before it.
    if (this.#intake.readsAtOnce()) this.#readItems(changes);
    else this.#intake.take({ sender: null, body: Buffer.from(packItems(changes)) });
  }

  /** Somebody looks: resolves when all that has arrived is read, or a while later; from now on what arrives is read at once. */
  async look(): Promise<void> {
    await this.#intake.look();
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
    await this.#askHealth(MAP_EVERY_MS);
    return this.#map();
  }

  outbox(): Outbox {
    const services = new Map<string, { lag_ms: number | null; parked: number | null }>();
    for (const { report } of this.runtimes.all())
      for (const { name, url } of report.services) {
        const outbox = this.#health.get(url)?.outbox ?? null;
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
    const running = this.runtimes.all().filter(({ state }) => state !== "down");
    return running.find(({ report }) => report.gateway_url !== null)?.report.gateway_url ?? null;
  }

  promises(): PromisesView {
    const view = this.orders.view();
    return { ...view, pending: view.pending + this.#intake.unread() };
  }

  historyView(): HistoryView {
    const dropped = { ...this.#dropped };
    for (const { report } of this.runtimes.all())
      for (const [reason, count] of Object.entries(report.dropped))
        dropped[`sender_${reason}`] = (dropped[`sender_${reason}`] ?? 0) + count;
    return { ...this.history.view(dropped), unread: this.#intake.unread() };
  }

  close(): void {
    for (const timer of this.#timers) clearInterval(timer);
    clearTimeout(this.#publishes);
    this.live.close();
    this.orders.close();
    this.history.close();
  }

  async #everySecond(): Promise<void> {
    this.#calls.settle(this.#clock());
    const watched = this.live.clients > 0;
    if (watched) void this.look();
    else this.#intake.readAtRest();
    await this.#askHealth(watched ? MAP_EVERY_MS / 2 : HEALTH_UNSEEN_MS);
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

  #publishSoon(): void {
    this.#publishes ??= setTimeout(() => {
      this.#publishes = undefined;
      this.#publishNew();
    }, NEW_WITHIN_MS).unref();
  }

  #publishNew(): void {
    if (!this.live.isWanted()) return;
    const ids = [...this.#changedTraces];
    this.#changedTraces = new Set();
    if (ids.length > 0) {
      const shown = ids.slice(-SHOWN_TRACES);
      const items = tracesOf(this.history, shown);
      this.live.publish({ event: "traces", data: { items, more: ids.length - shown.length } });
    }
    if (this.#newSent.length > 0) {
      const shown = this.#newSent.slice(-SHOWN_SENT);
      const more = this.#newSent.length - shown.length;
      this.live.publish({ event: "sent", data: { items: shown, more } });
      this.#newSent = [];
    }
    if (this.#newLines.length === 0) return;
    this.live.publish({ event: "logs", data: { items: this.#newLines, more: this.#linesLeftOut } });
    this.#newLines = [];
    this.#linesLeftOut = 0;
  }

  #map(): SystemMap {
    const now = this.#clock();
    return systemMap({
      at: now,
      runtimes: this.runtimes.all(),
      health: this.#health,
      served: this.#calls.served.edges(now),
      edges: this.#calls.edges.edges(now),
      lastMinute: this.#calls.edges.edges(now, MINUTE_MS),
    });
  }

  /** Looks up the health of all listeners of runtimes that run, unless that is not `olderMs` ago. */
  async #askHealth(olderMs: number): Promise<void> {
    if (performance.now() - this.#askedAt < olderMs) return this.#asking;
    this.#askedAt = performance.now();
    const ask = this.#ports.healthOf ?? healthOf;
    const urls = new Set(
      this.runtimes
        .all()
        .filter(({ state }) => state === "ok")
        .flatMap(({ report: { services, gateway_url } }) => [
          ...services.map(({ url }) => url),
          ...(gateway_url === null ? [] : [gateway_url]),
        ]),
    );
    for (const url of this.#health.keys()) if (!urls.has(url)) this.#health.delete(url);
    this.#asking = Promise.all(
      [...urls].map(async (url) => {
        const seen = await ask(url);
        this.#health.set(url, healthAfter(this.#health.get(url), seen));
      }),
    ).then(() => {});
    await this.#asking;
  }

  #read({ sender, body }: Unread): void {
    const text = body.toString();
    if (sender === null) {
      this.#readItems(unpackItems(text));
      return;
    }
    const { spans, lines } = readBatch(text, sender);
    this.takeSpans(spans);
    this.takeLogs(lines);
  }

  #readItems(changes: readonly ItemChange[] | undefined): void {
    this.#keep("write_failed", changes?.length ?? 0, () => this.orders.takeItems(changes));
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

  #keep(reason: string, count: number, work: () => void): boolean {
    try {
      work();
      return true;
    } catch (error) {
      const known = this.#dropped[reason] !== undefined;
      this.#drop(reason, Math.max(1, count));
      if (!known)
        this.#ports.log("warn", "the control room's history can't be written", {
          error: messageOf(error),
        });
      return false;
    }
  }

  #drop(reason: string, count: number): void {
    if (count > 0) this.#dropped[reason] = (this.#dropped[reason] ?? 0) + count;
  }
}
