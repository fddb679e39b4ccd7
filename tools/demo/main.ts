// npm run demo -- [--rate 5] [--minutes 1] [--kill-every <seconds>] [--seed <number>] [--settle 60] [--against <gateway URL>]
// Lets people buy: orders, payments, declines, refunds, cancellations. Starts a system of its own, on free ports and with data
// of its own, or drives the one at --against, whose settings are those of this shell. Then the promises are checked over
// the database, the sandbox provider's records and the notifications. Exit code 0: all were kept, 1: one is broken, 2: it did not run,
// or its output was lost.

import { endOnSignals } from "../../local/shared/end-signals.ts";
import { print } from "../../local/shared/print.ts";
import { exitCodeOf } from "../command.ts";
import { explained } from "../explain.ts";
import { seededRandom } from "../own-system/random.ts";
import { checkRecords } from "../promises/check-records.ts";
import { factsReader } from "../promises/facts.ts";
import { load } from "./load.ts";
import { type DemoOptions, demoOptions } from "./options.ts";
import { gather } from "./people.ts";
import { openPlace, type Place } from "./place.ts";
import { summaryOf } from "./summary.ts";

process.exitCode = await exitCodeOf(run, 2);
// A client of the registry or the database is no reason to stay.
process.exit();

async function run(lost: AbortSignal): Promise<number> {
  const options = demoOptions(process.argv.slice(2));
  const stopped = new AbortController();
  lost.addEventListener("abort", () => stopped.abort());
  // The terminal is closed: nobody waits for a summary.
  process.once("SIGHUP", () => process.exit(129));
  endOnSignals(() => {
    print("Stopping; once more ends it at once.");
    stopped.abort();
  });
  if (options.against === undefined) print("Starting a system ...");
  const place = await openPlace(options);
  try {
    return await demo(options, place, stopped.signal);
  } catch (error) {
    throw new Error(explained(error, place.database.address), { cause: error });
  } finally {
    await place.end();
  }
}

async function demo(
  { rate, minutes, killEvery, seed, settle }: DemoOptions,
  { origins, database, credentials, kill }: Place,
  signal: AbortSignal,
): Promise<number> {
  const random = seededRandom(seed);
  print(`Seed ${seed}: ${rate} orders per second for ${minutes} min at ${origins().join(", ")}`);
  const people = await gather(credentials, random);
  const kills =
    killEvery > 0 && kill !== undefined ? { every: killEvery, kill: () => kill(random) } : undefined;
  const seconds = minutes * 60;
  const done = await load({ people, random, origins, rate, seconds, kills, signal, progress });
  if (process.stdout.isTTY) print("");
  const reader = () => factsReader((name) => database.table(name));
  const checked = await checkRecords(done.records, { reader, settleMs: settle * 1_000 });
  const { lines, kept } = summaryOf(done, checked);
  print(lines.join("\n"));
  return kept ? 0 : 1;
}

/** On a terminal one line that changes. */
function progress(line: string): void {
  if (process.stdout.isTTY) process.stdout.write(`\r\u001b[K${line}`);
  else print(line);
}
