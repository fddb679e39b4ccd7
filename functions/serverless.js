// serverless.yml reads its functions from here; a .js file, because a .ts one would be read as text.

import { serverlessFunctions } from "../lib/contract/functions.ts";
import { services } from "./services.ts";

const target = process.argv.includes("offline") ? "local" : "aws";

export const functions = serverlessFunctions(services, target);
