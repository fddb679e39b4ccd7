// npm run backup -- FILE [--stage dev]: copies the embedded database into a file, while it runs.
// npm run restore -- FILE [--replace] [--stage dev]: makes the embedded database from such a file, while it does not run.

import { parseArgs } from "node:util";
import { services } from "../../functions/services.ts";
import { codeOf } from "../../lib/files/system-error.ts";
import { dataFolder } from "../../local/shared/data-folder.ts";
import { complain, print } from "../../local/shared/print.ts";
import { exitCodeOf, optionsOf, UsageError } from "../command.ts";
import { openDatabase } from "../database.ts";
import { takeBackup } from "./take.ts";

const USAGE =
  "Usage: npm run backup -- FILE [--stage dev], or npm run restore -- FILE [--replace] [--stage dev]";

process.exitCode = await exitCodeOf(run, 1);

async function run(): Promise<number> {
  const { file, restores, replace, stage } = parsed();
  const database = openDatabase(stage);
  await database.close();
  const { config, address } = database;
  if (config.DB_ENGINE !== "embedded")
    throw new UsageError(
      `The settings name the database at ${address}, which is not the embedded one: use its own backups. See docs/guides/backup.md.`,
    );
  if (!restores) {
    print(`${file}: ${await taken(address, file)} rows`);
    return 0;
  }
  // What follows needs the embedded database's own packages, which a server has not.
  const { restore } = await import("../../local/database/restore.ts");
  const log = (_level: string, message: string) => complain(message);
  const dataDir = dataFolder(config.DATA_DIR);
  const { rows, before } = await restore({ file, dataDir, replace, tables: tablesOf(config.DB_NAME), log });
  print(`${rows} rows restored${before === undefined ? "" : `; what was there before is in ${before}`}`);
  return 0;
}

function tablesOf(family: string): readonly string[] {
  return services.flatMap(({ tables }) => tables.map(({ name }) => `${family}-${name}`));
}

async function taken(address: string, file: string): Promise<number> {
  try {
    return await takeBackup(address, file);
  } catch (error) {
    if (codeOf(error) !== "ECONNREFUSED") throw error;
    throw new UsageError(
      `The embedded database at ${address} does not answer: it runs while npm start does. See DB_PORT in .env.`,
    );
  }
}

function parsed() {
  const options = {
    restore: { type: "boolean", default: false },
    replace: { type: "boolean", default: false },
    stage: { type: "string" },
  } as const;
  const { values, positionals } = optionsOf(USAGE, () => parseArgs({ options, allowPositionals: true }));
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0 || (values.replace && !values.restore))
    throw new UsageError(USAGE);
  return { file, restores: values.restore, replace: values.replace, stage: values.stage };
}
