// What becomes of each setting in the containers of docker-compose-services.yml.

import type { ServiceDefinition } from "../../functions/services.ts";
import { settingNames } from "../../functions/settings.ts";
import { portVariable } from "../../lib/core/service-name.ts";
import { SECRET_FILES } from "../../local/shared/secret-files.ts";

/** Settings that the file itself has, by hand or for each container. */
export const FIXED: readonly string[] = [
  "DEBUG",
  "ALLOWED_HOSTS",
  "HOST",
  "ADVERTISE_HOST",
  "METRICS_PORT",
  "METRICS_HOST",
  "NACOS_SERVER",
  "NACOS_USERNAME",
  "EMBEDDED_REGISTRY",
  "DB_ENGINE",
  "DB_HOST",
];

/** Settings that mean nothing in a container, and why. */
export const MEANINGLESS: Readonly<Record<string, string>> = {
  LOG_DIR: "logs are standard output",
  DATA_DIR: "the image has one folder for it",
  GATEWAY_PORT: "Nginx is in front",
  GATEWAY_RATE_LIMIT: "Nginx limits",
  CONTROL_ROOM_PORT: "needs DEBUG=True",
  CONTROL_ROOM_HISTORY_MB: "needs DEBUG=True",
  MAIL_SMTP_PORT: "no mail catcher of its own",
  MAIL_PAGE_PORT: "no mail catcher of its own",
  LIVE_CONFIG_PARAMETER: "read on Lambda alone",
};

/** Whether a setting is given as a file: passwords, keys and certificates. */
export const isSecret = (setting: string): boolean =>
  SECRET_FILES.includes(setting) || setting === "NACOS_CA" || /_KEY$/.test(setting);

/** The name of a setting's file, in the folder of secrets and below /run/secrets. */
export const secretOf = (setting: string): string => setting.toLowerCase();

/** The settings that all containers of services get from outside. */
export function sharedSettings(services: readonly ServiceDefinition[]): readonly string[] {
  const elsewhere = new Set([
    ...FIXED,
    ...Object.keys(MEANINGLESS),
    ...services.map(({ contract }) => portVariable(contract.service)),
    ...services.flatMap(ownSettings),
  ]);
  return settingNames.filter((name) => !elsewhere.has(name));
}

/** The settings that the containers of one service get besides. */
export const ownSettings = ({ settings }: ServiceDefinition): readonly string[] => settings?.names ?? [];

/** The names of the files of the secrets among `settings`. */
export const secretsAmong = (settings: readonly string[]): readonly string[] =>
  settings.filter(isSecret).map(secretOf);
