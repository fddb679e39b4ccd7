import { execFile } from "node:child_process";
import { appendFile, cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

const root = join(import.meta.dirname, "..", "..", "..");

const INDEX = `
import * as z from "zod";
import { defineProvider } from "../definition.ts";
export const tea_shop = defineProvider({
  method: "tea_shop",
  name: "Tea Shop",
  needed: { TEA_SHOP_ID: z.string().describe("Id of your shop"), TEA_SHOP_KEY: z.string() },
  further: { TEA_SHOP_CUPS: z.enum(["one", "two"]).default("two").describe("How many cups") },
  checks: { whileLive: 1_000, afterEnd: undefined },
  replies: { taken: { status: 204, body: undefined }, refused: () => undefined },
  load: async (settings) => (await import("./tea-shop.ts")).createTeaShop(settings.TEA_SHOP_ID),
});
`;

const ADAPTER = `
export const createTeaShop = (id) => ({
  method: "tea_shop",
  open: async () => ({ code: id }),
});
`;

/** Asks the copy what it knows of the provider. */
const QUESTIONS = `
import { readFileSync } from "node:fs";
import { build } from "esbuild";
import plugins from "./build/esbuild-plugins.ts";
import { awsEnvironment } from "./build/environment.ts";
import { services } from "./functions/services.ts";
import { requireServiceSettings, settingNames } from "./functions/settings.ts";
import { payments } from "./functions/payments/contract.ts";
import { nextLiveCheck } from "./functions/payments/payment-checks.ts";
import { offeredProviders } from "./functions/payments/providers/offered.ts";
import { documents } from "./tools/generate/documents.ts";

const env = { TEA_SHOP_ID: "7", TEA_SHOP_KEY: "k", PAYMENT_CALLBACK_BASE_URL: "https://shop.example" };
const offered = (given) => offeredProviders(given, false, {});
const problem = (given) => { try { requireServiceSettings(given); } catch (error) { return error.problems; } };
const inputs = async (name) => {
  const { metafile } = await build({
    entryPoints: ["functions/payments/handlers/" + name + ".ts"], outdir: "out", write: false, metafile: true,
    bundle: true, platform: "node", format: "esm", external: ["nacos"], plugins, logLevel: "silent",
  });
  return Object.keys(metafile.inputs).some((path) => path.endsWith("tea-shop/tea-shop.ts"));
};
const body = { order_id: "0190a000-0000-7000-8000-000000000001", method: "tea_shop" };
const example = documents.find(({ path }) => path === ".env.example");
console.log(JSON.stringify({
  example: await example.derive(readFileSync(".env.example", "utf8")),
  named: settingNames.filter((name) => name.startsWith("TEA_")),
  half: problem({ TEA_SHOP_ID: "7" }),
  takes: payments.routes.createPayment.body.safeParse(body).success,
  offered: offered(env).has("tea_shop"),
  withoutKey: offered({ ...env, TEA_SHOP_KEY: "" }).has("tea_shop"),
  opens: await offered(env).get("tea_shop").open({}),
  check: nextLiveCheck({ method: "tea_shop", expires_at: "2030-01-01T00:00:00Z", checks: 0 }, 0),
  aws: [...awsEnvironment(services, env)].filter(([, all]) => "TEA_SHOP_KEY" in all).map(([key]) => key),
  bundles: { callback: await inputs("callback"), "get-payment": await inputs("get-payment") },
}));
`;

describe("a fourth payment provider is a folder and a line", () => {
  let folder: string;
  let known: Record<string, unknown>;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "cfmp-provider-"));
    for (const part of ["functions", "lib", "build", "tools", "package.json", ".env.example"]) {
      await cp(join(root, part), join(folder, part), { recursive: true });
    }
    await symlink(join(root, "node_modules"), join(folder, "node_modules"));
    const providers = join(folder, "functions", "payments", "providers");
    await mkdir(join(providers, "tea-shop"));
    await writeFile(join(providers, "tea-shop", "index.ts"), INDEX);
    await writeFile(join(providers, "tea-shop", "tea-shop.ts"), ADAPTER);
    await appendFile(join(providers, "index.ts"), 'export { tea_shop } from "./tea-shop/index.ts";\n');
    await writeFile(join(folder, "questions.ts"), QUESTIONS);
    const env = { PATH: process.env["PATH"] };
    const { stdout } = await promisify(execFile)(process.execPath, ["questions.ts"], { cwd: folder, env });
    known = JSON.parse(stdout);
  }, 120_000);

  afterAll(() => rm(folder, { recursive: true, force: true }));

  test("its settings are known, and refused when they are set in part", () => {
    expect(known["named"]).toEqual(["TEA_SHOP_ID", "TEA_SHOP_KEY", "TEA_SHOP_CUPS"]);
    expect(known["half"]).toEqual([
      "TEA_SHOP_KEY is missing: Tea Shop needs it",
      "PAYMENT_CALLBACK_BASE_URL is missing: Tea Shop needs it",
    ]);
  });

  test(".env.example shows its settings with what they are and their defaults", () => {
    expect(known["example"]).toContain(
      "# - Tea Shop\n# Id of your shop\nTEA_SHOP_ID=\nTEA_SHOP_KEY=\n# How many cups\nTEA_SHOP_CUPS=two\n",
    );
  });

  test("the contract takes its method, and it is offered where it is set whole", () => {
    expect(known).toMatchObject({ takes: true, offered: true, withoutKey: false, opens: { code: "7" } });
  });

  test("attempts are checked by its plan", () => {
    expect(known["check"]).toBe(1_000);
  });

  test("on AWS only PaymentService is given its keys, and only functions that ask providers carry its adapter", () => {
    expect(known).toMatchObject({ aws: ["payments"], bundles: { callback: true, "get-payment": false } });
  });
});
