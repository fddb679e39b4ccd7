// Leaves parts of the system out of the functions that never use them. Their composition is the same everywhere, in tests, on one
// machine and on AWS; in a bundle `absent` stands for what is left out, and fails when it is used after all.

import { readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import type { Plugin } from "esbuild";

const ROOT = join(import.meta.dirname, "..");

export interface Part {
  /** Its files, from the project's folder. */
  readonly files: RegExp;
  /** The functions that use it: handlers' files. Without it, none on AWS. */
  readonly functions?: RegExp;
}

/** What is left out, and of which functions it is a part after all. */
export const PARTS: readonly Part[] = [
  // A process that is frozen between requests keeps no connection, and has no files and no listeners of its own.
  { files: /^lib\/discovery\/(peer\/in-process|resolver\/snapshots|instances\/background-probes)\.ts$/ },
  { files: /^lib\/config\/kept-text\.ts$/ },
  // It takes v3 or v1 of Nacos (lib/nacos/api.ts), and registers nothing.
  { files: /^lib\/(nacos\/(grpc-client|package)|discovery\/registry\/nacos-grpc|config\/grpc-config)\.ts$/ },
  // The embedded database is on the same machine.
  { files: /^lib\/storage\/embedded-transport\.ts$/ },
  { files: /^functions\/notifications\/live\/instance-transport\.ts$/ },
  // A relay is a function of its own, which others invoke (lib/outbox/hint.ts).
  { files: /^functions\/orders\/order-relay\.ts$/, functions: /^orders\/relay$/ },
  { files: /^functions\/payments\/payment-relay\.ts$/, functions: /^payments\/relay$/ },
  {
    files: /^functions\/payments\/providers\/sandbox\/sandbox-relay\.ts$/,
    functions: /^payments\/sandbox-relay$/,
  },
  {
    files: /^functions\/notifications\/(notification-relay|channels\/email|push\/push-service)\.ts$/,
    functions: /^notifications\/relay$/,
  },
  {
    files: /^functions\/notifications\/webhooks\/webhook-relay\.ts$/,
    functions: /^notifications\/webhook-relay$/,
  },
  {
    files: /^functions\/notifications\/webhooks\/(webhook-sender|delivery-log)\.ts$/,
    functions: /^notifications\/(webhook-relay|webhooks)$/,
  },
  {
    files: /^functions\/notifications\/unsubscribe-links\.ts$/,
    functions: /^notifications\/(relay|preferences)$/,
  },
  {
    files: /^functions\/notifications\/webhooks\/webhook-records\.ts$/,
    functions: /^notifications\/(record-event|webhook-relay|webhooks)$/,
  },
  {
    // Who gets what: a function that only reads or marks notifications has no use for it.
    files:
      /^functions\/notifications\/(contact-records|push\/subscription-records|live\/(connection-records|live|api-transport))\.ts$/,
    functions:
      /^notifications\/(record-event|send-notification|relay|(connect|disconnect|message)-live|preferences|read-all|subscriptions)$/,
  },
  {
    files: /^lib\/http\/outgoing\.ts$/,
    functions: /^notifications\/(relay|webhook-relay|webhooks|subscriptions)$/,
  },
];

/** As the table has it: `orders/get-order` for `functions/orders/handlers/get-order.ts`. */
const functionOf = (entry: string): string =>
  entry.replaceAll(sep, "/").replace(/^.*\/functions\/(.+)\/handlers\/(.+)\.ts$/, "$1/$2");

/** What a file of ours exports by name, as they are all written. */
const EXPORTED = /^export (?:async )?(?:function|const|class) (\w+)/gm;

const NAMESPACE = "absent";

/** Whether an input of a bundle, as esbuild names it, is only a stand-in. */
export const isAbsent = (input: string): boolean => input.startsWith(`${NAMESPACE}:`);

/** Puts {@link absent} in the place of what `entry` never uses. */
export function absentParts(entry: string): Plugin {
  const name = functionOf(entry);
  const left = PARTS.filter(({ functions }) => functions?.test(name) !== true);
  return {
    name: "absent-parts",
    setup(build) {
      build.onResolve({ filter: /^\..*\.ts$/ }, ({ resolveDir, path, namespace }) => {
        if (namespace === NAMESPACE) return undefined;
        const file = relative(ROOT, join(resolveDir, path)).replaceAll(sep, "/");
        if (!left.some(({ files }) => files.test(file))) return undefined;
        // From the project's folder: the source map names it.
        return { path: file, namespace: NAMESPACE, sideEffects: false };
      });
      build.onLoad({ filter: /.*/, namespace: NAMESPACE }, async ({ path }) => {
        const names = [...(await readFile(join(ROOT, path), "utf8")).matchAll(EXPORTED)].map(
          ([, exported]) => exported ?? "",
        );
        const lines = names.map((one) => `export const ${one} = /* @__PURE__ */ absent("${one}");`);
        return {
          contents: [`import { absent } from "./absent.ts";`, ...lines].join("\n"),
          resolveDir: import.meta.dirname,
        };
      });
    },
  };
}
