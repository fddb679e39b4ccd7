// Crash points from the command line: all of them, those of one path, or a sample; prints the matrix and may keep it.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { seededRandom } from "../../../../tools/own-system/random.ts";
import { pageWith, sectionOf } from "./matrix.ts";
import { PATHS } from "./paths.ts";
import type { Role } from "./rig.ts";
import { crashPath, type Outcome, type PointOf } from "./suite.ts";

const PAGE = new URL("../../../../docs/crash-matrix.md", import.meta.url);
/** A sample takes its points from so many parts of the matrix: each costs a start and a run without a crash. */
const SAMPLED_PARTS = 4;
/** Parts that run side by side, each on a system of its own: most of the time a process is starting. */
const AT_ONCE = 2;

export interface CrashPointOptions {
  readonly seed: number;
  /** How many points, drawn by `seed`; all without it. */
  readonly sample: number | undefined;
  /** Names of paths; all without it. */
  readonly only: readonly string[] | undefined;
  readonly roles: readonly Role[];
  /** Whether the page in docs/ is renewed. */
  readonly write: boolean;
  readonly say: (line: string) => void;
}

/** Lets things fail, prints, and counts: a point passed when all promises were kept. */
export async function runCrashPoints(
  options: CrashPointOptions,
): Promise<{ readonly passed: number; readonly failed: number }> {
  const { seed, sample, only, roles, write, say } = options;
  const random = seededRandom(seed);
  const wanted = PATHS.filter(({ name }) => only === undefined || only.includes(name));
  if (wanted.length === 0)
    throw new Error(`There are these paths: ${PATHS.map(({ name }) => name).join(", ")}`);
  const every = wanted.flatMap((path) => roles.map((role) => ({ path, role })));
  const parts = sample === undefined ? every : draw(every, Math.min(SAMPLED_PARTS, sample), random);
  const all: Outcome[] = [];
  const waiting = [...parts.entries()];
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [index, { path, role }] = next;
      const share = sample === undefined ? undefined : shareOf(sample, parts.length, index);
      // Its own randomness: which part is done first must not change what is drawn.
      const own = seededRandom(seed + index);
      const choose = (points: readonly PointOf[]) => draw(points, share ?? 0, own);
      const begun = performance.now();
      const outcomes = await crashPath(path, { role, say, ...(share === undefined ? {} : { choose }) });
      all.push(...outcomes);
      const section = sectionOf(path.name, role, outcomes, seed);
      say(section);
      say(`It took ${Math.round((performance.now() - begun) / 1_000)} s.\n`);
      // Part by part, so that an interrupted run keeps its results.
      if (write) keep(section);
    }
  };
  const stopAll = (error: unknown) => {
    waiting.length = 0;
    throw error;
  };
  // Both are waited for, so that each ends what it has started.
  const ends = await Promise.allSettled(Array.from({ length: AT_ONCE }, () => worker().catch(stopAll)));
  for (const end of ends) if (end.status === "rejected") throw end.reason;
  const failed = all.filter(({ violations }) => violations.length > 0).length;
  const missed = all.filter(({ reached }) => !reached).length;
  say(`${all.length} points, ${all.length - missed} reached, seed ${seed}`);
  return { passed: all.length - failed - missed, failed };
}

/** At once, so that of two parts that end together neither is lost. */
function keep(section: string): void {
  const page = existsSync(PAGE) ? readFileSync(PAGE, "utf8") : "";
  writeFileSync(PAGE, pageWith(page, section));
}

const shareOf = (sample: number, parts: number, index: number): number =>
  Math.floor(sample / parts) + (index < sample % parts ? 1 : 0);

/** `count` of `from`, in their order. */
function draw<T>(from: readonly T[], count: number, random: () => number): readonly T[] {
  const drawn = from
    .map((_, index) => ({ index, place: random() }))
    .sort((a, b) => a.place - b.place)
    .slice(0, count)
    .map(({ index }) => index);
  return from.filter((_, index) => drawn.includes(index));
}
