// Who calls whom. Runtimes count their own requests and calls. Those of others are read off spans: a client's span names its target, a
// server's span its caller by the parent, whichever of them arrives first.

import { OUTSIDE } from "../../lib/observability/traffic.ts";
import { CLIENT, type Counts } from "./counts.ts";
import type { Span } from "./spans.ts";
import { TrafficTable } from "./traffic.ts";

export const DATABASE = "database";

/** Spans whose service is remembered for those below them. */
const REMEMBERED = 50_000;
/** Milliseconds for which a server's span waits for its parent: senders send once a second. */
const PARENT_WITHIN_MS = 5_000;
const MOST_WAITING = 20_000;

interface Caller {
  readonly service: string;
  /** Whether its span names its target, and was counted so. */
  readonly counted: boolean;
}

export class Calls {
  /** Requests that a service answered: `from` and `to` are the service. */
  readonly served = new TrafficTable();
  readonly edges = new TrafficTable();
  #callers = new Map<string, Caller>();
  #before = new Map<string, Caller>();
  #waiting: { readonly span: Span; readonly until: number }[] = [];

  /** Spans of others. */
  add(spans: readonly Span[], now: number): void {
    for (const span of spans) this.#addOne(span, now);
    this.settle(now);
  }

  /** What a runtime has counted, about at `now`. */
  addCounts({ served, calls }: Counts, now: number): void {
    for (const counted of served) this.served.addCounted(counted, now);
    for (const counted of calls) this.edges.addCounted(counted, now);
  }

  /** Spans of a runtime, which has counted them, but for who outside has called it. */
  addOwn(spans: readonly Span[], now: number): void {
    this.addCounted(spans);
    for (const span of spans) if (span.attributes[OUTSIDE] === true) this.#awaitCaller(span, now);
    this.settle(now);
  }

  /** Spans that are counted already: they only say who calls those below them. */
  addCounted(spans: readonly Span[]): void {
    for (const span of spans) {
      const { service, kind, span_id } = span;
      this.#remember(span_id, { service, counted: kind === "client" && targetOf(span) !== undefined });
    }
  }

  /** Counts requests whose caller is known by now, or has to be taken for somebody outside. */
  settle(now: number): void {
    this.#waiting = this.#waiting.filter(({ span, until }) => {
      const caller = this.#callerOf(span);
      // The clock may have been set back since.
      if (caller === undefined && now < until && until - now <= PARENT_WITHIN_MS) return true;
      this.#answered(span, caller, now);
      return false;
    });
  }

  #addOne(span: Span, now: number): void {
    const { service, kind, failed, duration_ms } = span;
    const at = span.started_at + duration_ms;
    const target = kind === "client" ? targetOf(span) : undefined;
    if (target !== undefined) {
      const [to, by] = target;
      this.edges.add({ from: service, to, kind: by }, at, duration_ms, failed && !isRefused(span), now);
    }
    this.#remember(span.span_id, { service, counted: target !== undefined });
    if (kind !== "server") return;
    this.served.add({ from: service, to: service, kind: "http" }, at, duration_ms, failed, now);
    this.#awaitCaller(span, now);
  }

  #awaitCaller(span: Span, now: number): void {
    if (span.parent_span_id === null || this.#waiting.length >= MOST_WAITING)
      this.#answered(span, undefined, now);
    else this.#waiting.push({ span, until: now + PARENT_WITHIN_MS });
  }

  #answered(
    { service, started_at, duration_ms, failed }: Span,
    caller: Caller | undefined,
    now: number,
  ): void {
    if (caller?.counted === true || caller?.service === service) return;
    const from = caller?.service ?? CLIENT;
    const at = started_at + duration_ms;
    this.edges.add({ from, to: service, kind: "http" }, at, duration_ms, failed, now);
  }

  #callerOf({ parent_span_id }: Span): Caller | undefined {
    const id = parent_span_id ?? "";
    return this.#callers.get(id) ?? this.#before.get(id);
  }

  #remember(spanId: string, caller: Caller): void {
    if (this.#callers.size >= REMEMBERED / 2) {
      this.#before = this.#callers;
      this.#callers = new Map();
    }
    this.#callers.set(spanId, caller);
  }
}

/** Whether the callee answered that the caller's request is wrong: a client's span is then a failed one, but no call has failed. */
function isRefused({ attributes }: Span): boolean {
  const status = Number(attributes["http.response.status_code"] ?? attributes["http.status_code"]);
  return status >= 400 && status < 500;
}

/** What a client's span calls, and by what; undefined where it does not say. */
function targetOf({ attributes, name }: Span): readonly [to: string, kind: string] | undefined {
  const peer = attributes["cfmp.peer.service"] ?? attributes["peer.service"];
  if (peer !== undefined) return [String(peer), "http"];
  const database = attributes["db.system.name"] ?? attributes["db.system"];
  if (database !== undefined) return [DATABASE, "database"];
  const method = attributes["cfmp.payment.method"];
  if (method !== undefined) return [String(method), "provider"];
  return name === "send mail" ? ["mail", "mail"] : undefined;
}
