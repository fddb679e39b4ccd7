// Singletons that depend on settings, which may change while the process lives.

import { serviceLog } from "../observability/log.ts";
import { settingsVersion } from "./environment.ts";

/**
 * Calls `make` at the first call, and again at the first call after the settings have changed; otherwise returns that same value.
 * When `make` throws, the value of the settings before stays in use, and the reason is logged once; where there is none, the next
 * call tries again. `retire` gets a value that was replaced; requests in progress may still use it.
 */
export function perSettings<T>(make: () => T, retire?: (before: T) => void): () => T {
  let made: { readonly value: T; readonly version: number } | undefined;
  return () => {
    const version = settingsVersion();
    if (made?.version === version) return made.value;
    const before = made;
    try {
      made = { value: make(), version };
    } catch (error) {
      if (before === undefined) throw error;
      made = { ...before, version };
      serviceLog("config").error({ err: error }, "changed settings are refused; those before stay in use");
      return before.value;
    }
    if (before !== undefined) retire?.(before.value);
    return made.value;
  };
}
