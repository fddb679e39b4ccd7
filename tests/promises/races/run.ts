// npm run test:races -- [--times 200] [--only name,name] [--seed 1]
// Runs each race so many times against two instances of every service, and counts the rounds after which all promises
// are kept, judged by the public API and the mail catcher alone.

import { seededRandom } from "../../../tools/own-system/random.ts";
import {
  beforeEnd,
  commandOptions,
  names,
  number,
  report,
  seed as seedOption,
} from "../../support/command.ts";
import { endAllSystems, RealSystem } from "../../support/real-system.ts";
import { check, SWEPT_MS } from "../check.ts";
import { type Deal, driver, newDeal } from "../deal.ts";
import type { Field } from "./field.ts";
import { RACES, type Race } from "./races.ts";

const { times, only, seed } = commandOptions({ times: number(200), only: names, seed: seedOption });

const ROUNDS_AT_ONCE = 4;
const SHOWN = 10;

const random = seededRandom(seed);
const races = RACES.filter(({ name }) => only === undefined || only.includes(name));
if (races.length === 0) throw new Error(`There are these races: ${RACES.map(({ name }) => name).join(", ")}`);

beforeEnd(endAllSystems);
console.log(`seed ${seed}, ${times} rounds each`);
// Two instances of every service: each request goes to either.
const system = await RealSystem.start({ runtimes: [{}, { own: true }], random });
let failed = 0;
try {
  for (const race of races) failed += await runRace(race);
} finally {
  await system.cleanUp();
}
report({ passed: races.length * times - failed, failed });

/** Returns the number of rounds after which a promise was broken. */
async function runRace(race: Race): Promise<number> {
  const repeated: string[] = [];
  const drive = driver(system, { onRepeat: (got) => repeated.push(got) });
  const field: Field = { drive, random, repeats: () => repeated.length };
  const begun = performance.now();
  const deals: Deal[] = [];
  const rounds = Array.from({ length: times }, (_, round) => round);
  const runner = async () => {
    for (let round = rounds.shift(); round !== undefined; round = rounds.shift()) {
      const deal = await newDeal(system, { label: `${race.name} ${round + 1}`, sold: round % 4 === 0 });
      deals.push(deal);
      await race.run(field, deal, round).catch((error: unknown) => deal.objections.push(String(error)));
    }
  };
  await Promise.all(Array.from({ length: ROUNDS_AT_ONCE }, runner));
  const { violations } = await check(deals, system, { againAfterMs: SWEPT_MS });
  const broken = new Set(violations.map(({ deal }) => deal)).size;
  const seconds = ((performance.now() - begun) / 1_000).toFixed(1);
  const ways = [...tally(deals)].map(([way, count]) => `${count} × ${way}`).join(", ");
  console.log(
    `${race.name}: ${broken} of ${times} broken, ${repeated.length} requests repeated, ${seconds} s (${ways})`,
  );
  if (repeated.length > 0) console.log(`  repeated for the first time: ${repeated[0]}`);
  for (const { promise, sentence } of violations.slice(0, SHOWN)) console.log(`  ${promise}: ${sentence}`);
  return broken;
}

/** What was acknowledged, and how often: shows that a race can be won by either side. */
function tally(deals: readonly Deal[]): Map<string, number> {
  const ways = new Map<string, number>();
  for (const { acknowledged } of deals) {
    const way = acknowledged
      .map(({ what }) => what)
      .filter((what) => what !== "order created" && what !== "payment begun")
      .toSorted()
      .join(" + ");
    ways.set(way, (ways.get(way) ?? 0) + 1);
  }
  return ways;
}
