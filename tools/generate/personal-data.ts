// Generates docs/personal-data.md: every kind of record with its fields, whose they are, and what becomes of them when that person is
// erased, from the declarations that `npm run person` works by.

import { declaredIn, type Field } from "../../lib/privacy/fields.ts";
import type { PersonalAccess, PersonalRecords } from "../../lib/privacy/records.ts";
import { allPersonalData } from "../personal-data.ts";

/** The whole text of the page. */
export async function personalDataPage(): Promise<string> {
  const rows = await allPersonalData(nowhere);
  return [
    "# Personal data by field",
    "",
    "Made by `npm run generate` from `functions/*/personal-data.ts`; do not edit. A record with a field that is not declared there",
    "does not compile, and one that is stored fails a test. [Privacy](privacy.md) says it in sentences.",
    "",
    ...rows.flatMap(section),
  ].join("\n");
}

function section(records: PersonalRecords): string[] {
  const fields = [...declaredIn(records.fields)];
  const groups = Map.groupBy(fields, ([, field]) => JSON.stringify([field.of, field.becomes]));
  const lines = [...groups.values()].map((group) => {
    const [[, field] = ["", NOBODYS]] = group;
    const paths = group.map(([path]) => `\`${path}\``).join(" ");
    return `| ${field.of.join(", ") || "nobody"} | ${field.becomes || "–"} | ${paths} |`;
  });
  return [
    `## ${capital(records.name)}`,
    "",
    `Table \`${records.table}\`. For ${records.purpose}. Kept ${records.keeps}.`,
    "",
    "| whose | when they are erased | fields |",
    "| --- | --- | --- |",
    ...lines,
    "",
  ];
}

const NOBODYS: Field = { of: [], becomes: "" };

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const unused = () => {
  throw new Error("Nothing is read to describe the records");
};

/** Declarations can be read without a database. */
const nowhere: PersonalAccess = {
  table: () => ({ get: unused, put: unused, query: unused, queryEntries: unused, queryIds: unused }),
  record: unused,
  remove: unused,
};
