// What a runtime says of all its requests and calls, whether their spans are recorded or not: how many, how many failed, how long they
// took, and what was acknowledged to whom. A line of JSON beside its spans and the lines of its logs.

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

/** What is counted at one place. */
export class Tally {
  readonly place: Place;
  count = 0;
  errors = 0;
  readonly durations = new Uint32Array(BUCKETS);

  constructor(place: Place) {
    this.place = place;
  }

  add(milliseconds: number, failed: boolean): void {
    const bucket = bucketOf(milliseconds);
    this.count += 1;
    if (failed) this.errors += 1;
    this.durations[bucket] = (this.durations[bucket] ?? 0) + 1;
  }

  /** What was counted, as a row, and begins again at 0; none where that was nothing. */
  take(): readonly unknown[][] {
    const { place, count, errors, durations } = this;
    if (count === 0) return [];
    const pairs: number[] = [];
    for (const [bucket, of] of durations.entries()) if (of > 0) pairs.push(bucket, of);
    durations.fill(0);
    [this.count, this.errors] = [0, 0];
    return [[place.from, place.to, place.kind, count, errors, pairs]];
  }
}

export class TrafficCounts {
  /** By `from`, then by `to`: as texts joined they would have to be made for each call. */
  readonly #calls = new Map<string, Map<string, Tally>>();
  readonly #served = new Map<string, Tally>();
  #acknowledged: (readonly [orderId: string, step: PlainStep])[] = [];
  #size = 0;

  served(service: string, milliseconds: number, failed: boolean): void {
    let tally = this.#served.get(service);
    if (tally === undefined) {
      tally = new Tally({ from: service, to: service, kind: "http" });
      if (this.#hasRoom()) this.#served.set(service, tally);
    }
    tally.add(milliseconds, failed);
  }

  /** Where calls of one kind are counted; what is beyond the room for them is counted nowhere. */
  calls(from: string, to: string, kind: string): Tally {
    let callees = this.#calls.get(from);
    if (callees === undefined) {
      callees = new Map();
      this.#calls.set(from, callees);
    }
    let tally = callees.get(to);
    if (tally === undefined) {
      tally = new Tally({ from, to, kind });
      if (this.#hasRoom()) callees.set(to, tally);
    }
    return tally;
  }

  /** Acknowledged steps that were not taken yet. */
  get acknowledgedSteps(): number {
    return this.#acknowledged.length;
  }

  /** False: there is no room for it. */
  acknowledged(orderId: string, step: PlainStep): boolean {
    return this.#acknowledged.length < MOST_ACKNOWLEDGED && this.#acknowledged.push([orderId, step]) > 0;
  }

  /** The line of all since the call before, with its end; undefined where there was nothing. */
  take(): string | undefined {
    const served = [...this.#served.values()].flatMap((tally) => tally.take());
    const calls = [...this.#calls.values()].flatMap((callees) =>
      [...callees.values()].flatMap((tally) => tally.take()),
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
