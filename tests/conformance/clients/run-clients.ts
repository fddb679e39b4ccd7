// npm run test:clients -- [--registry embedded,real] [--only python,java] [--write]
// The clients that people install, each in its own process, against the embedded registry and a real Nacos 3.1.0. Holds the table
// in docs/registry.md to what was seen, or writes it.

import { flag, names, readOptions, report } from "../../support/command.ts";
import { clients, nameOf } from "./clients.ts";
import { readTable, writeTable } from "./pages.ts";
import { KINDS } from "./registries.ts";
import { differencesOf, updated } from "./table.ts";
import { type Installed, tryAll } from "./try-all.ts";

const options = readOptions({ registry: names, only: names, write: flag });
const kinds = chosen(KINDS, options.registry, (kind) => kind);
const wanted = chosen(clients, options.only, ({ language }) => language);

let table = await readTable();
let passed = 0;
let failed = 0;
const installed: Installed[] = [];
for (const client of wanted) {
  try {
    installed.push({ client, program: await client.install() });
  } catch (error) {
    failed += 1;
    console.log(`FAILED ${nameOf(client)}: ${error instanceof Error ? error.message : error}`);
  }
}
for (const kind of kinds) {
  for (const { client, outcomes } of await tryAll(kind, installed)) {
    for (const { step, failure, ms } of outcomes)
      console.log(`${kind} ${nameOf(client)} ${step}: ${failure ?? `works (${ms} ms)`}`);
    if (options.write) table = updated(table, client, kind, outcomes);
    // What is written is no difference.
    const differences = differencesOf(table, client, kind, outcomes);
    passed += outcomes.length - differences.length;
    failed += differences.length;
    for (const difference of differences) console.log(`FAILED ${difference}`);
  }
}
if (options.write) await writeTable(table);
report({ passed, failed });
// Some of what was killed may have left a socket.
process.exit();

/** Those that `given` names by how they begin; all without it. @throws {Error} for a name of none. */
function chosen<T>(
  all: readonly T[],
  given: readonly string[] | undefined,
  name: (one: T) => string,
): readonly T[] {
  if (given === undefined) return all;
  const begins = (one: T, text: string) => name(one).toLowerCase().startsWith(text.toLowerCase());
  const unknown = given.find((text) => !all.some((one) => begins(one, text)));
  if (unknown !== undefined)
    throw new Error(`"${unknown}" is none of ${[...new Set(all.map(name))].join(", ")}`);
  return all.filter((one) => given.some((text) => begins(one, text)));
}
