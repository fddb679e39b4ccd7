// The services' containers in docker-compose-services.yml: two of each service, the settings that are passed on, their secrets.

import type { ServiceDefinition } from "../../functions/services.ts";
import { isSecret, ownSettings, secretOf, secretsAmong, sharedSettings } from "./container-settings.ts";
import { withSection } from "./section.ts";

/** How many containers run each service: one can be replaced, or die, while the other one works. */
const INSTANCES = [1, 2];

/** The names of the containers of `service`, which are also their host names. */
export const instancesOf = ({ key }: Pick<ServiceDefinition, "key">): readonly string[] =>
  INSTANCES.map((number) => `${key}-${number}`);

/** The text of the file `compose` with what is derived from `services`. */
export function withContainers(compose: string, services: readonly ServiceDefinition[]): string {
  const shared = sharedSettings(services);
  const secrets = [...secretsAmong(shared), ...services.flatMap((one) => secretsAmong(ownSettings(one)))];
  const sections = {
    settings: shared.map(passedOn),
    containers: services.flatMap((service) => ["", ...containers(service, shared)]).slice(1),
    volumes: services.flatMap(instancesOf).map((name) => `${name}-data:`),
    secrets: secrets.map((name) => `${name}: { file: "\${SECRETS_DIR:-./servers/secrets}/${name}" }`),
  };
  return Object.entries(sections).reduce((text, [name, lines]) => withSection(text, name, lines), compose);
}

/** The files of secrets that containers of `services` read, in the script `script` that makes them. */
export function withSecretNames(script: string, services: readonly ServiceDefinition[]): string {
  const settings = [...sharedSettings(services), ...services.flatMap(ownSettings)];
  return withSection(script, "secrets", [`secrets="${secretsAmong(settings).join(" ")}"`]);
}

const passedOn = (setting: string): string =>
  isSecret(setting) ? `${setting}: file:/run/secrets/${secretOf(setting)}` : `${setting}: \${${setting}:-}`;

function containers(service: ServiceDefinition, shared: readonly string[]): string[] {
  const { key, port } = service;
  const own = ownSettings(service);
  return instancesOf(service).flatMap((name, index) => [
    ...(index === 0 ? [] : [""]),
    ...(index === 0
      ? [
          `${name}: &${key}`,
          "  <<: *service",
          `  command: ["--service", "${key}"]`,
          `  environment: &${key}-settings`,
          "    <<: *settings",
          ...own.map((setting) => `    ${passedOn(setting)}`),
        ]
      : [`${name}:`, `  <<: *${key}`, "  environment:", `    <<: *${key}-settings`]),
    `    ADVERTISE_HOST: ${name}`,
    `    ALLOWED_HOSTS: \${ALLOWED_HOSTS:-*},${name}`,
    `  volumes: ["${name}-data:/app/data"]`,
    ...(index === 0
      ? [
          "  secrets:",
          ...secretsAmong([...shared, ...own]).map((secret) => `    - ${secret}`),
          "  healthcheck:",
          "    <<: *health",
          `    test: ["CMD", "node", "local/server/health.cjs", "${port}"]`,
        ]
      : []),
  ]);
}
