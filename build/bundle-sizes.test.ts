// How much each function's archive may weigh: a cold start reads all of it. `npm run bench:cold` measures what it costs.

import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { services } from "../functions/services.ts";
import { bundleOf } from "./bundle.ts";
import { serverlessFunctions } from "./functions.ts";
import { zipOf } from "./zip.ts";

const ROOT = join(import.meta.dirname, "..");
const KIB = 1_024;
/** KiB of the source map, zipped. It is not read before an error is shown. */
const MAP_KIB = 30;

/** The budgets are those of three services. KiB more for each further one, whose name and settings all functions have. */
const FURTHER_KIB = 1;
const furtherKib = FURTHER_KIB * Math.max(0, services.length - 3);

/** The first that fits: KiB of code, zipped, of a function's handlers. */
const BUDGETS: readonly { readonly why: string; readonly handlers: RegExp; readonly kib: number }[] = [
  {
    why: "the SDKs of both payment providers, in files of their own",
    handlers: /^payments\/(create-payment|cancel-payment|callback|relay)$/,
    kib: 243,
  },
  {
    why: "records by dynamoose, with its SDK",
    handlers: /^notifications\/(connect-live|read-all|preferences|subscriptions|webhooks|send-notification)$/,
    kib: 239,
  },
  { why: "mail and Web Push", handlers: /^notifications\/relay$/, kib: 153 },
  { why: "zod, of which the API's document is made", handlers: /\/common$/, kib: 102 },
  { why: "nothing but what all have, and orders", handlers: /^orders\//, kib: 73 },
  {
    why: "nothing but what all have, payments with the checks of their providers' settings, and the contract of orders",
    handlers: /^payments\//,
    kib: 77,
  },
  { why: "nothing but what all have, and notifications", handlers: /./, kib: 76 },
];

/** Files of handlers that are deployed; those that share a function are parts of its file. */
const handlers = [
  ...new Set(
    Object.values(serverlessFunctions(services, "aws")).map(({ handler }) =>
      handler.replace(/^functions\/(.+)\/handlers\/(.+)\.\w+$/, "$1/$2"),
    ),
  ),
].sort();

test.each(handlers)("%s is no heavier than it has reason to be", async (name) => {
  const [service, file] = name.split("/");
  const { code, map, parts } = await bundleOf(
    join(ROOT, "functions", `${service}`, "handlers", `${file}.ts`),
  );
  const files = [...new Map([...parts, [`${file}.mjs`, code], [`${file}.mjs.map`, map]])];
  const zipped = (maps: boolean) => zipOf(new Map(files.filter(([name]) => name.endsWith(".map") === maps)));
  expect((await zipped(false)).length / KIB).toBeLessThanOrEqual(
    (BUDGETS.find((one) => one.handlers.test(name))?.kib ?? 0) + furtherKib,
  );
  expect((await zipped(true)).length / KIB).toBeLessThanOrEqual(MAP_KIB);
});

test("every budget is for something", () => {
  for (const { handlers: of } of BUDGETS) expect(handlers.some((name) => of.test(name))).toBe(true);
});
