// How a system is started, and how it says that it is ready; for those who start one in a process of its own.

import { readFileSync } from "node:fs";
import { join } from "node:path";

/** This checkout. */
export const ROOT = join(import.meta.dirname, "..", "..");

/** The line that says it is ready; on a server it is JSON. */
export const READY = /^Ready in ([\d.]+) s|"message":"ready"/m;

/** A start takes two seconds of CPU, which a busy machine may take minutes to give. */
export const READY_WITHIN_MS = 240_000;

/** What `npm start`, `npm run serve` or `npm run dev` runs in the checkout `root`, without npm and node: signals go to the runtime itself. */
export function startCommand(root: string, script: "start" | "serve" | "dev" = "start"): readonly string[] {
  const { scripts }: { readonly scripts: Readonly<Record<typeof script, string>> } = JSON.parse(
    readFileSync(join(root, "package.json"), "utf8"),
  );
  return scripts[script].split(" ").slice(1);
}
