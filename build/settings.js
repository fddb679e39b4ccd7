// Values that serverless.yml computes from the environment. A .js file, because osls would read a .ts file as text.

import { ACCESS_LOG_FORMAT } from "./access-log.ts";
import { httpApiCors } from "./deployed-settings.ts";
import { deploymentSettings } from "./deployment.ts";

const offline = process.argv.includes("offline");

/**
 * What the names of tables begin with: DB_NAME (empty: not set), and the stage, since stages share one account. On this machine
 * each stage has its own database.
 */
export const tables = async ({ resolveVariable }) => {
  const name = process.env.DB_NAME || "cfmp-order";
  return offline ? name : `${name}-${await resolveVariable("sls:stage")}`;
};

/** On this machine the guard of the listeners handles CORS_ORIGINS. */
export const cors = () => (offline ? false : httpApiCors(process.env));

const { LOG_RETENTION_DAYS, TAGS } = deploymentSettings(process.env);

export const logRetentionDays = LOG_RETENTION_DAYS;

export const accessLogFormat = ACCESS_LOG_FORMAT;

export const tags = async ({ resolveVariable }) => ({
  service: await resolveVariable("self:service"),
  stage: await resolveVariable("sls:stage"),
  ...TAGS,
});
