// What a runtime says of all its requests and calls, whether their spans are recorded or not: how many, how many failed, how long they
// took, and what was acknowledged to whom. A line of JSON beside its spans and the lines of its logs.

import type { Callee } from "../../lib/observability/traffic.ts";
import type { PlainStep } from "../../tools/promises/deal-record.ts";
import { BUCKETS, bucketOf, type Place } from "./durations.ts";
import { isRecord, listOf, textOf } from "./spans.ts";

/** Requests or calls of about a second at one place. */
export interface CountedPlace {
  readonly place: Place;
  readonly count: number;
  readonly errors: number;
  /** Number of them by how long they took. */
  readonly durations: Uint32Array;
}

export interface Counts {
  /** Requests that services answered: `from` and `to` are the service. */
  readonly served: readonly CountedPlace[];
  readonly calls: readonly CountedPlace[];
  /** What requests acknowledged whose spans are not recorded. */
  readonly acknowledged: readonly { readonly orderId: string; readonly step: PlainStep }[];
}

/** Outside the system. */
export const CLIENT = "client";

const BEGINS = '{"served":';
/** Names are bounded in number by what is declared; this is for what is not foreseen. */
const MOST_PLACES = 200;
const MOST_ACKNOWLEDGED = 10_000;
const LONGEST_NAME = 200;

export const isCountsLine = (line: string): boolean => line.startsWith(BEGINS);

interface Tally {
  count: number;
  errors: number;
  readonly durations: Uint32Array;
}

export class TrafficCounts {
  /** By `from`, then by `to`: as texts joined they would have to be made for each call. */
  readonly #calls = new Map<string, Map<string, Tally & { readonly kind: string }>>();
  readonly #served = new Map<string, Tally>();
  #acknowledged: (readonly [orderId: string, step: PlainStep])[] = [];
  #size = 0;

  served(service: string, milliseconds: number, failed: boolean): void {
    let tally = this.#served.get(service);
    if (tally === undefined) {
      tally = { count: 0, errors: 0, durations: new Uint32Array(BUCKETS) };
      if (!this.#hasRoom()) return;
      this.#served.set(service, tally);
    }
    add(tally, milliseconds, failed);
  }

  called(from: string, { to, kind }: Callee, milliseconds: number, failed: boolean): void {
    let callees = this.#calls.get(from);
    if (callees === undefined) {
      callees = new Map();
      this.#calls.set(from, callees);
    }
    let tally = callees.get(to);
    if (tally === undefined) {
      tally = { kind, count: 0, errors: 0, durations: new Uint32Array(BUCKETS) };
      if (!this.#hasRoom()) return;
      callees.set(to, tally);
    }
    add(tally, milliseconds, failed);
  }

  /** False: there is no room for it. */
  acknowledged(orderId: string, step: PlainStep): boolean {
    return this.#acknowledged.length < MOST_ACKNOWLEDGED && this.#acknowledged.push([orderId, step]) > 0;
  }

  /** The line of all since the call before, with its end; undefined where there was nothing. */
  take(): string | undefined {
    const served = [...this.#served].flatMap(([service, tally]) => rowOf(service, service, "http", tally));
    const calls = [...this.#calls].flatMap(([from, callees]) =>
      [...callees].flatMap(([to, tally]) => rowOf(from, to, tally.kind, tally)),
    );
    const acknowledged = this.#acknowledged;
    if (served.length + calls.length + acknowledged.length === 0) return undefined;
    this.#acknowledged = [];
    return `${JSON.stringify({ served, calls, acknowledged })}\n`;
  }

  #hasRoom(): boolean {
    this.#size += 1;
    return this.#size <= MOST_PLACES;
  }
}

function add(tally: Tally, milliseconds: number, failed: boolean): void {
  const bucket = bucketOf(milliseconds);
  tally.count += 1;
  if (failed) tally.errors += 1;
  tally.durations[bucket] = (tally.durations[bucket] ?? 0) + 1;
}

/** The row of what a place has counted, which begins again at 0; none where that was nothing. */
function rowOf(from: string, to: string, kind: string, tally: Tally): readonly unknown[][] {
  const { count, errors, durations } = tally;
  if (count === 0) return [];
  const pairs = [...durations].flatMap((of, bucket) => (of > 0 ? [bucket, of] : []));
  durations.fill(0);
  [tally.count, tally.errors] = [0, 0];
  return [[from, to, kind, count, errors, pairs]];
}

/** What {@link TrafficCounts.take} gave; undefined for any other line. */
export function countsOf(line: string): Counts | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (!isRecord(value)) return undefined;
  return {
    served: listOf(value["served"]).flatMap((row) => placeOf(row) ?? []),
    calls: listOf(value["calls"]).flatMap((row) => placeOf(row) ?? []),
    acknowledged: listOf(value["acknowledged"]).flatMap((row) => {
      const [orderId, step] = listOf(row);
      const known = typeof orderId === "string" && typeof step === "string";
      return known ? [{ orderId: orderId.slice(0, LONGEST_NAME), step: step as PlainStep }] : [];
    }),
  };
}

function placeOf(row: unknown): CountedPlace | undefined {
  const [from, to, kind, count, errors, pairs] = listOf(row);
  const place = {
    from: textOf(from, LONGEST_NAME) ?? "",
    to: textOf(to, LONGEST_NAME) ?? "",
    kind: textOf(kind, LONGEST_NAME) ?? "",
  };
  if (typeof count !== "number" || typeof errors !== "number") return undefined;
  const durations = new Uint32Array(BUCKETS);
  const flat = listOf(pairs);
  for (let at = 0; at + 1 < flat.length; at += 2) durations[Number(flat[at])] = Number(flat[at + 1]);
  return { place, count, errors, durations };
}
