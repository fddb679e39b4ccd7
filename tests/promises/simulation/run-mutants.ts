// npm run simulate:mutants -- [--seed N] [--runs M] [--only text] [--workers W] [--write]: plants each known
// bug, and counts the histories until it is found.

import { readFileSync, writeFileSync } from "node:fs";
import * as z from "zod";
import { numbered } from "../../../tools/promises/promised.ts";
import { commandOptions, flag, number, report, text } from "../../support/command.ts";
import { mustRun } from "../../support/run.ts";
import { MUTATIONS } from "./mutations.ts";

const options = commandOptions({
  seed: number(1),
  runs: number(20_000),
  only: text(""),
  workers: number(2),
  write: flag,
});

const PAGE = "docs/simulation.md";
const BEGIN = "<!-- mutants: written by `npm run simulate:mutants -- --write` -->";
const END = "<!-- end of mutants -->";

const finding = z
  .object({
    seed: z.number(),
    histories: z.number(),
    violations: z.array(z.object({ promise: z.string(), text: z.string() })).min(1),
  })
  .nullable();

interface Row {
  readonly name: string;
  readonly histories: number | undefined;
  readonly how: string;
}

const wanted = MUTATIONS.filter((mutation) => mutation.name.includes(options.only)).map(({ name }) => name);
const rows: Row[] = Array.from(wanted, (name) => ({ name, histories: undefined, how: "" }));
const left = wanted.entries();
await Promise.all(Array.from({ length: options.workers }, huntOn));

const survivors = rows.filter(({ histories }) => histories === undefined);
const found = rows.length - survivors.length;
console.log(`\n${found} of ${rows.length} planted bugs found`);
if (options.write) await write();
report({ passed: found, failed: survivors.length });

/** Hunts one after the other of those that nobody has begun with. */
async function huntOn(): Promise<void> {
  for (const [at, name] of left) {
    const caught = await hunt(name);
    const [violation] = caught?.violations ?? [];
    const how = violation ? `${numbered(violation.promise)}: ${readable(violation.text)}` : "**survives**";
    rows[at] = { name, histories: caught?.histories, how };
    console.log(`${String(caught?.histories ?? "-").padStart(7)}  ${name} → ${how}`);
  }
}

async function hunt(name: string): Promise<z.infer<typeof finding>> {
  const limits = ["--seed", String(options.seed), "--runs", String(options.runs)];
  const hunting = ["--import", `${import.meta.dirname}/plant.ts`, `${import.meta.dirname}/run-hunt.ts`];
  const env = { ...process.env, SIMULATION_MUTATION: name };
  return finding.parse(JSON.parse(await mustRun(process.execPath, [...hunting, ...limits], { env })));
}

/** Without ids, which say nothing to a reader. */
function readable(text: string): string {
  return text
    .replace(/ ?\b[0-9a-f]{8}-[0-9a-f-]{27}\b/g, "")
    .replace(/ ?\b[0-9a-z]{32}\b/g, "")
    .replace(/\|/g, "/");
}

async function write(): Promise<void> {
  const page = readFileSync(PAGE, "utf8");
  const [before, rest] = page.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error(`${PAGE} has no place for the table`);
  const table = [
    `Seed ${options.seed}, at most ${options.runs} histories each: ${found} of ${rows.length} found.`,
    "",
    "| planted bug | histories until found | the first promise it broke |",
    "|---|---|---|",
    ...rows.map(({ name, histories, how }) => `| ${name} | ${histories ?? "-"} | ${how} |`),
  ];
  writeFileSync(PAGE, `${before}${BEGIN}\n\n${table.join("\n")}\n\n${END}${after}`);
  await mustRun("node_modules/.bin/biome", ["format", "--write", PAGE]);
}
