// What serverless.yml reads from the environment by more than its name; a .js file, because a .ts one would be read as text.

import { httpApiCors } from "./deployed-settings.ts";

const offline = process.argv.includes("offline");

/**
 * Ends the tables' names: stages live side by side in one account. On this machine each has a database of its own.
 */
export const tableSuffix = async ({ resolveVariable }) =>
  offline ? "" : `-${await resolveVariable("sls:stage")}`;

/** On this machine the listeners' guard answers for CORS_ORIGINS. */
export const cors = () => (offline ? false : httpApiCors(process.env));
