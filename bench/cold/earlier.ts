// How functions were bundled before `build/` did it: by serverless-esbuild, with the options of serverless.yml at the time.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";

/** Whether the checkout in `root` is one of these. */
export const isEarlier = (root: string): boolean => !existsSync(join(root, "build", "bundle.ts"));

/** What the functions of such a checkout find in their environment: peers' URLs had other names. */
export const earlierEnvironment = (url: string): Readonly<Record<string, string>> => ({
  ORDER_SERVICE_URL: url,
  PAYMENT_SERVICE_URL: url,
  NOTIFICATION_SERVICE_URL: url,
  RELAY_FUNCTION_PREFIX: "cfmp-order-prod-",
});

/** The bundle of the file `entry` of the checkout in `root`. It had no map. */
export async function earlierBundle(root: string, entry: string): Promise<{ readonly code: Uint8Array }> {
  const plugins = await import(pathToFileURL(join(root, "lib/deploy/esbuild-plugins.ts")).href);
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile: "bundle.mjs",
    bundle: true,
    minify: true,
    platform: "node",
    target: "node24",
    format: "esm",
    mainFields: ["module", "main"],
    external: ["nacos"],
    plugins: plugins.default,
    banner: {
      js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
    },
    write: false,
    logLevel: "silent",
  } as const);
  const [code] = outputFiles;
  if (code === undefined) throw new Error(`${entry} has no bundle`);
  return { code: code.contents };
}
