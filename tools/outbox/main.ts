// npm run outbox -- list [--table orders] [--limit 100] [--json] [--stage dev]
// npm run outbox -- retry [--table orders] <aggregate>[/<id>] … | --all  [--stage dev]
// npm run outbox -- settle <aggregate> …  [--stage dev]
// npm run outbox -- failures [--limit 100] [--json] | redrive  [--stage dev]
// What was given up, and has to be looked at by a person: events that their receivers refuse, rejected refunds, attempts whose
// provider gives no answer, and money that no payment takes. The last is dealt with at the provider, and then settled.

import { parseArgs } from "node:util";
import { relayFailuresName } from "../../build/relay-failures.ts";
import { id as uuid } from "../../lib/contract/schemas.ts";
import { DomainError } from "../../lib/core/domain-error.ts";
import type { Parked, ParkedSource } from "../../lib/outbox/parked.ts";
import { DEFAULT_STAGE } from "../../local/shared/command.ts";
import { loadEnvFiles } from "../../local/shared/env-file.ts";
import { complain, print } from "../../local/shared/print.ts";
import { allAggregates } from "../aggregates.ts";
import { exitCodeOf, optionsOf, UsageError } from "../command.ts";
import { type Database, openDatabase } from "../database.ts";
import { explained } from "../explain.ts";
import { SERVICE } from "../stack.ts";
import { FailureQueue } from "./failure-queue.ts";
import { listFailures, redriveFailures } from "./failures.ts";

const USAGE = `Usage: npm run outbox -- list [--table orders] [--limit 100] [--json] [--stage dev]
       npm run outbox -- retry [--table orders] <aggregate>[/<id>] … | --all  [--stage dev]
       npm run outbox -- settle <aggregate> …  [--stage dev]
       npm run outbox -- failures [--limit 100] [--json] | redrive  [--stage dev]`;
const ON_AWS_ONLY =
  "Only a stack on AWS has a queue of failed runs, and AWS_ACCESS_KEY_ID is not set. A system on this machine sweeps again by itself.";
const DEFAULT_LIMIT = 100;
/** --all gives up after this many in one run, so that a receiver that refuses at once can't keep it busy. */
const ALL_LIMIT = 10_000;

process.exitCode = await exitCodeOf(run, 1);

async function run(): Promise<number> {
  const { values, positionals } = parsed();
  const [command, ...ids] = positionals;
  if ((command === "failures" || command === "redrive") && ids.length === 0) {
    const queue = await failureQueue(values.stage);
    if (command === "redrive") return await redriveFailures({ queue });
    return await listFailures({ queue }, limitOf(values.limit), values.json === true);
  }
  const database = openDatabase(values.stage);
  try {
    const sources = chosen(await sourcesOf(database), values.table);
    if (command === "list" && ids.length === 0) {
      return await list(sources, limitOf(values.limit), values.json === true);
    }
    if (command === "retry" && ids.length > 0 !== (values.all === true)) {
      return values.all === true ? await retryAll(sources) : await retry(sources, ids);
    }
    if (command === "settle" && ids.length > 0) return await settle(sources, ids);
    throw new UsageError(USAGE);
  } catch (error) {
    complain(explained(error, database.address));
    return 1;
  } finally {
    await database.close();
  }
}

function parsed() {
  const options = {
    table: { type: "string" },
    limit: { type: "string" },
    json: { type: "boolean" },
    all: { type: "boolean" },
    stage: { type: "string" },
  } as const;
  return optionsOf(USAGE, () => parseArgs({ allowPositionals: true, options }));
}

/** The queue of the stack's stage: only AWS has one, a system on this machine sweeps again by itself. */
async function failureQueue(stage = DEFAULT_STAGE): Promise<FailureQueue> {
  loadEnvFiles(process.env, { stage });
  if (!process.env["AWS_ACCESS_KEY_ID"]) throw new UsageError(ON_AWS_ONLY);
  return FailureQueue.open(relayFailuresName(SERVICE, stage));
}

async function sourcesOf({ table }: Database): Promise<readonly ParkedSource[]> {
  return (await allAggregates(table)).flatMap(({ parked }) => parked ?? []);
}

