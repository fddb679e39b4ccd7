// Names of services and providers that code in lib/ must not know: what is shared serves any of them.

import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { PROVIDERS } from "../../../functions/payments/payment-method.ts";
import { services } from "../../../functions/services.ts";
import { portVariable, urlVariable } from "../../../lib/core/service-name.ts";
import { withoutComments } from "./source.ts";

/** Each name with what finds it. Of a provider also a part of a longer name counts: `alipaySettings`. */
const patterns: readonly { readonly name: string; readonly pattern: RegExp }[] = [
  ...services.flatMap(({ key, contract: { service } }) => [
    { name: key, pattern: new RegExp(`\\b${key}\\b`) },
    ...[service, portVariable(service), urlVariable(service)].map((name) => ({
      name,
      pattern: new RegExp(name),
    })),
  ]),
  ...PROVIDERS.map(({ method }) => {
    const stem = method.replace(/_.*/, "");
    return { name: stem, pattern: new RegExp(stem, "i") };
  }),
];

/** `line: name` for each name in `source`. */
export function namesIn(source: string): string[] {
  return withoutComments(source)
    .split("\n")
    .flatMap((line, index) =>
      patterns.filter(({ pattern }) => pattern.test(line)).map(({ name }) => `${index + 1}: ${name}`),
    );
}

/** All such names in the shared code below `root`, as `file:line: name`; tests may use real ones. */
export const namesInLib = (root: string): string[] =>
  globSync("lib/**/*.{ts,js}", { cwd: root })
    .filter((path) => !/(\.test(-d)?|\/test-[\w-]+)\.ts$/.test(path))
    .flatMap((path) => namesIn(readFileSync(join(root, path), "utf8")).map((found) => `${path}:${found}`));
