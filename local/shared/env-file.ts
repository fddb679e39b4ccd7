// Loads the settings in .env, for every command: `npm start` and `npx serverless …` use it through local/dotenv.

import { isUtf8 } from "node:buffer";
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { messageOf } from "../../lib/core/failure-text.ts";
import { isMissing } from "../../lib/files/system-error.ts";
import { DEFAULT_STAGE } from "./command.ts";
import { parseEnvText } from "./env-text.ts";
import { readSecretFiles } from "./secret-files.ts";
import { StartUpError, settingsAreIn } from "./start-up-error.ts";

export interface EnvFilesOptions {
  /** Where the files are; by default the working folder. */
  readonly folder?: string;
  readonly stage?: string | undefined;
}

/**
 * Puts the settings of `.env.<stage>` into `env`, or those of `.env` when that file does not exist. Variables that are
 * already set in `env`, also to an empty text, are not changed. Secrets that name a file of their own are read.
 * @throws {StartUpError} when a file exists but can't be read, one of a secret does not, or the stage is not a valid name.
 */
export function loadEnvFiles(env: NodeJS.ProcessEnv, options: EnvFilesOptions = {}): void {
  const path = envFilesOf(options).find((one) => loadEnvFile(one, env));
  if (path !== undefined) settingsAreIn(basename(path));
  readSecretFiles(env);
}

/** The files of a stage, of which the first that exists counts. @throws {StartUpError} when the stage is not a valid name. */
export function envFilesOf({ folder = ".", stage = DEFAULT_STAGE }: EnvFilesOptions): readonly string[] {
  if (/^[A-Za-z0-9-]+$/.test(stage)) return [join(folder, `.env.${stage}`), join(folder, ".env")];
  throw new StartUpError(
    "stage_invalid",
    `A stage has letters, digits and hyphens (is ${JSON.stringify(stage)}).`,
  );
}

/**
 * Puts the settings of the file `path` into `env` where they are not set yet; false when the file does not exist.
 * @throws {StartUpError} when it exists but can't be read.
 */
export function loadEnvFile(path: string, env: NodeJS.ProcessEnv): boolean {
  const text = textOf(path);
  if (text === undefined) return false;
  const { values, warnings } = parseEnvText(text);
  for (const warning of warnings) warnOnce(`${path}, ${warning}.\n`);
  for (const [name, value] of Object.entries(values)) env[name] ??= value;
  return true;
}

const warned = new Set<string>();

/** `npm start` reads the file before osls reads it again. */
function warnOnce(line: string): void {
  if (warned.has(line)) return;
  warned.add(line);
  process.stderr.write(line);
}

function textOf(path: string): string | undefined {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw unreadable(path, messageOf(error));
  }
  if (!isUtf8(bytes) || bytes.includes(0)) throw unreadable(path, "it is not UTF-8 text");
  return bytes.toString("utf8");
}

const unreadable = (path: string, reason: string): StartUpError =>
  new StartUpError(
    "env_file_unreadable",
    `${path} can't be read: ${reason}. Save it as UTF-8, or make it readable.`,
  );
