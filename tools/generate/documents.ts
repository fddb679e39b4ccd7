// The files that are derived from the list of services and the contracts.

import { PROVIDERS } from "../../functions/payments/payment-method.ts";
import { services } from "../../functions/services.ts";
import { openApiDocument } from "../../lib/contract/openapi.ts";
import { VERSION } from "../../lib/core/version.ts";
import { withContainers, withSecretNames } from "./compose.ts";
import { withHealthCheck } from "./dockerfile.ts";
import { withProviderSettings, withServiceSettings } from "./env-example.ts";
import { nginxRoutes, nginxServices } from "./nginx.ts";
import { personalDataPage } from "./personal-data.ts";
import { prometheusTargets } from "./prometheus.ts";
import { stateMachinesPage } from "./state-machines.ts";

export interface Document {
  /** From the project's folder. */
  readonly path: string;
  /** The text it should have; `current` is its present text, of which only a section may be derived. */
  derive(current: string): string | Promise<string>;
}

/** `value` as JSON for a file. Characters above U+FFFF are escaped: those in patterns are invisible. */
const printedJson = (value: unknown): string =>
  JSON.stringify(value, null, 2).replace(
    /[\ud800-\udfff]/g,
    (half) => `\\u${half.charCodeAt(0).toString(16)}`,
  );

export const documents: readonly Document[] = [
  ...services.map(({ key, contract }) => ({
    path: `docs/openapi/${key}.json`,
    derive: () => `${printedJson(openApiDocument(contract, { version: VERSION, debug: true }))}\n`,
  })),
  { path: "docs/state-machines.md", derive: stateMachinesPage },
  { path: "docs/personal-data.md", derive: personalDataPage },
  { path: "docker-compose-services.yml", derive: (current) => withContainers(current, services) },
  { path: "servers/prepare.sh", derive: (current) => withSecretNames(current, services) },
  { path: "servers/nginx/services.conf", derive: () => nginxServices(services) },
  { path: "servers/nginx/routes.conf", derive: () => nginxRoutes(services) },
  { path: "servers/prometheus/targets.yml", derive: () => prometheusTargets(services) },
  { path: "Dockerfile", derive: (current) => withHealthCheck(current, services) },
  {
    path: ".env.example",
    derive: (current) => withProviderSettings(withServiceSettings(current, services), PROVIDERS),
  },
];
