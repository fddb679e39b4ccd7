// npm run migrate -- [--dry-run] [--table orders] [--from <table>/<id>] [--stage dev]
// Rewrites items that an earlier version of this system wrote. It may run beside the system, be stopped and be repeated.

import { parseArgs } from "node:util";
import { complain, print } from "../../local/shared/print.ts";
import { exitCodeOf, optionsOf, UsageError } from "../command.ts";
import { openDatabase } from "../database.ts";
import { explained } from "../explain.ts";
import { migrate, type Target } from "./migrate.ts";
import { targetsOf } from "./targets.ts";

const USAGE = "Usage: npm run migrate -- [--dry-run] [--table orders] [--from <table>/<id>] [--stage dev]";

let stopped = false;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    stopped = true;
  });
}

process.exitCode = await exitCodeOf(run, 1);

async function run(): Promise<number> {
  const { dry, table, from, stage } = parsed();
  const database = openDatabase(stage);
  try {
    const targets = chosen(
      await targetsOf(database),
      from?.table ?? table,
      from !== undefined && table === undefined,
    );
    let unreadable = 0;
    for (const target of targets) {
      const after = target.name === from?.table ? from.id : undefined;
      const done = await migrate(target, { dry, after, stopped: () => stopped, onPage: () => {} });
      unreadable += done.unreadable.length;
      print(
        `${target.name}: ${done.read} read, ${done.outdated} ${dry ? "to rewrite" : "rewritten"}` +
          (done.unreadable.length > 0 ? `, not readable: ${done.unreadable.slice(0, 10).join(" ")}` : ""),
      );
      if (!done.complete) {
        print(`Stopped. Go on with: npm run migrate -- --from ${target.name}/${done.last ?? ""}`);
        return 1;
      }
    }
    return unreadable > 0 ? 1 : 0;
  } catch (error) {
    complain(explained(error, database.address));
    return 1;
  } finally {
    await database.close();
  }
}

function parsed() {
  const options = {
    "dry-run": { type: "boolean", default: false },
    table: { type: "string" },
    from: { type: "string" },
    stage: { type: "string" },
  } as const;
  const { values } = optionsOf(USAGE, () => parseArgs({ options }));
  const [, name, id] = /^(\w+)\/(.*)$/.exec(values.from ?? "") ?? [];
  if (values.from !== undefined && name === undefined)
    throw new UsageError(`--from takes <table>/<id>. ${USAGE}`);
  const from = name === undefined ? undefined : { table: name, id: id === "" ? undefined : id };
  return { dry: values["dry-run"], table: values.table, stage: values.stage, from };
}

/** The target called `name`, with those after it when `onwards`; all without a name. */
function chosen(targets: readonly Target[], name: string | undefined, onwards: boolean): readonly Target[] {
  if (name === undefined) return targets;
  const at = targets.findIndex((target) => target.name === name);
  if (at < 0) {
    const known = targets.map((target) => target.name).join(", ");
    throw new UsageError(`There is no table ${name}; there are ${known}. ${USAGE}`);
  }
  return onwards ? targets.slice(at) : targets.slice(at, at + 1);
}
