// serverless.yml reads its functions from here; a .js file, because a .ts one would be read as text.

import { providerSettings } from "../lib/config/provider-settings.ts";
import { serverlessFunctions } from "../lib/contract/functions.ts";
import { services } from "./services.ts";

const target = process.argv.includes("offline") ? "local" : "aws";

// Keys of payment providers go to PaymentService's functions alone.
const settings = Object.keys(providerSettings)
  .map((name) => [name, process.env[name] ?? ""])
  .filter(([, value]) => value !== "");

const withSettings = ([name, definition]) =>
  target === "aws" && settings.length > 0 && name.startsWith("payments-")
    ? [name, { ...definition, environment: Object.fromEntries(settings) }]
    : [name, definition];

export const functions = Object.fromEntries(
  Object.entries(serverlessFunctions(services, target)).map(withSettings),
);
