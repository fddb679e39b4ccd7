// How a listener leaves the balancer in front of it, so that no request meets a closed port. Nginx sends the header below with
// each request that it may send to another instance (servers/nginx/nginx.conf). An instance that is about to stop answers 502 to those: Nginx
// then asks another one, and sends this one nothing for two seconds (`fail_timeout`), in which the port can close. To close it
// at once would lose what Nginx has handed over already and must not send twice, such as a POST without an Idempotency-Key.

import type { IncomingHttpHeaders } from "node:http";
import { Problem } from "../../../lib/http/problem.ts";

/** Any value: the sender asks another instance when this one answers 502. */
const ELSEWHERE = "cfmp-elsewhere";

/** Milliseconds after the last request of a balancer in which it is waited for. */
const REMEMBERED_MS = 30_000;
/** Milliseconds after a request was turned away in which those arrive that were on their way here. */
const SETTLED_MS = 300;
/** Milliseconds for which the balancer surely leaves this instance out. */
const LEFT_OUT_MS = 1_500;

/** The balancer in front of one listener. */
export class Balancer {
  readonly #now: () => number;
  #lastRequest = Number.NEGATIVE_INFINITY;
  #lastTurnedAway = Number.NEGATIVE_INFINITY;

  /** @param now milliseconds, from any time on. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Takes notice of a request. True when another instance has to answer it, because this one is `leaving`. */
  turnsAway(headers: IncomingHttpHeaders, leaving: boolean): boolean {
    if (headers[ELSEWHERE] === undefined) return false;
    this.#lastRequest = this.#now();
    if (leaving) this.#lastTurnedAway = this.#lastRequest;
    return leaving;
  }

  /** Whether it sends nothing here for now: it was turned away a moment ago, or there is none. */
  leavesOut(): boolean {
    const now = this.#now();
    if (now - this.#lastRequest > REMEMBERED_MS) return true;
    const since = now - this.#lastTurnedAway;
    return since >= SETTLED_MS && since < LEFT_OUT_MS;
  }
}

/** 502, as for any instance that can't answer. */
export const leavingProblem = (): Problem =>
  new Problem(502, "instance_leaving", "This instance is about to stop; another one has to be asked.", {
    headers: { connection: "close" },
  });
