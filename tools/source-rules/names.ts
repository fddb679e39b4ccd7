// Names of services and providers that code in lib/ must not know: what is shared serves any of them.

import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { PROVIDERS } from "../../functions/payments/payment-method.ts";
import { services } from "../../functions/services.ts";
import { portVariable, urlVariable } from "../../lib/core/service-name.ts";
import { withoutComments } from "./source.ts";

/** A name, and whether a line of code has it. */
interface Name {
  readonly name: string;
  isIn(line: string): boolean;
}

/** The names of the service in `functions/<key>`, which the registry knows as `service`. */
export const namesOfService = (key: string, service: string): readonly Name[] => [
  { name: key, isIn: (line) => new RegExp(`\\b${key}\\b`).test(line) },
  ...[service, portVariable(service), urlVariable(service)].map((name) => ({
    name,
    isIn: (line: string) => line.includes(name),
  })),
];

const ALL: readonly Name[] = [
  ...services.flatMap(({ key, contract }) => namesOfService(key, contract.service)),
  ...PROVIDERS.map(({ method }) => ({ name: method, isIn: (line: string) => hasMethod(line, method) })),
];

/**
 * Whether `line` has the words of `method`, however they are written: `alipaySettings`, `WeChatPay` and `WECHAT_PAY_KEY` have
 * those of `alipay` and `wechat_pay`. A part of a word does not count.
 */
export function hasMethod(line: string, method: string): boolean {
  const words = line.match(/[A-Z]?[a-z]+|[A-Z]+(?![a-z])/g) ?? [];
  // `WeChat` is two words of `wechat`.
  const spelled = [...method.replaceAll("_", "")].join(" ?");
  return new RegExp(` ${spelled} `).test(` ${words.join(" ").toLowerCase()} `);
}

/** `line: name` for each of `names` in `source`. */
export function namesIn(source: string, names = ALL): string[] {
  return withoutComments(source)
    .split("\n")
    .flatMap((line, index) =>
      names.filter((one) => one.isIn(line)).map(({ name }) => `${index + 1}: ${name}`),
    );
}

/** The places in the shared code below `root` that have one of `names`, as `file:line: name`; tests may use real ones. */
export const namesInLib = (root: string, names = ALL): string[] =>
  globSync("lib/**/*.{ts,js}", { cwd: root })
    .filter((path) => !/(\.test(-d)?|\/test-[\w-]+)\.ts$/.test(path))
    .flatMap((path) =>
      namesIn(readFileSync(join(root, path), "utf8"), names).map((found) => `${path}:${found}`),
    );
