// Secrets that stand in files of their own, as container engines mount them: `SECRET_KEY=file:/run/secrets/secret-key`.

import { readFileSync } from "node:fs";
import { messageOf } from "../../lib/core/failure-text.ts";
import { StartUpError } from "./start-up-error.ts";

/** Settings that may name a file. Keys of payment providers and certificates may as well; what parses them reads those. */
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

/**
 * Replaces each of these settings in `env` that names a file by the file's text, without the line end at its end.
 * @throws {StartUpError} naming the setting, when its file can't be read.
 */
export function readSecretFiles(env: NodeJS.ProcessEnv): void {
  for (const name of SECRET_FILES) {
    const value = env[name];
    if (value?.startsWith(PREFIX)) env[name] = textOf(name, value.slice(PREFIX.length));
  }
}

function textOf(name: string, path: string): string {
  try {
    return readFileSync(path, "utf8").trimEnd();
  } catch (error) {
    throw new StartUpError("secret_file_unreadable", `${name}: ${path} can't be read (${messageOf(error)}).`);
  }
}
