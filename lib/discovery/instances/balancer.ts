// The balancer: chooses the instance for the next request, the less loaded of two that are drawn at random by weight.
// Sources: M. Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing", IEEE TPDS 12(10), 2001;
// cost as in Finagle's P2C with peak EWMA.

import type { Endpoint } from "./endpoint.ts";

export interface Choice {
  /** Monotonic milliseconds, on the clock of latencies and ejections. */
  readonly now: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Instances that must not be chosen again. */
  readonly tried?: readonly Endpoint[] | undefined;
  /** False for a request that must not be repeated: it is no trial for an ejected instance. */
  readonly allowTrial?: boolean;
}

/**
 * Levels of eligibility; a level is used only when those before it have no endpoint: 1 healthy endpoints, 2 those the
 * registry calls unhealthy, 3 ejected ones, 4 ejected ones that could not be reached. One in its cool-down is on no level.
 */
const LEVELS = [1, 2, 3, 4] as const;
type Level = (typeof LEVELS)[number];

/**
 * The endpoint for the next request; undefined when none is eligible (disabled, weight 0, in its cool-down, or tried). An
 * ejected one that is due for a trial comes first. Allocates no memory.
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
  // Equal weights: two different endpoints are drawn, so the worse of two instances gets no request. Different weights: drawn
  // with replacement, since otherwise both of two instances would always be drawn and the weights would have no effect.
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
 * The less loaded of two endpoints. Latencies within a factor of two count as equal: then the number of requests in flight
 * decides, and after it the draw, since otherwise noise would starve one of two equal instances at low load. Beyond that
 * factor latency × (in flight + 1) decides. The time since the last reply, while requests are in flight, counts as latency,
 * so that a hung instance is detected.
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
