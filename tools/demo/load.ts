// Begins journeys at a rate, kills a runtime now and then, and shows the progress, until time is over or it is stopped.

import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "../../lib/core/failure-text.ts";
import type { OrderRecord } from "../promises/check-records.ts";
import { createClient, Interrupted } from "./client.ts";
import { noCounts, progressLine } from "./counts.ts";
import { drawEnding, journey } from "./journey.ts";
import type { People } from "./people.ts";

export interface LoadOptions {
  readonly people: People;
  readonly random: () => number;
  readonly origins: () => readonly string[];
  /** Orders per second. */
  readonly rate: number;
  readonly seconds: number;
  /** Seconds between two kills, and what kills; none without it. */
  readonly kills: { readonly every: number; readonly kill: () => Promise<void> } | undefined;
  /** Stops it early. */
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

export interface Load {
  readonly records: readonly OrderRecord[];
  /** Why journeys could not be taken to their end, a sentence each. */
  readonly failures: readonly string[];
  /** Orders whose last request may have had an effect that nobody was acknowledged: they can't be judged. */
  readonly interrupted: number;
  /** What the last request got that had to be sent again. */
  readonly lastRepeat: string | undefined;
}

const TICK_MS = 20;
const PROGRESS_MS = 1_000;
/** A machine that can't keep up gets no more than it can take. */
const MOST_UNDER_WAY = 200;
/** Milliseconds for what is under way in the end. */
const LAST_MS = 120_000;
/** The same after it was stopped. */
const STOPPED_MS = 10_000;

export async function load(options: LoadOptions): Promise<Load> {
  const { people, random, rate, seconds, kills, signal, progress } = options;
  const counts = noCounts();
  const records: OrderRecord[] = [];
  const failures: string[] = [];
  let interrupted = 0;
  let lastRepeat: string | undefined;
  const underWay = new Set<Promise<void>>();
  const over = new AbortController();
  const onRepeat = (got: string) => {
    lastRepeat = got;
    counts.repeated += 1;
  };
  const send = createClient({ origins: options.origins, random, onRepeat, signal: over.signal });
  const begun = performance.now();
  const elapsed = () => (performance.now() - begun) / 1_000;
  const line = () => progress(progressLine(counts, underWay.size, elapsed()));
  const timer = setInterval(line, PROGRESS_MS);
  const running = () => elapsed() < seconds && !signal.aborted;

  async function killing({ every, kill }: NonNullable<LoadOptions["kills"]>): Promise<void> {
    for (;;) {
      await sleep(every * 1_000, undefined, { signal }).catch(() => {});
      if (!running()) return;
      counts.kills += 1;
      await kill();
    }
  }

  function start(): void {
    let mine: OrderRecord | undefined;
    const record = (order: OrderRecord) => {
      mine = order;
    };
    const ports = { send, people, random, counts, record, signal: over.signal };
    const one = journey(ports, drawEnding(random))
      .then(
        () => undefined,
        (error: unknown) => {
          if (!(error instanceof Interrupted)) failures.push(messageOf(error));
          else if (error.sent) {
            interrupted += 1;
            mine = undefined;
          }
        },
      )
      .then(() => {
        if (mine !== undefined) records.push(mine);
      })
      .finally(() => underWay.delete(one));
    underWay.add(one);
  }

  const background =
    kills === undefined
      ? undefined
      : killing(kills).catch((error: unknown) => failures.push(messageOf(error)));
  for (let started = 0; running(); await sleep(TICK_MS)) {
    const due = Math.floor(elapsed() * rate) + 1;
    for (; started < due; started += 1) if (underWay.size < MOST_UNDER_WAY) start();
  }
  await background;
  const limit = setTimeout(() => over.abort(), signal.aborted ? STOPPED_MS : LAST_MS);
  const stop = () => setTimeout(() => over.abort(), STOPPED_MS).unref();
  signal.addEventListener("abort", stop);
  await Promise.all(underWay);
  signal.removeEventListener("abort", stop);
  clearTimeout(limit);
  clearInterval(timer);
  line();
  return { records, failures, interrupted, lastRepeat };
}
