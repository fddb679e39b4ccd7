// Settings that refer to secrets of AWS, in a local run: they are read once, at the start.

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import * as z from "zod";
import { isReference, referencesIn, withSecrets } from "../../lib/config/references.ts";
import { parseJson } from "../../lib/core/tried.ts";
import { StartUpError } from "../shared/start-up-error.ts";

const READER = join(import.meta.dirname, "references", "main.ts");
/** Longer than the reader's own time limits. */
const WITHIN_MS = 15_000;

const answer = z.union([
  z.object({ values: z.record(z.string(), z.string()) }),
  z.object({ failure: z.string() }),
]);

/**
 * Replaces each setting in `env` that is a reference by the secret that it names. A process of its own reads them, since a start has
 * to wait for its settings. @throws {StartUpError} naming the settings, when `env` has no keys of AWS, or a secret can't be read.
 */
export function readReferencedSettings(env: NodeJS.ProcessEnv): void {
  const given = Object.entries(env).filter(([, text]) => text !== undefined && isReference(text));
  if (given.length === 0) return;
  const names = given.map(([name]) => name).join(", ");
  if (!env["AWS_ACCESS_KEY_ID"] || !env["AWS_SECRET_ACCESS_KEY"]) {
    throw new StartUpError(
      "secret_reference",
      `A reference to a secret of AWS is read with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, which are not set: give the value itself (${names}).`,
    );
  }
  const values = read(
    given.flatMap(([, text = ""]) => referencesIn(text)),
    env,
    names,
  );
  for (const [name, text = ""] of given) env[name] = withSecrets(text, values);
}

function read(
  references: readonly string[],
  env: NodeJS.ProcessEnv,
  names: string,
): ReadonlyMap<string, string> {
  const { stdout, stderr } = spawnSync(process.execPath, [READER, ...references], {
    env,
    encoding: "utf8",
    timeout: WITHIN_MS,
  });
  const { data } = answer.safeParse(parseJson(stdout));
  if (data !== undefined && "values" in data) return new Map(Object.entries(data.values));
  const reason = data?.failure ?? stderr.trim().split("\n").at(-1) ?? "";
  throw new StartUpError("secret_reference", `A secret can't be read (${names}): ${reason}`);
}
