// Compares the settings of the helper that runs with those of a runtime that joins it. Pure.

import { resolve } from "node:path";
import type { Config } from "../../lib/config/env.ts";
import { authority } from "../../lib/core/host.ts";
import type { HelperSettings, Services } from "./protocol.ts";

export interface Difference {
  /** `DB_PORT` */
  readonly setting: string;
  /** The value of the helper that runs. */
  readonly running: string;
  /** The value of the runtime that joins. */
  readonly wanted: string;
}

/** The settings that apply to the helper as a whole; the addresses of its servers are in {@link Services}. */
export const helperSettings = ({
  LOG_DIR,
  LISTENER_WAIT_SECONDS,
  LISTENER_CONNECTIONS,
}: Config): HelperSettings => ({
  LOG_DIR: resolve(LOG_DIR),
  LISTENER_WAIT_SECONDS: String(LISTENER_WAIT_SECONDS),
  LISTENER_CONNECTIONS: String(LISTENER_CONNECTIONS),
});

const NAMES = ["LOG_DIR", "LISTENER_WAIT_SECONDS", "LISTENER_CONNECTIONS"];

/** {@link helperSettings} of the helper itself: it is started with them in its environment. */
export const ownSettings = (env: NodeJS.ProcessEnv): HelperSettings =>
  Object.fromEntries(NAMES.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));

/**
 * Servers that run at another address, or with another account, than is wanted. Those that do not run yet, or are not wanted,
 * do not differ.
 */
export function serviceDifferences(running: Services, wanted: Services): readonly Difference[] {
  const has = addressSettings(running);
  return [
    ...differing(addressSettings(wanted), (setting) => has[setting]),
    ...accountDifferences(running.registry, wanted.registry),
  ];
}

/** Settings that apply to the helper as a whole and are not as wanted. */
export const settingDifferences = (running: HelperSettings, wanted: HelperSettings): readonly Difference[] =>
  differing({ ...wanted }, (setting) => running[setting]);

/** `DB_PORT=4567 (here 4600), …` */
export const describeDifferences = (differences: readonly Difference[]): string =>
  differences.map(({ setting, running, wanted }) => `${setting}=${running} (here ${wanted})`).join(", ");

/** The addresses of `services` by the setting that chooses each. */
function addressSettings({
  database,
  registry,
  mail,
  controlRoom,
}: Services): Readonly<Record<string, string>> {
  return {
    ...(database ? { DB_PORT: String(database.port) } : {}),
    ...(registry ? { NACOS_SERVER: authority(registry.host, registry.port) } : {}),
    ...(mail ? { MAIL_SMTP_PORT: String(mail.smtpPort), MAIL_PAGE_PORT: String(mail.pagePort) } : {}),
    ...(controlRoom
      ? {
          CONTROL_ROOM_PORT: String(controlRoom.port),
          CONTROL_ROOM_HISTORY_MB: String(controlRoom.historyMb),
        }
      : {}),
  };
}

/** Passwords themselves are in no difference: it is logged. */
function accountDifferences(running: Services["registry"], wanted: Services["registry"]): Difference[] {
  if (running === undefined || wanted === undefined) return [];
  const [has, needs] = [running.account, wanted.account];
  if (has?.username !== needs?.username) {
    const [name, other] = [has?.username ?? "(empty)", needs?.username ?? "(empty)"];
    return [{ setting: "NACOS_USERNAME", running: name, wanted: other }];
  }
  if (has?.password === needs?.password) return [];
  return [{ setting: "NACOS_PASSWORD", running: "one password", wanted: "another" }];
}

function differing(
  wanted: Readonly<Record<string, string>>,
  runningOf: (setting: string) => string | undefined,
): readonly Difference[] {
  return Object.entries(wanted).flatMap(([setting, value]) => {
    const running = runningOf(setting);
    return running === undefined || running === value ? [] : [{ setting, running, wanted: value }];
  });
}
