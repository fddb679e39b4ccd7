// The table of docs/registry.md: which client works, and with which of the two registries. A run is held to it.

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { NacosClient } from "./clients.ts";
import { type Outcome, STEPS, type Step } from "./scenario.ts";

const PAGE = join(import.meta.dirname, "..", "..", "..", "docs", "registry.md");
const HEAD: Readonly<Record<Step, string>> = {
  registers: "registers",
  lists: "lists",
  pushed: "is notified of instances",
  configs: "publishes and reads configurations",
  notified: "is notified of configurations",
  login: "logs in",
  restart: "recovers from a restart",
  killed: "is removed when killed",
};
const COLUMNS = ["language", "package", "version", "protocol", ...STEPS.map((step) => HEAD[step])];

export type Kind = "embedded" | "Nacos";
/** With which registries a step works. */
const CELLS = { both: "yes", embedded: "embedded", Nacos: "Nacos", none: "no" } as const;
type Cell = keyof typeof CELLS;

/** By client, the cell of each step. */
export type Table = ReadonlyMap<string, Readonly<Record<Step, Cell>>>;

export const nameOf = ({ package: name, version }: NacosClient): string => `${name} ${version}`;

/** The table on the page. @throws {Error} when it has another form. */
export async function readTable(): Promise<Table> {
  const rows = new Map<string, Readonly<Record<Step, Cell>>>();
  for (const [, name = "", version = "", , ...cells] of rowsOf(await readFile(PAGE, "utf8"))) {
    const entries = STEPS.map((step, index) => [step, cellOf(cells[index])] as const);
    rows.set(`${name} ${version}`, recordOf(entries));
  }
  return rows;
}

/** What the table says of the steps at this registry, against what was seen: a line for each difference. */
export function differencesOf(
  table: Table,
  client: NacosClient,
  kind: Kind,
  outcomes: readonly Outcome[],
): string[] {
  const row = table.get(nameOf(client));
  return outcomes.flatMap(({ step, failure }) => {
    const works = failure === undefined;
    const claimed = row !== undefined && worksAt(row[step], kind);
    if (works === claimed) return [];
    return [`${nameOf(client)}, ${kind}, ${step}: ${works ? "works, the page says it does not" : failure}`];
  });
}

/** The table with what was seen at one registry; what was not tried stays as it was. */
export function updated(table: Table, client: NacosClient, kind: Kind, outcomes: readonly Outcome[]): Table {
  const before = table.get(nameOf(client));
  const other = kind === "Nacos" ? "embedded" : "Nacos";
  const cells = STEPS.map((step) => {
    const outcome = outcomes.find((each) => each.step === step);
    const atOther = before !== undefined && worksAt(before[step], other);
    const here =
      outcome === undefined
        ? before !== undefined && worksAt(before[step], kind)
        : outcome.failure === undefined;
    return [step, here && atOther ? "both" : here ? kind : atOther ? other : "none"] as const;
  });
  return new Map([...table, [nameOf(client), recordOf(cells)]]);
}

/** Writes the rows of `clients` to the page. */
export async function writeTable(table: Table, clients: readonly NacosClient[]): Promise<void> {
  const rows = clients.flatMap((client) => {
    const row = table.get(nameOf(client));
    if (row === undefined) return [];
    const { language, package: name, version, protocol } = client;
    return [[language, name, version, protocol, ...STEPS.map((step) => CELLS[row[step]])]];
  });
  const all = [COLUMNS, ...rows];
  const widths = COLUMNS.map((_, index) => Math.max(...all.map((row) => row[index]?.length ?? 0)));
  const lineOf = (row: readonly string[]) =>
    `| ${row.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join(" | ")} |`;
  const rule = lineOf(widths.map((width) => "-".repeat(width)));
  const text = [lineOf(COLUMNS), rule, ...rows.map(lineOf)].join("\n");
  const page = await readFile(PAGE, "utf8");
  await writeFile(PAGE, page.replace(tableIn(page), text));
}

const worksAt = (cell: Cell, kind: Kind): boolean => cell === "both" || cell === kind;

function tableIn(page: string): string {
  const lines = page.split("\n");
  const begin = lines.findIndex((line) => line.startsWith("| language"));
  const length = lines.slice(begin).findIndex((line) => !line.startsWith("|"));
  if (begin < 0 || length < 0) throw new Error(`${PAGE} has no table of clients`);
  return lines.slice(begin, begin + length).join("\n");
}

const rowsOf = (page: string): string[][] =>
  tableIn(page)
    .split("\n")
    .slice(2)
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );

function cellOf(text: string | undefined): Cell {
  const cell = cellNames.find((name) => CELLS[name] === text);
  if (cell === undefined) throw new Error(`${PAGE}: "${text}" in the table of clients is none of its words`);
  return cell;
}
const cellNames = ["both", "embedded", "Nacos", "none"] as const;

function recordOf(entries: readonly (readonly [Step, Cell])[]): Record<Step, Cell> {
  const cell = (step: Step): Cell => entries.find(([name]) => name === step)?.[1] ?? "none";
  return {
    registers: cell("registers"),
    lists: cell("lists"),
    pushed: cell("pushed"),
    configs: cell("configs"),
    notified: cell("notified"),
    login: cell("login"),
    restart: cell("restart"),
    killed: cell("killed"),
  };
}
