// npm run person -- export --user ID [--out FILE] [--stage dev]
// npm run person -- erase --user ID [--dry-run] [--stage dev]
// Everything that is held about a person, as one JSON document; and its erasure, while the system runs. See docs/privacy.md.

import { once } from "node:events";
import { open, rm } from "node:fs/promises";
import { parseArgs } from "node:util";
import { userId } from "../../lib/contract/schemas.ts";
import { iso } from "../../lib/core/iso.ts";
import { FILE_MODE } from "../../lib/files/private-folder.ts";
import { StorageFault } from "../../lib/storage/errors.ts";
import { complain, print } from "../../local/shared/print.ts";
import { exitCodeOf, optionsOf, UsageError } from "../command.ts";
import { type Database, openDatabase } from "../database.ts";
import { explained } from "../explain.ts";
import { allPersonalData } from "../personal-data.ts";
import { personAccess } from "./access.ts";
import { compact } from "./compact.ts";
import { personDocument } from "./document.ts";
import { erasePerson } from "./erase.ts";
import { type Found, searchPerson } from "./search.ts";

const USAGE = `Usage: npm run person -- export --user ID [--out FILE] [--stage dev]
       npm run person -- erase --user ID [--dry-run] [--stage dev]`;

process.exitCode = await exitCodeOf(run, 1);

async function run(): Promise<number> {
  const { command, user, out, dry, stage } = parsed();
  const database = openDatabase(stage);
  try {
    return command === "export" ? await exportTo(database, user, out) : await erase(database, user, dry);
  } catch (error) {
    complain(
      error instanceof StorageFault
        ? `${explained(error, database.address)} (${error.message})`
        : explained(error, database.address),
    );
    return 1;
  } finally {
    await database.close();
  }
}

async function exportTo(database: Database, user: string, out: string | undefined): Promise<number> {
  const { access, rows } = await opened(database);
  const { found } = await searchPerson(access, rows, user);
  const source = { database: database.address, tables: database.config.DB_NAME };
  const names = rows.map(({ name }) => name).filter((name) => !name.startsWith("mark"));
  const text = `${JSON.stringify(personDocument(user, source, found, names, iso(Date.now())), null, 2)}\n`;
  if (out !== undefined) {
    await writeNew(out, text);
    print(`${out}: ${found.length} records`);
  } else if (!process.stdout.write(text)) await once(process.stdout, "drain");
  return 0;
}

/** Makes a file, or none: half of an export would be in the way of the next, and personal data that nobody knows of. */
async function writeNew(path: string, text: string): Promise<void> {
  const file = await open(path, "wx", FILE_MODE);
  try {
    await file.writeFile(text);
    await file.sync();
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}

async function erase(database: Database, user: string, dry: boolean): Promise<number> {
  const { access, rows } = await opened(database);
  const { found, unfinished, elsewhere, erased } = await erasePerson(access, rows, user, {
    dry,
    now: Date.now,
  });
  for (const line of countsOf(found, dry && unfinished.length === 0 ? "would be erased" : "found"))
    print(line);
  if (unfinished.length > 0) {
    complain(
      erased > 0 ? "Erased in part; not finished:" : "Nothing was erased, because something is not finished:",
    );
    for (const line of unfinished) complain(`  ${line}`);
    return 1;
  }
  if (dry) return 0;
  // Also when nothing was found: the run before may have been killed just before this.
  if (database.config.DB_ENGINE === "embedded") await compact(database.address);
  print(`${erased} erased; nothing of the user is left in the tables.`);
  if (elsewhere.length > 0)
    print(
      `The same text is in records that are not theirs; see whether it means them: ${elsewhere.slice(0, 20).join(" ")}`,
    );
  return 0;
}

function countsOf(found: readonly Found[], what: string): readonly string[] {
  if (found.length === 0) return ["Nothing is held about this user."];
  const byName = Map.groupBy(found, ({ records }) => records.name);
  return [...byName].map(([name, some]) => `${name}: ${some.length} ${what}`);
}

async function opened(database: Database) {
  const access = personAccess(database.client, database.config.DB_NAME, database.table);
  return { access, rows: await allPersonalData(access) };
}

function parsed() {
  const options = {
    user: { type: "string" },
    out: { type: "string" },
    "dry-run": { type: "boolean", default: false },
    stage: { type: "string" },
  } as const;
  const { values, positionals } = optionsOf(USAGE, () => parseArgs({ options, allowPositionals: true }));
  const [command, ...more] = positionals;
  const { user, out, stage } = values;
  const known = command === "export" || command === "erase";
  if (!known || more.length > 0 || !userId().safeParse(user).success || user === undefined)
    throw new UsageError(USAGE);
  if (command === "export" ? values["dry-run"] : out !== undefined) throw new UsageError(USAGE);
  return { command, user, out, dry: values["dry-run"], stage };
}
