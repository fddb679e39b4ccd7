// Values that serverless.yml computes from the environment. A .js file, because osls would read a .ts file as text.

import { httpApiCors } from "./deployed-settings.ts";

const offline = process.argv.includes("offline");

/**
 * The suffix of table names, since stages share one account. On this machine each stage has its own database.
 */
export const tableSuffix = async ({ resolveVariable }) =>
  offline ? "" : `-${await resolveVariable("sls:stage")}`;

/** On this machine the guard of the listeners handles CORS_ORIGINS. */
export const cors = () => (offline ? false : httpApiCors(process.env));
