// Crashes a real process, or lets its disk fail, at every point of a path, one after the other, and holds the system to its
// promises each time.

import { setTimeout as sleep } from "node:timers/promises";
import type { Violation } from "../../../../tools/promises/judge.ts";
import { DISK_FAULTS } from "../../../support/faulty-disk.ts";
import { until } from "../../../support/poll.ts";
import { check, lookOnce, SWEPT_MS } from "../../check.ts";
import { type Deal, newDeal } from "../../deal.ts";
import { DATABASE_WRITE, type Point } from "./passages.ts";
import type { Path } from "./paths.ts";
import { type Rig, type Role, startRig } from "./rig.ts";

export interface PointOf {
  readonly role: Role;
  readonly point: Point;
}

/** One crash, or fault of the disk, and what came of it. */
export interface Outcome extends PointOf {
  readonly path: string;
  /** False when the run did not come by the point: nothing failed, so nothing was shown. */
  readonly reached: boolean;
  readonly violations: readonly Violation[];
}

export interface SuiteOptions {
  /** Which of the points that were found are tried; all without it. */
  readonly choose?: (points: readonly PointOf[]) => readonly PointOf[];
  readonly role: Role;
  readonly say: (line: string) => void;
}

/** How often a point that a run did not come by is tried. */
const TRIES = 3;

/** Finds the points of `path` by a run without a crash, then crashes at each. @throws {Error} when that first run breaks a promise. */
export async function crashPath(
  path: Path,
  { choose, role, say }: SuiteOptions,
): Promise<readonly Outcome[]> {
  const rig = await startRig(path.settings);
  try {
    const deals: Deal[] = [];
    const calm = await run(rig, path, `${path.name}, no crash`, { role, point: undefined });
    if (calm.violations.length > 0) throw new Error(`Without a crash: ${calm.violations[0]?.sentence}`);
    await rig.watchesAll();
    const found = pointsOf(calm.counts, path, role).map((point) => ({ role, point }));
    if (found.length === 0) throw new Error(`${path.name} comes by no point of the ${role}`);
    const points = choose ? choose(found) : found;
    say(`${path.name}, ${role}: ${found.length} points${choose ? `, ${points.length} of them tried` : ""}`);
    const outcomes: Outcome[] = [];
    for (const point of points) {
      const outcome = await crashAt(rig, path, point, deals);
      outcomes.push({ path: path.name, ...point, ...outcome });
      const [broken] = outcome.violations;
      if (broken || !outcome.reached)
        say(`  ${point.role}, ${point.point}: ${broken?.sentence ?? "not reached"}`);
    }
    return await again(rig, deals, outcomes, say);
  } finally {
    await rig.end();
  }
}

async function crashAt(rig: Rig, path: Path, at: PointOf, deals: Deal[]) {
  for (let tries = 1; ; tries += 1) {
    const label = `${path.name}, ${at.role} ${at.point}${tries > 1 ? ` (${tries})` : ""}`;
    const { deal, struck, violations } = await run(rig, path, label, at);
    deals.push(deal);
    if (struck || violations.length > 0 || tries === TRIES) return { reached: struck, violations };
  }
}

/** One deal on the path, with a crash if there is a point. */
async function run(rig: Rig, path: Path, label: string, at: { role: Role; point: Point | undefined }) {
  const deal = await newDeal(rig.system, { label, sold: true, mailed: true });
  await path.before(rig, deal);
  await rig.quiet();
  await rig.arm(at.role, at.point);
  const during = path.during(rig, deal);
  during.catch(() => {});
  const struck = await struckOrDone(rig, during);
  const counts = struck ? {} : await rig.counts(at.role);
  const objections = struck ? await rig.recover() : [];
  if (!struck) await rig.arm(at.role, undefined);
  await during;
  await rig.loseHints(false);
  await path.after?.(rig, deal);
  if (struck && at.role === "disk") await rig.forget();
  const { violations: broken } = await check([deal], rig.system);
  const unmet = await objectionsTo(rig, path, deal);
  path.close?.(deal);
  const objected = objections.map((sentence): Violation => ({ promise: "durable", deal: label, sentence }));
  return { deal, struck, counts, violations: [...objected, ...broken, ...unmet] };
}

/** What the path itself objects to, after it had time to settle. */
async function objectionsTo(rig: Rig, { objections }: Path, deal: Deal): Promise<readonly Violation[]> {
  if (objections === undefined) return [];
  let found: readonly string[] = [];
  const settled = async () => {
    found = await objections(rig, deal);
    return found.length === 0;
  };
  await until("the path has settled", settled).catch(() => {});
  return found.map((sentence) => ({
    promise: "mail",
    deal: deal.label,
    sentence: `${deal.label}: ${sentence}`,
  }));
}

/** True when it crashed or the disk failed; false when everything was done and nothing is under way any more. */
async function struckOrDone(rig: Rig, during: Promise<void>): Promise<boolean> {
  let done = false;
  const finished = during.then(() => rig.quiet()).then(() => (done = true));
  finished.catch(() => {});
  while (!done) {
    if (await rig.struck()) return true;
    await sleep(5);
  }
  return rig.struck();
}

/**
 * The points behind the counts of a run. Of a sweep's looks, which come all the time, the first counts. The disk may fail
 * in several ways at each write.
 */
function pointsOf(counts: Readonly<Record<string, number>>, { swept = false }: Path, role: Role): Point[] {
  if (role === "disk") {
    const writes = Array.from({ length: counts[`before ${DATABASE_WRITE}`] ?? 0 }, (_, index) => index + 1);
    return DISK_FAULTS.flatMap((fault) => writes.map((n) => `${fault} ${DATABASE_WRITE} #${n}`));
  }
  return Object.entries(counts).flatMap(([passage, count]) => {
    const look = passage.endsWith(" queryIds");
    if (look && !swept) return [];
    return Array.from({ length: look ? 1 : count }, (_, index) => `${passage} #${index + 1}`);
  });
}

/** Looks at all deals of a path once more: nothing may have been done twice since. */
async function again(
  rig: Rig,
  deals: readonly Deal[],
  outcomes: Outcome[],
  say: SuiteOptions["say"],
): Promise<readonly Outcome[]> {
  await sleep(SWEPT_MS);
  const violations = await lookOnce(deals, rig.system);
  for (const { sentence } of violations) say(`  afterwards: ${sentence}`);
  return outcomes.map((outcome) => {
    const label = `${outcome.path}, ${outcome.role} ${outcome.point}`;
    const late = violations.filter(({ deal }) => deal === label || deal.startsWith(`${label} (`));
    return late.length > 0 && outcome.violations.length === 0 ? { ...outcome, violations: late } : outcome;
  });
}
