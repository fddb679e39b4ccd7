// The secrets of this process's settings; loads what reads them only where a setting is a reference.

import { onLambda } from "../core/on-lambda.ts";
import { serviceLog } from "../observability/log.ts";
import { putSettings } from "./environment.ts";
import { ReferencedSecrets } from "./referenced-secrets.ts";

let secrets: ReferencedSecrets | undefined;

/**
 * What a function has to await before it reads settings; undefined when nothing, as always where no setting is a reference.
 * @throws {DomainError} (as a rejection) unavailable `settings_unavailable`.
 */
export function secretsFresh(): Promise<void> | undefined {
  secrets ??= new ReferencedSecrets({
    env: process.env,
    read: async (references) => (await import("./secret-stores.ts")).readSecrets(references),
    put: putSettings,
    log: serviceLog("config"),
    now: () => Date.now(),
  });
  return secrets.fresh();
}

/** Begins to read them while a function on AWS is being initialized, so that its first run waits less. */
export function readSecretsEarly(): void {
  // The first run sees a failure: it tries again.
  if (onLambda()) void secretsFresh()?.catch(() => {});
}
