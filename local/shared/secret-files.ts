// Secrets that stand in files of their own, as container engines mount them: `SECRET_KEY=file:/run/secrets/secret-key`.

import { readFileSync, statSync } from "node:fs";
import { messageOf } from "../../lib/core/failure-text.ts";
import { StartUpError } from "./start-up-error.ts";

/** Settings that may name a file. Keys of payment providers may as well, and certificates, which what parses them reads. */
export const SECRET_FILES: readonly string[] = [
  "SECRET_KEY",
  "SECRET_KEY_FALLBACKS",
  "SANDBOX_SECRET",
  "SMTP_URL",
  "NACOS_PASSWORD",
  "DB_USER",
  "DB_PASSWORD",
  "VAPID_PRIVATE_KEY",
  "VAPID_PRIVATE_KEY_FALLBACKS",
  "WECHAT_PAY_API_V3_KEY",
  "OTEL_EXPORTER_OTLP_HEADERS",
];

const PREFIX = "file:";

/** Whether the text of a setting names a file that has the secret. */
export const namesSecretFile = (text: string): boolean => text.startsWith(PREFIX);

/**
 * Replaces each of these settings in `env` that names a file by the file's text, without the line end at its end, and so every other key
 * whose file can be read. Any setting whose file is empty is emptied, which counts as not set: an engine mounts a file for every secret that
 * there may be.
 * @throws {StartUpError} naming the setting, when the file of one of {@link SECRET_FILES} can't be read.
 */
export function readSecretFiles(env: NodeJS.ProcessEnv): void {
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined || !namesSecretFile(value)) continue;
    const path = value.slice(PREFIX.length);
    if (SECRET_FILES.includes(name)) env[name] = textOf(name, path);
    else if (isFile(path) && (/_KEY$/.test(name) || statSync(path).size === 0))
      env[name] = textOf(name, path);
  }
}

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true;

function textOf(name: string, path: string): string {
  try {
    return readFileSync(path, "utf8").trimEnd();
  } catch (error) {
    throw new StartUpError("secret_file_unreadable", `${name}: ${path} can't be read (${messageOf(error)}).`);
  }
}
