// Which step of the scenario works with which registry, client by client: as the page says, and as was seen.

import { type NacosClient, nameOf } from "./clients.ts";
import { KINDS, type Kind } from "./registries.ts";
import { type Outcome, STEPS, type Step } from "./scenario.ts";

/** With which registries each step works; a step that is not the client's to do is not there. */
export type Row = ReadonlyMap<Step, readonly Kind[]>;
/** By {@link nameOf}. */
export type Table = ReadonlyMap<string, Row>;

/** What the table says of the steps at this registry, against what was seen: a line for each difference. A step that is `unsteady` may fail. */
export function differencesOf(
  table: Table,
  client: NacosClient,
  kind: Kind,
  outcomes: readonly Outcome[],
): string[] {
  const row = table.get(nameOf(client));
  return outcomes.flatMap(({ step, failure }) => {
    const works = failure === undefined;
    const claimed = row?.get(step)?.includes(kind) ?? false;
    if (works === claimed || (!works && client.unsteady?.includes(step))) return [];
    return [`${nameOf(client)}, ${kind}, ${step}: ${works ? "works, the page says it does not" : failure}`];
  });
}

/** The table with what was seen at one registry; what was not tried stays as it was. */
export function updated(table: Table, client: NacosClient, kind: Kind, outcomes: readonly Outcome[]): Table {
  const row = new Map(table.get(nameOf(client)));
  for (const { step, failure } of outcomes) {
    const others = (row.get(step) ?? []).filter((other) => other !== kind);
    row.set(step, failure === undefined ? [...others, kind] : others);
  }
  return new Map([...table, [nameOf(client), row]]);
}

/** The table as Markdown cells, a row for each client. */
export function cellsOf(table: Table, clients: readonly NacosClient[]): readonly (readonly string[])[] {
  const head = ["language", "package", "version", "protocol", ...STEPS];
  const rows = clients.map((client) => {
    const row = table.get(nameOf(client));
    const { language, package: name, version, protocol } = client;
    return [language, `\`${name}\``, version, protocol, ...STEPS.map((step) => wordOf(row?.get(step)))];
  });
  return [head, ...rows];
}

/** The opposite of {@link cellsOf}; a step without a column is not there. @throws {Error} for a word that is none of the table's. */
export function tableOf([head = [], ...rows]: readonly (readonly string[])[]): Table {
  return new Map(
    rows.map((row) => {
      const [, name = "", version = ""] = row;
      const steps = STEPS.flatMap((step) => {
        const word = row[head.indexOf(step)];
        const works = word === undefined ? undefined : worksOf(word);
        return works === undefined ? [] : [[step, works] as const];
      });
      return [`${name.replaceAll("`", "")} ${version}`, new Map(steps)];
    }),
  );
}

/** In short: versions of a package that do the same in one row, with the number of steps that work, of those that were tried. */
export function summaryOf(table: Table, clients: readonly NacosClient[]): readonly (readonly string[])[] {
  const rows = new Map<string, { versions: string[]; client: NacosClient; counts: readonly string[] }>();
  for (const client of clients) {
    const row = table.get(nameOf(client)) ?? new Map<Step, readonly Kind[]>();
    const countOf = (kind: Kind) => [...row.values()].filter((kinds) => kinds.includes(kind)).length;
    const counts = KINDS.map((kind) => `${countOf(kind)}/${row.size}`);
    const key = [client.language, client.package, client.protocol, ...counts].join(" ");
    const alike = rows.get(key) ?? { versions: [], client, counts };
    rows.set(key, { ...alike, versions: [...alike.versions, client.version] });
  }
  return [...rows.values()].map(({ versions, client: { language, package: name, protocol }, counts }) => [
    language,
    `\`${name}\``,
    versions.join(", "),
    protocol,
    ...counts,
  ]);
}

const WORDS: readonly (readonly [string, readonly Kind[] | undefined])[] = [
  ["yes", ["embedded", "real"]],
  ["embedded", ["embedded"]],
  ["Nacos", ["real"]],
  ["no", []],
  ["–", undefined],
];

const wordOf = (works: readonly Kind[] | undefined): string =>
  WORDS.find(([, kinds]) => kinds?.toSorted().join() === works?.toSorted().join())?.[0] ?? "–";

function worksOf(word: string): readonly Kind[] | undefined {
  const found = WORDS.find(([known]) => known === word);
  if (found === undefined)
    throw new Error(`"${word}" in the table of clients is none of ${WORDS.map(([known]) => known)}`);
  return found[1];
}
