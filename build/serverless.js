// Values that serverless.yml derives from the list of services. A .js file, because osls would read a .ts file as text.

import { services } from "../functions/services.ts";
import { ALARM_TOPIC, alarmResources } from "./alarms.ts";
import { countedRouteResources } from "./counted-routes.ts";
import { dashboardResource } from "./dashboard.ts";
import { deploymentSettings } from "./deployment.ts";
import { domainOutputs, domainResources } from "./domain.ts";
import { awsEnvironment } from "./environment.ts";
import { serverlessFunctions } from "./functions.ts";
import { httpApiRoleResource } from "./http-api-role.ts";
import { logGroupResources } from "./log-groups.ts";
import { relayFailuresResource } from "./relay-failures.ts";
import { roleResources } from "./roles.ts";
import { SECRETS_KMS_KEY } from "./secret-statements.ts";
import { tableResources } from "./tables.ts";

const target = process.argv.includes("offline") ? "local" : "aws";

const environment = target === "aws" ? awsEnvironment(services, process.env) : undefined;

const deployment = deploymentSettings(process.env);

export const functions = serverlessFunctions(services, target, environment, {
  callbacks: deployment.CALLBACK_CONCURRENCY,
  relays: deployment.RELAY_CONCURRENCY,
});

/** The tables of all services, with the names and the deletion policy that serverless.yml has for this stage, and what AWS needs besides. */
export const resources = async ({ resolveVariable }) => {
  const stage = await resolveVariable("sls:stage");
  const options = {
    family: await resolveVariable("self:custom.tables"),
    // On this machine data ends with its folder.
    onRemoval:
      target === "local" ? "Delete" : await resolveVariable(`self:custom.onRemoval.${stage}, 'Retain'`),
    narrow: target === "aws" && !deployment.WHOLE_INDEXES,
  };
  const tables = tableResources(
    services.flatMap((service) => service.tables),
    options,
  );
  if (target === "local") return tables;
  const service = await resolveVariable("self:service");
  const prefix = `${service}-${stage}`;
  const roles = roleResources(services, {
    prefix,
    environments: environment,
    secretsKey: process.env[SECRETS_KMS_KEY] ?? "",
  });
  return {
    ...tables,
    ...relayFailuresResource(service, stage),
    ...alarmResources(services, functions, { prefix, topic: process.env[ALARM_TOPIC] ?? "" }),
    ...countedRouteResources(services, prefix),
    ...dashboardResource(services, functions, prefix),
    ...logGroupResources(Object.keys(roles), prefix, deployment.LOG_RETENTION_DAYS),
    ...roles,
    ...httpApiRoleResource(functions, prefix),
    ...domainResources(deployment),
  };
};

export const outputs = target === "local" ? {} : domainOutputs(deployment);
