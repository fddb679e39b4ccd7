// npm run new:service -- shipping [--aggregate shipment] [--port 8004]
// Writes the folder of a new service (contract, rules, store, handlers, relay, tests), its row in functions/services.ts, and
// what is derived from it. `--aggregate` names one of what it keeps.

import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { services } from "../../functions/services.ts";
import { asksForHelp } from "../../local/shared/command.ts";
import { complain, print } from "../../local/shared/print.ts";
import { namesInLib, namesOfService } from "../source-rules/names.ts";
import { NameRefused, type NewService, newService, type Wanted } from "./names.ts";
import { withRow } from "./row.ts";
import { renamed } from "./template.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const TEMPLATE = join(ROOT, "tools", "service-template");
const LIST = join(ROOT, "functions", "services.ts");
const USAGE = "Usage: npm run new:service -- shipping [--aggregate shipment] [--port 8004]";

try {
  if (asksForHelp(process.argv.slice(2))) print(USAGE);
  else
    write(
      newService(wanted(), {
        services,
        entries: readdirSync(join(ROOT, "functions")),
        inSharedCode: (key, service) => namesInLib(ROOT, namesOfService(key, service)),
      }),
    );
} catch (error) {
  if (!(error instanceof NameRefused)) throw error;
  complain(error.message);
  process.exitCode = 1;
}

function wanted(): Wanted {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { aggregate: { type: "string" }, port: { type: "string" } },
    });
    const [key, ...others] = positionals;
    if (key !== undefined && others.length === 0) return { key, ...values };
  } catch {
    // An option that there is not.
  }
  throw new NameRefused(USAGE);
}

function write(service: NewService): void {
  const folder = join("functions", service.key);
  for (const file of readdirSync(TEMPLATE, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".ts"),
  )) {
    const target = join(ROOT, folder, renamed(file, service));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, renamed(readFileSync(join(TEMPLATE, file), "utf8"), service));
  }
  writeFileSync(LIST, withRow(readFileSync(LIST, "utf8"), service));
  run(join(ROOT, "node_modules", ".bin", "biome"), ["check", "--write", folder, "functions/services.ts"]);
  run(process.execPath, ["tools/generate/main.ts"]);
  print(
    [
      `${service.service} is in ${folder}, listed in functions/services.ts, on port ${service.port}.`,
      `Next: npm run check, npm test -- ${folder}, npm start. docs/guides/adding-a-service.md says what to make of it.`,
    ].join("\n"),
  );
}

function run(command: string, args: readonly string[]): void {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: ROOT, encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${status}:\n${stdout}${stderr}`);
}
