// The parts of osls that `serverless offline start` uses. The rest, half of its modules, is for deploying, for schemas that are
// validated when the project is packaged, and for values that serverless.yml may ask AWS for.

import nodeModule from "node:module";
import { dirname, join } from "node:path";
import { loadReporterLater } from "./reporter.ts";
import { loadWhenUsed, membersWhenUsed, provide } from "./stand-in.ts";

const osls = nodeModule.createRequire(
  nodeModule.createRequire(import.meta.url).resolve("serverless/package.json"),
);

/** Modules of functions and classes, none of which `offline start` uses unless serverless.yml asks for a value of AWS (`${ssm:…}`). */
export const USED_SELDOM = [
  "./lib/classes/yaml-parser/http-ref-reader.js",
  "./lib/classes/config-schema-handler/resolve-ajv-validate.js",
  "./lib/aws/config.js",
  "./lib/aws/credentials.js",
  "@aws-sdk/client-cloudformation",
  "@aws-sdk/client-ecr",
  "@aws-sdk/client-s3",
  "@aws-sdk/client-ssm",
  "@aws-sdk/client-sts",
];

/** What osls uses of `semver` at a start, each in a file of its own: half of the package. */
export const SEMVER = {
  coerce: "semver/functions/coerce.js",
  satisfies: "semver/functions/satisfies.js",
  validRange: "semver/ranges/valid.js",
};

/** Where osls lists its own plugins, and the one that others need: the provider. */
export const PLUGINS = "./lib/plugins/index.js";
export const PROVIDER = "./lib/plugins/aws/provider.js";

let seldomUsedWaits = false;

/** To be called before osls is loaded: it loads seldom used modules when they are used. */
export function loadSeldomUsedLater(): void {
  for (const name of USED_SELDOM) loadWhenUsed(osls.resolve(name));
  loadReporterLater(osls);
  membersWhenUsed(osls.resolve("semver"), SEMVER);
  // What osls reads serverless.yml with, which the package also has in one file instead of 25: 8 ms of CPU.
  const yaml = dirname(osls.resolve("js-yaml/package.json"));
  provide(osls.resolve("js-yaml"), () => osls(join(yaml, "dist", "js-yaml.js")));
  seldomUsedWaits = true;
}

/**
 * What only the provider must not load: three functions with which it keeps credentials. The SDK's clients have classes that extend
 * some of this module, for which a stand-in does not do.
 */
export const CREDENTIALS = "@smithy/core";

/** To be called before osls loads its plugins: it loads none of its own commands, of which `offline start` is none. */
export function loadProviderAlone(): void {
  provide(osls.resolve(PLUGINS), () => {
    // Otherwise the provider loads the SDK's clients.
    const end = seldomUsedWaits ? loadWhenUsed(osls.resolve(CREDENTIALS)) : () => {};
    const provider = osls(PROVIDER);
    end();
    return [provider];
  });
}
