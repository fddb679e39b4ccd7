// Plugins for esbuild, in addition to its options in serverless.yml.

import { globSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Plugin, PluginBuild } from "esbuild";
import { nodeBuiltins } from "./node-builtins.ts";

const ROOT = join(import.meta.dirname, "..");

/** A package that something else stands for in bundles, as `bundle.js` beside that says. */
interface Replacement {
  readonly package: RegExp;
  /** Whose imports are meant; without it everybody's. */
  readonly importedBy?: RegExp;
  /** The file that takes its place. */
  readonly by: string;
}

const load = createRequire(import.meta.url);

/** The replacements in the `bundle.js` of a provider's folder, with absolute paths. */
const replacements: readonly Replacement[] = globSync("functions/*/providers/*/bundle.js", {
  cwd: ROOT,
}).flatMap((path) => {
  const found: { readonly replacements: readonly Replacement[] } = load(join(ROOT, path));
  return found.replacements.map((one) => ({ ...one, by: join(ROOT, dirname(path), one.by) }));
});

/** Functions that make documents of schemas: only zod's own have what these say. */
const MAKES_DOCUMENTS = /[\\/]handlers[\\/]common\.ts$/;

function entriesOf({ initialOptions: { entryPoints } }: PluginBuild): readonly string[] {
  return Array.isArray(entryPoints) ? entryPoints.map(String) : [];
}

/**
 * Puts parts of packages, or less than a package, in the place of the whole. Of undici's HTTP parser there are two builds, and all
 * machines of Lambda have the instructions of the faster one: the other, 26 KiB of each zip with a provider's SDK, is never loaded.
 */
const packageParts: Plugin = {
  name: "package-parts",
  setup(build) {
    for (const { package: filter, importedBy, by } of replacements) {
      build.onResolve({ filter }, ({ importer }) =>
        importedBy === undefined || importedBy.test(importer) ? { path: by } : undefined,
      );
    }
    build.onResolve({ filter: /^(undici|pino)$/ }, ({ path }) => ({
      path: join(import.meta.dirname, `${path}.ts`),
    }));
    if (!entriesOf(build).some((entry) => MAKES_DOCUMENTS.test(entry)))
      build.onResolve({ filter: /^zod$/ }, () => ({ path: join(import.meta.dirname, "zod", "index.ts") }));
    build.onResolve({ filter: /\/llhttp-wasm\.js$/ }, ({ importer, path }) => ({
      path: join(dirname(importer), path.replace("llhttp-wasm", "llhttp_simd-wasm")),
    }));
    // What stands in for packages that nobody uses would fail at the first request that needs one.
    build.onLoad({ filter: /[\\/]local[\\/]left-out[\\/]/ }, () => ({
      errors: [{ text: "A package that is left out would be part of this bundle: see local/left-out" }],
    }));
  },
};

/** Modules that are loaded on demand, each with the functions that may need it: other bundles do not contain it. */
const LOADED_BY_NEED: readonly {
  readonly modules: RegExp;
  /** Whose imports are meant; without it everybody's. */
  readonly importedBy?: RegExp;
  /** Without it none may need it. */
  readonly functions?: RegExp;
  /** True for what is so large that it has files of its own, which are read when it is needed. */
  readonly large?: true;
}[] = [
  {
    // What Nacos tells by UDP or gRPC, and heartbeats: a process that is frozen between requests keeps no connection (lib/nacos/api.ts).
    modules: /[\\/](push-receiver|grpc-session|beat-line)\.ts$/,
  },
  {
    // The adapters of payment providers, with their SDKs: for functions that call a provider.
    modules: /^\.\//,
    importedBy: /[\\/]providers[\\/][^\\/]+[\\/]index\.ts$/,
    functions: /payments[\\/]handlers[\\/](create-payment|cancel-payment|callback|relay)\.ts$/,
    large: true,
  },
  {
    // For functions that send mail.
    modules: /^nodemailer$/,
    functions: /notifications[\\/]handlers[\\/]relay\.ts$/,
  },
  {
    // For functions that send Web Push.
    modules: /^@block65\/webcrypto-web-push$/,
    functions: /notifications[\\/]handlers[\\/]relay\.ts$/,
  },
  {
    // For functions that send to webhooks.
    modules: /^standardwebhooks$/,
    functions: /notifications[\\/]handlers[\\/](webhook-relay|webhooks)\.ts$/,
  },
  {
    // For functions that write contacts, records of live connections, of push subscriptions or of webhooks.
    modules: /^dynamoose$/,
    functions:
      /notifications[\\/]handlers[\\/](send-notification|read-all|preferences|connect-live|subscriptions|webhooks)\.ts$/,
  },
];

/** Leaves out what the list of services loads only for commands and checks. */
const noCommands: Plugin = {
  name: "no-commands",
  setup(build) {
    build.onResolve({ filter: /^\.\// }, ({ kind, importer, path }) =>
      kind === "dynamic-import" && SERVICE_LIST.test(importer) ? { path, external: true } : undefined,
    );
  },
};

const SERVICE_LIST = /[\\/]functions[\\/]services\.ts$/;

/** Leaves modules that are loaded on demand out of functions that never need them. */
const loadedByNeed: Plugin = {
  name: "loaded-by-need",
  setup(build) {
    const entries = entriesOf(build);
    for (const { modules, importedBy = /./, functions } of LOADED_BY_NEED) {
      if (functions !== undefined && entries.some((entry) => functions.test(entry))) continue;
      build.onResolve({ filter: modules }, ({ kind, importer, path }) =>
        kind === "dynamic-import" && importedBy.test(importer) ? { path, namespace: "left-out" } : undefined,
      );
    }
    build.onLoad({ filter: /.*/, namespace: "left-out" }, ({ path }) => ({
      contents: `throw new Error(${JSON.stringify(`${path} is not part of this function`)});`,
    }));
  },
};

/** Whether the bundle of `entry` has large parts that are loaded on demand. */
export const hasLargeParts = (entry: string): boolean =>
  LOADED_BY_NEED.some(({ functions, large }) => large === true && functions?.test(entry) === true);

export default [packageParts, loadedByNeed, noCommands, nodeBuiltins];