function chosen(sources: readonly ParkedSource[], table: string | undefined): readonly ParkedSource[] {
  const matching = sources.filter((source) => table === undefined || source.table === table);
  if (matching.length > 0) return matching;
  const known = sources.map((source) => source.table).join(", ");
  throw new UsageError(`--table takes one of these: ${known}.\n${USAGE}`);
}

function limitOf(text: string | undefined): number {
  if (text === undefined) return DEFAULT_LIMIT;
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new UsageError(`--limit takes a whole number.\n${USAGE}`);
  return Number(text);
}

async function list(sources: readonly ParkedSource[], limit: number, json: boolean): Promise<number> {
  const found: Parked[] = [];
  for (const source of sources) found.push(...(await source.list(limit - found.length + 1)));
  const shown = found.slice(0, limit);
  if (json) print(JSON.stringify(shown, null, 2));
  else for (const line of lines(shown, found.length > limit)) print(line);
  return 0;
}

function lines(parked: readonly Parked[], more: boolean): string[] {
  if (parked.length === 0) return ["Nothing is parked."];
  const each = parked.flatMap(({ table, aggregate, kind, id, since, tries, error, text }) => [
    `${table}  ${kind}  ${aggregate}/${id}`,
    `    since ${since}, ${tries} ${tries === 1 ? "try" : "tries"}: ${error}`,
    ...(text === undefined ? [] : [`    it says: ${text}`]),
  ]);
  return more ? [...each, `There are more; --limit shows them.`] : each;
}

async function retryAll(sources: readonly ParkedSource[]): Promise<number> {
  const listed = (await Promise.all(sources.map((source) => source.list(ALL_LIMIT)))).flat();
  const targets = listed.filter(({ kind }) => kind !== "transaction");
  const keys = new Set(targets.map(({ table, aggregate, id }) => JSON.stringify([table, aggregate, id])));
  let failed = 0;
  let done = 0;
  for (const key of keys) {
    const [table, aggregate, id] = JSON.parse(key);
    const outcome = await tryOne(
      sources.filter((source) => source.table === table),
      aggregate,
      id,
    );
    if (outcome === undefined) failed += 1;
    else done += outcome;
  }
  print(`${done} will be tried again.`);
  return failed > 0 ? 1 : 0;
}

async function retry(sources: readonly ParkedSource[], ids: readonly string[]): Promise<number> {
  let failed = 0;
  for (const given of ids) {
    const cut = given.indexOf("/");
    const [name, id] = cut < 0 ? [given, undefined] : [given.slice(0, cut), given.slice(cut + 1)];
    const aggregate = aggregateIdOf(name);
    const done = await tryOne(sources, aggregate, id);
    if (done === 0) complain(`Nothing of ${given} is parked.`);
    else if (done !== undefined) print(`${given}: ${done} will be tried again.`);
    if (!done) failed += 1;
  }
  return failed > 0 ? 1 : 0;
}

/** Records that a person has dealt with each of `ids` at its provider. */
async function settle(sources: readonly ParkedSource[], ids: readonly string[]): Promise<number> {
  let failed = 0;
  for (const given of ids) {
    const [name = ""] = given.split("/");
    const aggregate = aggregateIdOf(name);
    let settled = false;
    for (const source of sources) settled ||= await source.settle(aggregate);
    if (settled) print(`${given}: settled.`);
    else complain(`There is nothing to settle of ${given}.`);
    if (!settled) failed += 1;
  }
  return failed > 0 ? 1 : 0;
}

/** As it is stored: letters of a UUID may be given in either case. What is no UUID is a reference, which stays as it is. */
function aggregateIdOf(given: string): string {
  return uuid().safeParse(given).data ?? given;
}

/** How many things of `aggregate` are tried again; undefined, and a line that says why, when the rules refuse. */
async function tryOne(
  sources: readonly ParkedSource[],
  aggregate: string,
  id: string | undefined,
): Promise<number | undefined> {
  let done = 0;
  for (const source of sources) {
    try {
      done += (await source.retry(aggregate, id)).length;
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      complain(`${aggregate}: ${error.message}`);
      return undefined;
    }
  }
  return done;
}
