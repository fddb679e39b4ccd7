// Which instance gets the next request: the less loaded of two drawn at random, by weight.
// Sources: M. Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing", IEEE TPDS 12(10), 2001;
// cost as in Finagle's P2C with peak EWMA.

import type { Endpoint } from "./endpoint.ts";

export interface Choice {
  /** Milliseconds on the clock by which latencies and ejections are kept. */
  readonly now: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Not to be chosen again. */
  readonly tried?: readonly Endpoint[] | undefined;
  /** False for a request that can't be repeated: it must not be the trial of an ejected instance. */
  readonly allowTrial?: boolean;
}

/**
 * Which endpoints are eligible, level by level: the healthy ones; if there are none, those the registry calls unhealthy;
 * then the ejected; at last those of them that could not be reached. One in its cool-down is eligible on no level.
 */
const LEVELS = [1, 2, 3, 4] as const;
type Level = (typeof LEVELS)[number];

/**
 * The endpoint for the next request; undefined when none may take any (all off, of weight 0, or tried). An ejected one
 * that is due for a trial comes first. Allocates nothing.
 */
export function choose(endpoints: readonly Endpoint[], choice: Choice): Endpoint | undefined {
  if (choice.allowTrial !== false) {
    for (const endpoint of endpoints) if (isDue(endpoint, choice)) return endpoint;
  }
  for (const level of LEVELS) {
    const chosen = chooseAt(level, endpoints, choice);
    if (chosen !== undefined) return chosen;
  }
  return undefined;
}

/** True when an endpoint other than `endpoint` is expected to answer. */
export function hasAnother(endpoints: readonly Endpoint[], endpoint: Endpoint, choice: Choice): boolean {
  return endpoints.some((other) => other !== endpoint && counts(other, 2, choice));
}

function chooseAt(level: Level, endpoints: readonly Endpoint[], choice: Choice): Endpoint | undefined {
  let total = 0;
  let count = 0;
  let weight = 0;
  let evenly = true;
  for (const endpoint of endpoints) {
    if (!counts(endpoint, level, choice)) continue;
    if (count > 0 && endpoint.instance.weight !== weight) evenly = false;
    weight = endpoint.instance.weight;
    total += weight;
    count += 1;
  }
  if (count === 0) return undefined;
  const first = draw(level, endpoints, choice, total, undefined);
  if (count === 1 || first === undefined) return first;
  // Even weights: two different ones, so the worse of two instances gets nothing. Uneven weights: drawn with
  // replacement, else of two instances both would always be drawn and the weights would say nothing.
  const second = evenly
    ? draw(level, endpoints, choice, total - weight, first)
    : draw(level, endpoints, choice, total, undefined);
  return second === undefined || second === first ? first : lighter(first, second, choice.now);
}

function draw(
  level: Level,
  endpoints: readonly Endpoint[],
  choice: Choice,
  total: number,
  except: Endpoint | undefined,
): Endpoint | undefined {
  let left = choice.random() * total;
  let last: Endpoint | undefined;
  for (const endpoint of endpoints) {
    if (endpoint === except || !counts(endpoint, level, choice)) continue;
    left -= endpoint.instance.weight;
    last = endpoint;
    if (left < 0) return endpoint;
  }
  return last;
}

/**
 * Latencies within a factor of two are alike, and the number of requests under way decides, then the draw; else noise
 * would starve one of two equal instances at low load. Beyond that latency × (in flight + 1) decides. Silence with
 * requests under way is a latency in the making, by which a hung instance shows.
 */
function lighter(one: Endpoint, other: Endpoint, now: number): Endpoint {
  const latency = Math.max(one.latency.at(now), one.silentFor(now));
  const otherLatency = Math.max(other.latency.at(now), other.silentFor(now));
  const alike = latency <= 2 * otherLatency && otherLatency <= 2 * latency;
  if (alike) return other.inFlight < one.inFlight ? other : one;
  return otherLatency * (other.inFlight + 1) < latency * (one.inFlight + 1) ? other : one;
}

function isDue(endpoint: Endpoint, choice: Choice): boolean {
  const due = endpoint.ejection.state(choice.now) === "due";
  return due && takesTraffic(endpoint, choice) && endpoint.instance.healthy;
}

function counts(endpoint: Endpoint, level: Level, choice: Choice): boolean {
  if (!takesTraffic(endpoint, choice)) return false;
  if (level >= 3) return level === 4 || !endpoint.ejection.gone;
  if (endpoint.ejection.state(choice.now) !== "in") return false;
  return level === 2 || endpoint.instance.healthy;
}

function takesTraffic(endpoint: Endpoint, { now, tried }: Choice): boolean {
  const { enabled, weight } = endpoint.instance;
  if (!enabled || weight <= 0 || endpoint.coolDownUntil > now) return false;
  return tried === undefined || !tried.includes(endpoint);
}
